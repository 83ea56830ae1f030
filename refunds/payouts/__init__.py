"""The money goes back, by the route it came. Never twice, never lost."""
