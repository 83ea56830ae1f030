"""Which days are working days: the published calendar, corrected by overrides."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import lru_cache

import chinese_calendar
import holidays
from django.db import connection
from django.db.models import QuerySet

from accounts.countries import MAINLAND_CHINA
from refunds.models import CalendarOverride
from refunds.policy.calendar import WorkingDays

FIRST, LAST = date(2020, 1, 1), date(2032, 12, 31)
ANY_ZONE = "UTC"
Corrections = tuple[tuple[date, bool], ...]


def working_days(*, country: str, time_zone: str) -> WorkingDays:
    """The calendar of one country, counted in one time zone. One small query."""
    return calendar_with(corrections_of(country), country=country, time_zone=time_zone)


def corrections_of(country: str) -> Corrections:
    return corrections_among(overrides_of([country]), country)


def overrides_of(countries: Iterable[str]) -> QuerySet[CalendarOverride]:
    """Of several calendars at once; not asked yet."""
    return CalendarOverride.objects.filter(country__in=countries).order_by("day")


def corrections_among(
    overrides: Iterable[CalendarOverride], country: str
) -> Corrections:
    return tuple((row.day, row.working) for row in overrides if row.country == country)


@lru_cache(maxsize=64)
def calendar_with(
    corrections: Corrections, *, country: str, time_zone: str
) -> WorkingDays:
    """The published calendar as it would be with these corrections alone."""
    published = replace(_published(country), time_zone=time_zone)
    return published.corrected(corrections) if corrections else published


def hold_calendar() -> None:
    """Until this transaction ends, no other changes an override; all may read them."""
    if connection.vendor == "postgresql":
        table = connection.ops.quote_name(CalendarOverride._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")


@lru_cache(maxsize=64)
def _published(country: str) -> WorkingDays:
    """In no zone yet; Monday to Friday where nothing is known of a country."""
    if country == MAINLAND_CHINA:
        return _mainland_china()
    if country not in _supported():
        return WorkingDays.from_exceptions(
            ANY_ZONE, first=FIRST, last=LAST, known_until=LAST
        )
    return _elsewhere(country)


@lru_cache(maxsize=1)
def _supported() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries(include_aliases=False))


def _mainland_china() -> WorkingDays:
    """A year that is not announced counts weekends only."""
    last_announced = max(day.year for day in chinese_calendar.holidays)
    return WorkingDays.from_exceptions(
        ANY_ZONE,
        first=FIRST,
        last=LAST,
        known_until=date(last_announced, 12, 31),
        off=chinese_calendar.holidays,
        on=chinese_calendar.workdays,
    )


def _elsewhere(country: str) -> WorkingDays:
    """Nationwide public holidays. What follows the moon and is not announced yet is
    the library's estimate: it counts, and from its year on a day is provisional."""
    years = range(FIRST.year, LAST.year + 1)
    kind = getattr(holidays, country)
    language = "en_US" if "en_US" in kind.supported_languages else None
    found = holidays.country_holidays(country, years=years, language=language)
    estimated = [day.year for day, name in found.items() if "estimated" in name]
    return WorkingDays.from_exceptions(
        ANY_ZONE,
        first=FIRST,
        last=LAST,
        known_until=min(
            (date(year - 1, 12, 31) for year in estimated if year > FIRST.year),
            default=LAST,
        ),
        off=found.keys(),
        on=found.weekend_workdays,
    )
