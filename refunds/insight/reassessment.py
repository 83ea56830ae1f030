"""Every stored assessment computed again from what was stored; none may differ."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from refunds.insight.kept import (
    CANT_JUDGE,
    clauses_of,
    facts_of,
    rules_of,
    working_days_of,
)
from refunds.models import Assessment
from refunds.policy.assess import assess
from refunds.policy.assessment import Assessment as Answer

BATCH = 1_000


class Stored(NamedTuple):
    """JSON as text; `number` is the request's."""

    pk: int
    number: str
    rule: str
    denied: str
    amount: int | None
    ceiling: int | None
    facts: str
    rules: str
    clauses: str
    working_days: str
    answer: object


class Difference(NamedTuple):
    """`stored` and `now`: what was answered, and what the same facts give now."""

    number: str
    assessment: int
    stored: str
    now: str


class Checked(NamedTuple):
    size: int
    differences: list[Difference]


def reassess(*, since: date | None = None) -> Iterator[Checked]:
    """In batches, in bounded memory; `since`: kept on that day or later."""
    rows = Assessment.objects.order_by("pk")
    if since is not None:
        rows = rows.filter(at__date__gte=since)
    position = 0
    while found := _read(rows.filter(pk__gt=position)[:BATCH]):
        differences = [d for d in map(_difference, found) if d is not None]
        yield Checked(len(found), differences)
        position = found[-1].pk


def _read(rows: QuerySet[Assessment]) -> list[Stored]:
    texts = ("facts", "rules", "clauses", "working_days")
    columns = ("pk", "request__number", "rule", "denied", "amount", "ceiling")
    return [
        Stored(*row)
        for row in rows.values_list(
            *columns, *(Cast(text, TextField()) for text in texts), "answer"
        )
    ]


def _difference(stored: Stored) -> Difference | None:
    try:
        answered = Answer.from_dict(stored.answer)  # type: ignore[arg-type]
    except CANT_JUDGE as error:
        return Difference(stored.number, stored.pk, f"unreadable: {error}", "")
    columns = (stored.rule, stored.denied, stored.amount, stored.ceiling)
    try:
        now = _again(stored)
    except CANT_JUDGE as error:
        return Difference(stored.number, stored.pk, str(columns), f"refused: {error}")
    if columns != _columns(now):
        return Difference(stored.number, stored.pk, str(columns), str(_columns(now)))
    if answered != now:
        return Difference(stored.number, stored.pk, *_first_unlike(answered, now))
    return None


def _again(stored: Stored) -> Answer:
    return assess(
        facts_of(stored.facts),
        rules=rules_of(stored.rules),
        clauses=clauses_of(stored.clauses),
        calendar=working_days_of(stored.working_days),
    )


def _columns(answer: Answer) -> tuple[str, str, int | None, int | None]:
    return answer.rule or "", answer.denied or "", answer.amount, answer.ceiling


def _first_unlike(stored: Answer, now: Answer) -> tuple[str, str]:
    """The part of the answer, such as `ledger`, and how both have it."""
    part = next(
        field.name
        for field in fields(Answer)
        if getattr(stored, field.name) != getattr(now, field.name)
    )
    return f"{part} {getattr(stored, part)}", f"{part} {getattr(now, part)}"
