"""What an assessment rests on, from the JSON it was kept as. Fast: equal texts, such
as rules and working days, are read once."""

import json
from functools import lru_cache

from refunds.policy import plain
from refunds.policy.calendar import WorkingDays
from refunds.policy.clauses import Clause
from refunds.policy.errors import PolicyError
from refunds.policy.facts import Facts
from refunds.policy.rule import Rule

# What rules, or rows that were tampered with, can make the engine say.
CANT_JUDGE = (PolicyError, ArithmeticError, LookupError, TypeError, ValueError)


def facts_of(text: str) -> Facts:
    return Facts.from_dict(json.loads(text))


@lru_cache(maxsize=1_000)
def clauses_of(text: str) -> tuple[Clause, ...]:
    return plain.load(tuple[Clause, ...], json.loads(text))


@lru_cache(maxsize=1_000)
def rules_of(text: str) -> tuple[Rule, ...]:
    return tuple(Rule.from_dict(rule) for rule in json.loads(text))


def working_days_of(text: str) -> WorkingDays:
    """Of whole years: outside of its range a calendar is Monday to Friday anyway, so
    this one answers the same, and many ranges share it."""
    written = json.loads(text)
    written["first"] = f"{written['first'][:4]}-01-01"
    written["last"] = f"{written['last'][:4]}-12-31"
    return _years(json.dumps(written))


# Three years take 30 kB.
@lru_cache(maxsize=500)
def _years(text: str) -> WorkingDays:
    return WorkingDays.from_dict(json.loads(text))
