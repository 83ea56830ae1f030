"""The facts in the console: stock pages, read by many, kept by the administrator."""

from accounts.admin import contracts, imports, people, records

__all__ = ["contracts", "imports", "people", "records"]
