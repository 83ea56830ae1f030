"""Working time counted by the minute, in the plainest way: a second implementation.

It knows nothing of ours. It walks, and asks of every minute whether it lies in office
hours of a working day in that zone. What the clocks there show is looked up for every
quarter of an hour: no zone is off by less, no clock is changed in the middle of one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE, QUARTER = timedelta(minutes=1), timedelta(minutes=15)
NINE, HALF_PAST_FIVE = time(9, 0), time(17, 30)
AROUND_NINE = time(8, 45)
TICKS = [n * MINUTE for n in range(15)]
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=500_000)
def wall(quarter: datetime, zone: str) -> datetime:
    """What the clocks there show."""
    return quarter.astimezone(ZoneInfo(zone))


def quarters(start: datetime) -> Iterator[datetime]:
    """Every quarter of an hour, from that in which `start` lies."""
    quarter = start.astimezone(UTC)
    quarter -= (quarter - EPOCH) % QUARTER
    while True:
        yield quarter
        quarter += QUARTER


@dataclass(frozen=True)
class Office:
    """Days off and made-up days count from `first` to `last`; else Monday to Friday."""

    zone: str
    first: date
    last: date
    off: frozenset[date]
    on: frozenset[date]

    def works(self, day: date) -> bool:
        if self.first <= day <= self.last:
            if day in self.on:
                return True
            if day in self.off:
                return False
        return day.weekday() < 5

    def day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def is_open(self, quarter: datetime) -> bool:
        shown = wall(quarter, self.zone)
        return NINE <= shown.time() < HALF_PAST_FIVE and self.works(shown.date())

    def minutes(self, start: datetime) -> Iterator[datetime]:
        """Every open minute from `start` on, by its beginning."""
        start = start.astimezone(UTC)
        for quarter in quarters(start):
            shown = wall(quarter, self.zone)
            if shown.time() < AROUND_NINE or not self.works(shown.date()):
                continue
            for ticks in TICKS:
                is_office_hour = NINE <= (shown + ticks).time() < HALF_PAST_FIVE
                if is_office_hour and quarter + ticks >= start:
                    yield quarter + ticks

    def working_minutes(self, start: datetime, end: datetime) -> int:
        for count, minute in enumerate(self.minutes(start)):
            if minute >= end:
                return count
        raise AssertionError("There is no end of minutes.")

    def after(self, start: datetime, minutes: int) -> datetime:
        if not minutes:
            return start.astimezone(UTC)
        for count, minute in enumerate(self.minutes(start), start=1):
            if count == minutes:
                return minute + MINUTE
        raise AssertionError("There is no end of minutes.")

    def due(self, start: datetime, days: int) -> datetime:
        """The end of the last open minute of the nth open day after today."""
        seen: list[date] = []
        last = start
        for minute in self._quarters(start):
            day = self.day(minute)
            if day == self.day(start):
                continue
            if day not in seen:
                if len(seen) == days:
                    return last + QUARTER
                seen.append(day)
            last = minute
        raise AssertionError("There is no end of days.")

    def last_closing_before(self, day: date) -> datetime:
        """The end of the last open minute of an earlier day."""
        quarter = datetime.combine(day + timedelta(days=2), time.min, UTC)
        while not (self.is_open(quarter) and self.day(quarter) < day):
            quarter -= QUARTER
        return quarter + QUARTER

    def openings_after(self, day: date, number: int) -> list[datetime]:
        """The first open minute of each of the next open days."""
        found: dict[date, datetime] = {}
        start = datetime.combine(day - timedelta(days=2), time.min, UTC)
        for quarter in self._quarters(start):
            if self.day(quarter) > day:
                found.setdefault(self.day(quarter), quarter)
            if len(found) == number:
                return list(found.values())
        raise AssertionError("There is no end of days.")

    def _quarters(self, start: datetime) -> Iterator[datetime]:
        """Every open quarter of an hour; offices open and close on one."""
        return (quarter for quarter in quarters(start) if self.is_open(quarter))
