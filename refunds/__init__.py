"""A refund's life, from the question to the money. The map is in README.md."""
