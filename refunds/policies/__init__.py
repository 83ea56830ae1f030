"""What a policy version goes through: draft, published, superseded; in and out."""
