"""Time as the specification counts it: microseconds since 1970, days, stretches."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import chinese_calendar

Stretch = tuple[int, int]

HOUR = 3_600_000_000
MINUTE = 60_000_000
SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


@cache
def moment(text: str) -> int:
    return _microseconds(datetime.fromisoformat(text))


def _microseconds(at: datetime) -> int:
    return (at.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def local_day(at: int, zone: str) -> date:
    utc = _EPOCH + timedelta(microseconds=at)
    return utc.astimezone(ZoneInfo(zone)).date()


@cache
def clock(day: date, zone: str, hour: int = 0, minute: int = 0) -> int:
    """The moment when the local clock first shows this on that day."""
    at = datetime.combine(day, time(hour, minute), ZoneInfo(zone))
    return _microseconds(at)


def midnight_after(day: date, zone: str) -> int:
    return clock(day + _DAY, zone)


@cache
def is_working(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def in_time(
    asked: int, *, after: int | None, amount: int, unit: str, zone: str
) -> bool:
    """Whether what happened at `asked` lies in the window that `after` opens."""
    if after is None or asked < after:
        return True
    if unit == "hours":
        return asked - after <= amount * HOUR
    day = local_day(after, zone)
    if unit == "calendar_days":
        return local_day(asked, zone) <= _rolled(day + amount * _DAY)
    while amount:
        day += _DAY
        amount -= is_working(day)
    return asked <= clock(day, zone, 17, 30)


def _rolled(day: date) -> date:
    return day if is_working(day) else _rolled(day + _DAY)


def month_of(at: int, zone: str) -> str:
    return local_day(at, zone).isoformat()[:7]


def month_stretch(month: str, zone: str) -> Stretch:
    first = date.fromisoformat(month + "-01")
    return clock(first, zone), clock(_next_month(first), zone)


def last_day(month: str) -> date:
    return _next_month(date.fromisoformat(month + "-01")) - _DAY


def _next_month(first: date) -> date:
    return (first + 31 * _DAY).replace(day=1)


def months_touched(stretch: Stretch, zone: str) -> list[str]:
    """The calendar months of which a stretch has a part."""
    day, months = local_day(stretch[0], zone), []
    last = local_day(max(stretch[0], stretch[1] - 1), zone)
    while day <= last:
        months.append(day.isoformat()[:7])
        day = _next_month(day.replace(day=1))
    return months


def joined(stretches: list[Stretch]) -> list[Stretch]:
    """What overlaps or touches as one: count how many are open at each edge."""
    edges = sorted(
        [(start, 0) for start, _ in stretches] + [(end, 1) for _, end in stretches]
    )
    whole, depth, opened = [], 0, 0
    for at, closes in edges:
        if depth == 0:
            opened = at
        depth += -1 if closes else 1
        if depth == 0:
            whole.append((opened, at))
    return whole


def length(stretches: list[Stretch]) -> int:
    return sum(end - start for start, end in joined(stretches))


def clipped(stretch: Stretch, to: Stretch) -> Stretch:
    start = min(max(stretch[0], to[0]), to[1])
    return start, max(start, min(stretch[1], to[1]))


def minutes_beyond(stretch: Stretch, *, given: list[Stretch]) -> int:
    """Whole minutes less the whole minutes of what was given before."""
    both = length([stretch]) + length(given) - length([stretch, *given])
    return length([stretch]) // MINUTE - both // MINUTE
