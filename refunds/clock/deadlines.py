"""Deadline arithmetic. Pure: a calendar of working days and moments in, moments out.

"N working days" starts counting on the next working day and is due at close of
business, 17:30, of the Nth. Office hours are 9:00 to 17:30 in the calendar's zone.
Moments that come out are in UTC: between two of the same zone, Python subtracts what
the clocks on the wall show, and a change of clocks would be lost.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from typing import NamedTuple

from refunds.policy import calendar as days_of
from refunds.policy.calendar import WorkingDays

OPENS, CLOSES = time(9, 0), time(17, 30)
OFFICE_DAY = timedelta(hours=8, minutes=30)
OVERDUE_REMINDERS = 5


class Moments(NamedTuple):
    """When a deadline warns, and when it is due."""

    warn_at: datetime
    due_at: datetime


class Break(NamedTuple):
    """From when to when a clock stood still."""

    stopped_at: datetime
    resumed_at: datetime


class Rung(IntEnum):
    """The reminder ladder, in order; overdue ones go to the superior too."""

    WARN = 0
    DAY_BEFORE = 1
    DUE = 2
    OVERDUE_1 = 3
    OVERDUE_2 = 4
    OVERDUE_3 = 5
    OVERDUE_4 = 6
    OVERDUE_5 = 7

    @property
    def stage(self) -> str:
        return self.name.lower()

    @property
    def is_overdue(self) -> bool:
        return self > Rung.DUE


def local_day(calendar: WorkingDays, moment: datetime) -> date:
    return days_of.local_day(moment, time_zone=calendar.time_zone)


def opening(calendar: WorkingDays, day: date) -> datetime:
    return days_of.at(day, OPENS, time_zone=calendar.time_zone)


def closing(calendar: WorkingDays, day: date) -> datetime:
    return days_of.at(day, CLOSES, time_zone=calendar.time_zone)


def due_after(calendar: WorkingDays, moment: datetime, *, days: int) -> datetime:
    """Close of business of the Nth working day after the day of `moment`."""
    return closing(calendar, calendar.add(local_day(calendar, moment), days))


def working_time(calendar: WorkingDays, start: datetime, end: datetime) -> timedelta:
    """Office hours between two moments; nothing if they are the wrong way round."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        return timedelta()
    first, last = local_day(calendar, start), local_day(calendar, end)
    total = OFFICE_DAY * calendar.between(first, last)
    if calendar.is_working(last):
        total -= _until_closing(calendar, end, last)
    if calendar.is_working(first):
        total += _until_closing(calendar, start, first)
    return total


def _until_closing(calendar: WorkingDays, moment: datetime, day: date) -> timedelta:
    left = closing(calendar, day) - moment
    return min(max(left, timedelta()), OFFICE_DAY)


def after_working_time(
    calendar: WorkingDays, start: datetime, left: timedelta
) -> datetime:
    """The moment at which `left` of office hours has passed since `start`."""
    start = start.astimezone(UTC)
    if left <= timedelta():
        return start
    today, rest = local_day(calendar, start), timedelta()
    if calendar.is_working(today):
        rest = _until_closing(calendar, start, today)
    if left <= rest:
        return max(start, opening(calendar, today)) + left
    whole, over = divmod(left - rest, OFFICE_DAY)
    if not over:
        whole, over = whole - 1, OFFICE_DAY
    return opening(calendar, calendar.add(today, whole + 1)) + over


def laid_out(
    calendar: WorkingDays,
    started_at: datetime,
    *,
    days: tuple[int, int],
    breaks: Iterable[Break] = (),
) -> Moments:
    """When a clock of (warn, due) working days ends, that stood still now and then.

    It goes on with what was left, in whole seconds; a warning that was passed stays.
    """
    warn_at, due_at = (due_after(calendar, started_at, days=each) for each in days)
    for stopped_at, resumed_at in breaks:
        left = whole_seconds(working_time(calendar, stopped_at, due_at))
        warn_left = whole_seconds(working_time(calendar, stopped_at, warn_at))
        due_at = after_working_time(calendar, resumed_at, left)
        if warn_left:
            warn_at = after_working_time(calendar, resumed_at, warn_left)
    return Moments(warn_at, due_at)


def whole_seconds(span: timedelta) -> timedelta:
    return timedelta(seconds=int(span.total_seconds()))


def rung_at(
    calendar: WorkingDays, rung: Rung, *, warn_at: datetime, due_at: datetime
) -> datetime:
    """When a rung of the ladder is reached."""
    due_day = local_day(calendar, due_at)
    if rung is Rung.WARN:
        return warn_at
    if rung is Rung.DAY_BEFORE:
        return closing(calendar, calendar.sub(due_day, 1))
    if rung is Rung.DUE:
        return due_at
    return opening(calendar, calendar.add(due_day, rung - Rung.DUE))


def ladder(
    calendar: WorkingDays, *, warn_at: datetime, due_at: datetime
) -> list[tuple[datetime, Rung]]:
    """Every rung in the order of time; of two at the same moment the later speaks."""
    return sorted(
        (rung_at(calendar, rung, warn_at=warn_at, due_at=due_at), rung) for rung in Rung
    )


def reached(
    rungs: list[tuple[datetime, Rung]], *, at: datetime, after: Rung | None
) -> Rung | None:
    """The last rung reached by `at` and not told yet: what was missed is told once."""
    passed = [rung for moment, rung in rungs if moment <= at]
    if not passed or (after is not None and passed[-1] <= after):
        return None
    return passed[-1]


def next_moment(
    rungs: list[tuple[datetime, Rung]], *, after: datetime
) -> datetime | None:
    """When the ladder speaks next, or None once its last rung is passed."""
    return next((moment for moment, _rung in rungs if moment > after), None)


def first_working_moment(calendar: WorkingDays, moment: datetime) -> datetime:
    """`moment` itself on a working day, else the opening of the next one."""
    day = local_day(calendar, moment)
    if calendar.is_working(day):
        return moment
    return opening(calendar, calendar.next_working_day(day))
