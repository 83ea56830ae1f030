"""Sign-in, contracts and services: the customer's own facts."""
