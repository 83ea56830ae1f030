"""What we tell people. A notice is a row first; mail leaves after the commit."""
