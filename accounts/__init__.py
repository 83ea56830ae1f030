"""Who our customers are, what they bought and paid: the facts."""
