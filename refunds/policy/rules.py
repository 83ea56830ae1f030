"""The rules of a policy: what they are, what a contract changes, the default ones."""

import json
from functools import cache
from pathlib import Path

from refunds.policy.clauses import Clause, apply_clauses
from refunds.policy.rule import (
    EVIDENCE_KINDS,
    FORMULAS,
    Days,
    Limit,
    Rule,
    Tier,
)

__all__ = [
    "DEFAULT_VERSION",
    "EVIDENCE_KINDS",
    "FORMULAS",
    "Clause",
    "Days",
    "Limit",
    "Rule",
    "Tier",
    "apply_clauses",
    "load_defaults",
]

DEFAULTS = Path(__file__).with_name("defaults.json")
DEFAULT_VERSION = 1


@cache
def load_defaults() -> dict[str, tuple[Rule, ...]]:
    """The default rules of each product line, by position; from defaults.json."""
    data = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    return {
        line: tuple(Rule.from_dict({"product_line": line, **rule}) for rule in rules)
        for line, rules in data["product_lines"].items()
    }
