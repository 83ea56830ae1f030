"""Chance with a liking for edges: ends of windows, odd cents, days around holidays."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from tests.refunds.policy.oracle.money import DIGITS
from tests.refunds.policy.oracle.timeline import HOUR, SECOND

T = TypeVar("T")

DAY = 24 * HOUR
ZONES = (
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Havana",
    "Africa/Cairo",
    "Pacific/Apia",
    "America/Santiago",
)
# Holidays, make-up days, clock changes, a leap day, years not announced.
DAYS = (
    "2025-01-20",
    "2025-01-26",
    "2025-02-07",
    "2025-03-30",
    "2025-04-24",
    "2025-04-25",
    "2025-09-27",
    "2025-10-08",
    "2025-10-25",
    "2025-11-02",
    "2025-12-31",
    "2026-01-01",
    "2026-01-03",
    "2026-02-13",
    "2026-02-16",
    "2026-02-28",
    "2026-03-08",
    "2026-03-29",
    "2026-04-03",
    "2026-04-24",
    "2026-04-30",
    "2026-05-08",
    "2026-06-18",
    "2026-09-19",
    "2026-09-30",
    "2026-10-10",
    "2026-10-31",
    "2026-11-01",
    "2026-12-24",
    "2024-02-29",
    "2027-02-05",
    "2027-10-01",
)
OFFSETS = (0, 480, -300, 345, 630, 840, -720)


class Dice(Random):
    """Seeded: the same number gives the same throws."""

    def chance(self, percent: float) -> bool:
        return self.random() * 100 < percent

    def one(self, **weights: float) -> str:
        return self.choices(list(weights), list(weights.values()))[0]

    def maybe(self, percent: float, make: Callable[[], T]) -> T | None:
        return make() if self.chance(percent) else None

    def zone(self) -> str:
        return "Asia/Shanghai" if self.chance(55) else self.choice(ZONES)

    def day(self) -> date:
        if self.chance(70):
            near = date.fromisoformat(self.choice(DAYS))
            return near + timedelta(days=self.randint(-12, 3))
        return date(2025, 1, 1) + timedelta(days=self.randrange(900))

    def clock_time(self, day: date, *, zone: str) -> int:
        """Some moment of the day, often its first or last."""
        hour = self.choice((0, 0, 9, 17, 23, self.randrange(24)))
        minute, second = self.choice(((0, 0), (59, 59), (30, 0), (29, 59), (30, 1)))
        at = datetime(
            day.year, day.month, day.day, hour, minute, second, tzinfo=ZoneInfo(zone)
        )
        return int(at.timestamp()) * SECOND

    def nudge(self, at: int) -> int:
        """The moment, or one just beside it."""
        beside = (0, 0, SECOND, -SECOND, 60 * SECOND, -60 * SECOND, 1, HOUR, -HOUR)
        return at + self.choice(beside)

    def written(self, at: int) -> str:
        """ISO 8601, in whatever offset somebody might have written it."""
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
        offset = timezone(timedelta(minutes=self.choice(OFFSETS)))
        return moment.astimezone(offset).isoformat()

    def money(self, *, below: int, currency: str) -> str:
        """Whole minor units; odd ones make halves when shared."""
        minor = self.choice((self.randrange(below), self.randrange(below) | 1, 0))
        return decimal(minor, currency=currency)

    def near(self, minor: int, *, currency: str) -> str:
        close = (minor, minor - 1, minor + 1, minor // 2, self.randrange(minor + 2))
        return decimal(max(0, self.choice(close)), currency=currency)

    def share(self) -> str:
        return self.choice(("0.8", "1/3", "0.5", "1", "0", "2/7", "0.125"))


def decimal(minor: int, *, currency: str) -> str:
    whole, rest = divmod(minor, 10 ** DIGITS[currency])
    digits = DIGITS[currency]
    return f"{whole}.{rest:0{digits}}" if digits else str(whole)


def minor_units(text: str, *, currency: str) -> int:
    return int(Fraction(text) * 10 ** DIGITS[currency])
