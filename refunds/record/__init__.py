"""What happened: events, their hash chain, the case file."""
