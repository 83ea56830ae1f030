"""Import and export of the facts, a file per table."""
