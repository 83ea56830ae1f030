"""What a fact must look like, before it is kept: for forms, imports and models alike.

Everything here is cheap and asks no database; `checks.py` says the same to it.
"""

import re
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.countries import SATURDAY, SUNDAY, countable, weekend_of
from accounts.minor_units import exact

# ISO 4217, in use or once; ISO 3166; the years in which anything was or will be sold.
CURRENCIES = frozenset(list_currencies())
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)
FIRST_MOMENT, LAST_MOMENT = (
    datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (FIRST_DAY, LAST_DAY)
)

METRICS = ("availability", "bandwidth", "latency", "jitter", "loss")
# Regular expressions that Python, PostgreSQL and SQLite read alike.
METRIC = rf"([a-z0-9]+_)*({'|'.join(METRICS)})(_[a-z0-9]+)*"
LEVEL = r"[0-9]{1,12}(\.[0-9]{1,6})?"
SHARE = r"(0(\.[0-9]{1,9})?|1(\.0{1,9})?)"
REFUNDABLE = ("never", "before_activation", "always")
HUNDRED_PER_CENT = 100


def currency_code(value: str) -> None:
    if value not in CURRENCIES:
        raise ValidationError(
            _("“%(value)s” is no currency. Write its ISO code, such as CNY or USD."),
            params={"value": value},
        )


def time_zone_name(value: str) -> None:
    if value not in _time_zones():
        raise ValidationError(
            _(
                "“%(value)s” is no time zone. Write it as area and city, such as "
                "Asia/Shanghai."
            ),
            params={"value": value},
        )


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def counted_country(value: str) -> None:
    """One whose working days we can count, by its holidays and its weekend."""
    weekend = weekend_of(value)
    if weekend is None:
        raise ValidationError(
            _("“%(value)s” is no country. Write its two letters, such as CN or US."),
            params={"value": value},
        )
    if weekend != (SATURDAY, SUNDAY):
        raise ValidationError(
            _(
                "The working days of %(value)s can't be counted: its weekend is not "
                "Saturday and Sunday. Choose the calendar of another country that the "
                "contract accepts."
            ),
            params={"value": value},
        )
    if value not in countable():
        raise ValidationError(
            _(
                "The working days of %(value)s can't be counted: its public holidays "
                "are not known to us. Choose the calendar of another country that the "
                "contract accepts."
            ),
            params={"value": value},
        )


def plausible_day(value: date) -> None:
    if not FIRST_DAY <= value <= LAST_DAY:
        raise _wrong_year(value)


def plausible_moment(value: datetime) -> None:
    if not FIRST_MOMENT <= value <= LAST_MOMENT:
        raise _wrong_year(value)


def _wrong_year(value: date) -> ValidationError:
    return ValidationError(
        _("The year %(year)s can't be right."), params={"year": str(value.year)}
    )


def metric_name(value: str) -> None:
    """As `refunds.policy.facts.Reading` wants it; a test compares the two."""
    if not re.fullmatch(METRIC, value):
        raise ValidationError(
            _(
                "“%(value)s” is no metric that we know. Name one with %(known)s in it, "
                "such as availability or latency_ms."
            ),
            params={"value": value, "known": ", ".join(METRICS)},
        )


def exact_decimal(value: str) -> None:
    if not re.fullmatch(LEVEL, value):
        raise ValidationError(
            _("“%(value)s” is no plain number. Write digits, such as 99.95 or 80."),
            params={"value": value},
        )


def possible_level(value: str, *, metric: str) -> None:
    """Availability is in per cent; what is no number is not looked at."""
    if "availability" not in metric.split("_") or not re.fullmatch(LEVEL, value):
        return
    if exact(value) > HUNDRED_PER_CENT:
        raise ValidationError(
            _("Availability is in per cent: %(value)s is more than 100."),
            params={"value": value},
        )


def share(value: str) -> None:
    if not re.fullmatch(SHARE, value):
        raise ValidationError(
            _("“%(value)s” is no share. Write a number from 0 to 1, such as 0.5."),
            params={"value": value},
        )


def refundable(value: str) -> None:
    if value in REFUNDABLE:
        return
    try:
        share(value)
    except ValidationError:
        raise ValidationError(
            _(
                "“%(value)s” does not say how much comes back. Write never, "
                "before_activation, always, or a share from 0 to 1, such as 0.5."
            ),
            params={"value": value},
        ) from None


def promised_levels(value: Any) -> None:
    """A mapping of metrics to levels, both as text."""
    if not isinstance(value, dict):
        raise ValidationError(_("Promised levels are metrics, each with its level."))
    for metric, level in value.items():
        metric_name(metric)
        if not isinstance(level, str):
            raise ValidationError(
                _("Write the level of %(metric)s as text, so that it stays exact."),
                params={"metric": metric},
            )
        exact_decimal(level)
        possible_level(level, metric=metric)
