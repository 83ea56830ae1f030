"""The reviewers' console: what is registered with the admin, a file each."""

from refunds.admin import kept, requests, settings

__all__ = ["kept", "requests", "settings"]
