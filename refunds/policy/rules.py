"""The rules of a policy: what they are, what a contract changes, the default ones."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from refunds.policy import plain
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
    "EVIDENCE_KINDS",
    "FORMULAS",
    "Clause",
    "Days",
    "Limit",
    "Rule",
    "Tier",
    "Word",
    "apply_clauses",
    "load_defaults",
    "load_words",
]

DEFAULTS = Path(__file__).with_name("defaults.json")


@dataclass(frozen=True)
class Word:
    """What a word of the policy means and how it is measured, in en and zh."""

    title: Mapping[str, str]
    text: Mapping[str, str]


@cache
def load_defaults() -> dict[str, tuple[Rule, ...]]:
    """The default rules of each product line, by position; from defaults.json."""
    data = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    return {
        line: tuple(Rule.from_dict({"product_line": line, **rule}) for rule in rules)
        for line, rules in data["product_lines"].items()
    }


@cache
def load_words() -> dict[str, Word]:
    """What unavailable, degraded, used and delivered mean; from defaults.json."""
    data = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    return {name: plain.load(Word, word) for name, word in data["words"].items()}
