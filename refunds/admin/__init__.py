"""The reviewers' console: what is registered with the admin, a file each."""

from refunds.admin import home, kept, requests, settings

__all__ = ["home", "kept", "requests", "settings"]
