"""The reviewers' console: what is registered with the admin, a file each."""

from refunds.admin import clauses, kept, requests, settings

__all__ = ["clauses", "kept", "requests", "settings"]
