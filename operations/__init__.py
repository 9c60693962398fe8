"""What does the operator see of the whole town's machine? Pages behind a signed link that a command prints."""
