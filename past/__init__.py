"""What did another system know? Any CSV file read row by row, by a map that the town writes."""
