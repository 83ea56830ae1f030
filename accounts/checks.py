"""What the database itself refuses in the facts, whichever door they came through.

The same as `validators.py`, as far as a CHECK can say it.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import CheckConstraint, F, Q, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import Regex

from accounts import validators

CURRENCY, COUNTRY = r"\A[A-Z]{3}\Z", r"\A[A-Z]{2}\Z"
METRIC, LEVEL = (rf"\A{pattern}\Z" for pattern in (validators.METRIC, validators.LEVEL))
SHARE_OR_EMPTY = rf"\A({validators.SHARE})?\Z"
REFUNDABLE = rf"\A({'|'.join((*validators.REFUNDABLE, validators.SHARE))})\Z"
# A JSON object, as either database writes it: a blank after the colon, or none.
_PROMISE = rf'"{validators.METRIC}": ?"{validators.LEVEL}"'
PROMISED = rf"\A\{{({_PROMISE}(, ?{_PROMISE})*)?\}}\Z"


def reads(field: str, pattern: str, *, name: str) -> CheckConstraint:
    return CheckConstraint(condition=Q(**{f"{field}__regex": pattern}), name=name)


def reads_as_text(field: str, pattern: str, *, name: str) -> CheckConstraint:
    text = Cast(field, TextField())
    return CheckConstraint(condition=Q(Regex(text, pattern)), name=name)


def not_below(least: int, *fields: str, name: str) -> CheckConstraint:
    """None is allowed."""
    condition = Q()
    for field in fields:
        condition &= Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": least})
    return CheckConstraint(condition=condition, name=name)


def one_of(field: str, *known: str, name: str) -> CheckConstraint:
    return CheckConstraint(condition=Q(**{f"{field}__in": known}), name=name)


def in_order(first: str, then: str, *, name: str) -> CheckConstraint:
    """`then` may be open."""
    known = Q(**{f"{then}__gte": F(first)})
    return CheckConstraint(condition=Q(**{f"{then}__isnull": True}) | known, name=name)


def within_whole(part: str, total: str, *, name: str) -> CheckConstraint:
    """Both or neither, and the part is no more than all."""
    neither = Q(**{f"{part}__isnull": True, f"{total}__isnull": True})
    known: dict[str, Any] = {
        f"{part}__isnull": False,
        f"{total}__gte": 1,
        f"{part}__lte": F(total),
    }
    return CheckConstraint(condition=neither | Q(**known), name=name)


def both_or_neither(part: str, total: str, *, name: str) -> CheckConstraint:
    neither = Q(**{f"{part}__isnull": True, f"{total}__isnull": True})
    both = Q(**{f"{part}__isnull": False, f"{total}__gte": 1})
    return CheckConstraint(condition=neither | both, name=name)


def plausible_days(*fields: str, name: str) -> CheckConstraint:
    """In a year in which anything can be sold; None is allowed."""
    return _within(fields, validators.FIRST_DAY, validators.LAST_DAY, name)


def plausible_moments(*fields: str, name: str) -> CheckConstraint:
    return _within(fields, validators.FIRST_MOMENT, validators.LAST_MOMENT, name)


def _within(
    fields: Iterable[str], first: date, last: date, name: str
) -> CheckConstraint:
    condition = Q()
    for field in fields:
        within = Q(**{f"{field}__gte": first, f"{field}__lte": last})
        condition &= Q(**{f"{field}__isnull": True}) | within
    return CheckConstraint(condition=condition, name=name)
