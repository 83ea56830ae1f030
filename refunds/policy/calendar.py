"""Working days as a value that is handed in: which they are, how they are counted.

A working day of mainland China: public holidays are off, make-up Saturdays and Sundays
(调休) are on; what is not announced yet counts Monday to Friday.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
FRIDAY = 4


def midnight(day: date, *, time_zone: str) -> datetime:
    """0:00 of the day in that zone (IANA name), as a moment in UTC."""
    return at(day, time.min, time_zone=time_zone)


def at(day: date, hour: time, *, time_zone: str) -> datetime:
    """That hour of that day in that zone, as a moment in UTC."""
    return datetime.combine(day, hour, ZoneInfo(time_zone)).astimezone(UTC)


def local_day(moment: datetime, *, time_zone: str) -> date:
    """The day that the moment falls on in that zone."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


@dataclass(frozen=True)
class WorkingDays:
    """The working days from `first` to `last`; Monday to Friday outside.

    time_zone    IANA name; office hours are told in it
    days         every working day from `first` to `last`, sorted
    known_until  the last day whose holidays are announced
    """

    time_zone: str
    first: date
    last: date
    days: tuple[date, ...]
    known_until: date
    opens: time = time(9)
    closes: time = time(17, 30)

    @classmethod
    def from_exceptions(
        cls,
        time_zone: str,
        *,
        first: date,
        last: date,
        known_until: date,
        off: Iterable[date] = (),
        on: Iterable[date] = (),
    ) -> "WorkingDays":
        """Monday to Friday from `first` to `last`, without `off` and with `on`."""
        weekdays = set(_monday_to_friday(first, last)) - set(off)
        days = weekdays | {day for day in on if first <= day <= last}
        return cls(time_zone, first, last, tuple(sorted(days)), known_until)

    def corrected(self, corrections: Iterable[tuple[date, bool]]) -> "WorkingDays":
        """Each of these days, from `first` to `last`, is working or is off."""
        days = set(self.days)
        for day, working in corrections:
            days.discard(day)
            if working and self.first <= day <= self.last:
                days.add(day)
        return replace(self, days=tuple(sorted(days)))

    def is_working(self, day: date) -> bool:
        return self._count(day) > self._count(day - DAY)

    def next_working_day(self, day: date) -> date:
        """The day itself where it is a working day."""
        return self._nth(self._count(day - DAY) + 1)

    def add(self, day: date, n: int) -> date:
        """The nth working day after `day`; `day` itself for n = 0."""
        if n < 0:
            raise ValueError(f"can't add {n} working days; sub() counts back")
        return self._nth(self._count(day) + n) if n else day

    def sub(self, day: date, n: int) -> date:
        """The nth working day before `day`; `day` itself for n = 0."""
        if n < 0:
            raise ValueError(f"can't subtract {n} working days; add() counts on")
        return self._nth(self._count(day - DAY) - n + 1) if n else day

    def between(self, a: date, b: date) -> int:
        """How many working days lie in (a, b]; negative where b is before a."""
        return self._count(b) - self._count(a)

    def is_provisional(self, day: date) -> bool:
        """Whether the holidays around that day are still unannounced."""
        return day > self.known_until

    def excerpt(self, first: date, last: date) -> "WorkingDays":
        """The same answers from `first` to `last`, in fewer days; Monday to Friday
        where nothing of that is covered."""
        start, end = max(first, self.first), min(last, self.last)
        if start > end:
            return replace(
                self, first=first, last=last, days=_monday_to_friday(first, last)
            )
        days = self.days[bisect_left(self.days, start) : bisect_right(self.days, end)]
        return replace(self, first=start, last=end, days=days)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON: the range, and where it departs from Monday to Friday."""
        weekdays = set(_monday_to_friday(self.first, self.last))
        off, on = weekdays.difference(self.days), set(self.days) - weekdays
        return {
            "time_zone": self.time_zone,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "known_until": self.known_until.isoformat(),
            "opens": self.opens.isoformat(),
            "closes": self.closes.isoformat(),
            "off": [day.isoformat() for day in sorted(off)],
            "on": [day.isoformat() for day in sorted(on)],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "WorkingDays":
        """Inverse of `as_dict`; KeyError or ValueError where it is something else."""
        days = cls.from_exceptions(
            data["time_zone"],
            first=date.fromisoformat(data["first"]),
            last=date.fromisoformat(data["last"]),
            known_until=date.fromisoformat(data["known_until"]),
            off=map(date.fromisoformat, data["off"]),
            on=map(date.fromisoformat, data["on"]),
        )
        opens, closes = map(time.fromisoformat, (data["opens"], data["closes"]))
        return replace(days, opens=opens, closes=closes)

    def _count(self, day: date) -> int:
        """Working days from `first` up to and with `day`; negative before `first`."""
        if day < self.first:
            return _weekdays(day) - _weekdays(self.first - DAY)
        if day > self.last:
            return len(self.days) + _weekdays(day) - _weekdays(self.last)
        return bisect_right(self.days, day)

    def _nth(self, n: int) -> date:
        """The working day whose count is n: the inverse of `_count`."""
        if n < 1:
            return _weekday(_weekdays(self.first - DAY) + n)
        if n > len(self.days):
            return _weekday(_weekdays(self.last) + n - len(self.days))
        return self.days[n - 1]


def _monday_to_friday(first: date, last: date) -> tuple[date, ...]:
    every = (first + n * DAY for n in range((last - first).days + 1))
    return tuple(day for day in every if day.weekday() <= FRIDAY)


def _weekdays(day: date) -> int:
    """Mondays to Fridays since 1 January of the year 1, a Monday, with `day`."""
    weeks, rest = divmod(day.toordinal(), 7)
    return 5 * weeks + min(rest, 5)


def _weekday(n: int) -> date:
    """The nth Monday-to-Friday day since then: the inverse of `_weekdays`."""
    weeks, rest = divmod(n - 1, 5)
    return date.fromordinal(7 * weeks + rest + 1)
