"""Which days are working days: the published calendar, corrected by overrides."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

from refunds.models import CalendarOverride
from refunds.policy.calendar import WorkingDays

FIRST, LAST = date(2020, 1, 1), date(2032, 12, 31)


def working_days(*, country: str, time_zone: str) -> WorkingDays:
    """The calendar of one country, counted in one time zone. One small query."""
    overrides = CalendarOverride.objects.filter(country=country)
    corrections = tuple(overrides.order_by("day").values_list("day", "working"))
    return _build(country, time_zone, corrections)


@lru_cache(maxsize=32)
def _build(
    country: str, time_zone: str, corrections: tuple[tuple[date, bool], ...]
) -> WorkingDays:
    corrected = dict(corrections)
    known_until = _announced_until() if country == "CN" else LAST
    days = (
        day
        for day in _every_day()
        if corrected.get(day, _is_working(country, day, known_until))
    )
    return WorkingDays(
        time_zone=time_zone,
        days=tuple(days),
        first=FIRST,
        last=LAST,
        known_until=known_until,
    )


def _every_day() -> Iterable[date]:
    return (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1))


def _is_working(country: str, day: date, known_until: date) -> bool:
    if country == "CN" and day <= known_until:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5


@lru_cache(maxsize=1)
def _announced_until() -> date:
    """The last day of the last year whose holidays the calendar knows."""
    year = max(day.year for day in chinese_calendar.holidays)
    return date(year, 12, 31)
