"""What does the operator see of the whole town? Pages behind a signed link that a command prints."""
