"""The reviewers' console: what is registered with the admin, a file each."""

from refunds.admin import (
    backtests,
    calendars,
    clauses,
    kept,
    policies,
    policy_versions,
    requests,
    settings,
)

__all__ = [
    "backtests",
    "calendars",
    "clauses",
    "kept",
    "policies",
    "policy_versions",
    "requests",
    "settings",
]
