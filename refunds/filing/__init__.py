"""The customer asks: estimate, draft, evidence, submission."""
