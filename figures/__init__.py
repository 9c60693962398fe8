"""What do the council's figures mean? Definitions over counted groups, without SQL and without the web."""
