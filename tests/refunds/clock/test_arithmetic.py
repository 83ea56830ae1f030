"""Deadline arithmetic against a count of every minute: time zones, clocks that change,
days made up, breaks. Some hundred cases; with TORTURE set, twenty thousand."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from random import Random
from zoneinfo import ZoneInfo

import pytest

from refunds.clock.deadlines import (
    OVERDUE_REMINDERS,
    Break,
    Moments,
    Rung,
    after_working_time,
    due_after,
    ladder,
    laid_out,
    working_time,
)
from refunds.policy.calendar import WorkingDays
from tests.refunds.clock.by_the_minute import Office

# Nights on which the clocks there change, and one on which a zone moved for good.
CHANGES = {
    "Asia/Shanghai": [date(2026, 10, 1)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1), date(2027, 3, 14)],
    "Europe/Berlin": [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4), date(2027, 4, 4)],
    "Africa/Cairo": [date(2026, 4, 24), date(2026, 10, 30), date(2027, 4, 30)],
    "Africa/Casablanca": [date(2026, 2, 15), date(2026, 3, 22), date(2027, 2, 7)],
    "America/St_Johns": [date(2026, 3, 8), date(2026, 11, 1)],
    "Asia/Kathmandu": [date(2026, 5, 1)],
    "Pacific/Chatham": [date(2026, 4, 5), date(2026, 9, 27)],
    "Asia/Almaty": [date(2024, 3, 1)],
}
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class Case:
    """Everything about it follows from its number."""

    def __init__(self, number: int) -> None:
        self.dice = Random(number)
        self.zone = self.dice.choice(list(CHANGES))
        change = self.dice.choice(CHANGES[self.zone])
        self.begin = change - self.dice.randint(0, 12) * DAY
        self.office = self._office()
        self.ours = WorkingDays.from_exceptions(
            self.zone,
            first=self.office.first,
            last=self.office.last,
            known_until=self.office.last,
            off=self.office.off,
            on=self.office.on,
        )

    def _office(self) -> Office:
        days = [self.begin + n * DAY for n in range(-10, 40)]
        dice = self.dice
        holiday = dice.randrange(len(days))
        off = {*dice.sample(days, 3), *days[holiday : holiday + dice.randint(0, 8)]}
        return Office(
            zone=self.zone,
            first=days[0],
            last=days[dice.randint(15, len(days) - 1)],
            off=frozenset(off),
            on=frozenset(day for day in dice.sample(days, 8) if day not in off),
        )

    def moment(self, *, within: int, since: datetime | None = None) -> datetime:
        """A whole minute, told in one of the ways in which moments come."""
        earliest = since or datetime.combine(
            self.begin, datetime.min.time(), ZoneInfo(self.zone)
        ).astimezone(UTC)
        found = earliest.astimezone(UTC) + self.dice.randint(0, within) * MINUTE
        ways: list[tzinfo] = [UTC, ZoneInfo(self.zone), ZoneInfo("Asia/Tokyo")]
        return found.astimezone(self.dice.choice(ways))

    def breaks(self, start: datetime) -> list[Break]:
        found: list[Break] = []
        for _number in range(self.dice.choice((0, 1, 1, 2, 3))):
            stopped = self.moment(within=4_000, since=start)
            start = self.moment(within=5_000, since=stopped)
            found.append(Break(stopped, start))
        return found


def agree(numbers: Iterable[int]) -> None:
    for number in numbers:
        case = Case(number)
        start = case.moment(within=14 * 24 * 60)
        days = case.dice.randint(1, 7)
        _agree_on_counting(case, start)
        _agree_on_days(case, start, days)
        _agree_on_breaks(case, start, days)


def _agree_on_counting(case: Case, start: datetime) -> None:
    end = case.moment(within=8_000, since=start)
    minutes = case.office.working_minutes(start, end)
    assert working_time(case.ours, start, end) == minutes * MINUTE, case.__dict__
    left = case.dice.choice((minutes, case.dice.randint(0, 2_600), 510, 1_020))
    assert after_working_time(case.ours, start, left * MINUTE) == case.office.after(
        start, left
    ), case.__dict__


def _agree_on_days(case: Case, start: datetime, days: int) -> None:
    due = due_after(case.ours, start, days=days)
    assert due == case.office.due(start, days), case.__dict__


def _agree_on_breaks(case: Case, start: datetime, days: int) -> None:
    warn = case.dice.randint(1, days)
    breaks = case.breaks(start)
    found = laid_out(case.ours, start, days=(warn, days), breaks=breaks)
    assert found == replayed(case.office, start, (warn, days), breaks), case.__dict__
    rungs = ladder(case.ours, warn_at=found.warn_at, due_at=found.due_at)
    assert rungs == sorted(climbed(case.office, found)), case.__dict__


def replayed(
    office: Office, start: datetime, days: tuple[int, int], breaks: list[Break]
) -> Moments:
    """A warning that was passed before a break stays where it was."""
    warn, due = office.due(start, days[0]), office.due(start, days[1])
    for stopped, resumed in breaks:
        left = office.working_minutes(stopped, due) if stopped < due else 0
        if stopped < warn and (warn_left := office.working_minutes(stopped, warn)):
            warn = office.after(resumed, warn_left)
        due = office.after(resumed, left)
    return Moments(warn, due)


def climbed(office: Office, found: Moments) -> list[tuple[datetime, Rung]]:
    day = office.day(found.due_at)
    late = office.openings_after(day, OVERDUE_REMINDERS)
    return [
        (found.warn_at, Rung.WARN),
        (office.last_closing_before(day), Rung.DAY_BEFORE),
        (found.due_at, Rung.DUE),
        *zip(late, list(Rung)[Rung.OVERDUE_1 :], strict=True),
    ]


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_every_moment_is_what_a_count_of_minutes_gives(first: int) -> None:
    agree(range(first, first + 50))


@pytest.mark.torture
@pytest.mark.parametrize("first", range(1_000_000, 1_020_000, 1_000))
def test_both_agree_on_twenty_thousand_cases(first: int) -> None:
    agree(range(first, first + 1_000))


@pytest.mark.parametrize(
    ("zone", "night", "hours"),
    [
        pytest.param("America/New_York", date(2026, 3, 8), 23, id="an hour is lost"),
        pytest.param("America/New_York", date(2026, 11, 1), 25, id="one is won"),
        pytest.param("Australia/Lord_Howe", date(2026, 4, 5), 24.5, id="half of one"),
    ],
)
def test_a_night_of_another_length_takes_no_working_time(
    zone: str, night: date, hours: float
) -> None:
    """Open on that Sunday: from midnight to midnight, moments of one zone object."""
    office = WorkingDays.from_exceptions(
        zone, first=night - 9 * DAY, last=night + 9 * DAY, known_until=night, on=[night]
    )
    here = ZoneInfo(zone)
    midnight = datetime(night.year, night.month, night.day, tzinfo=here)
    next_midnight = midnight + DAY  # on the wall
    assert next_midnight.astimezone(UTC) - midnight.astimezone(UTC) == timedelta(
        hours=hours
    )
    whole = timedelta(hours=8, minutes=30)
    assert working_time(office, midnight, next_midnight) == whole
    assert after_working_time(office, midnight, whole) == midnight.replace(
        hour=17, minute=30
    )


def test_moments_come_out_in_utc_so_that_they_may_be_subtracted() -> None:
    """Due before and after a change of clocks: two moments of one zone object would be
    an hour wrong."""
    office = WorkingDays.from_exceptions(
        "Europe/Berlin",
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
        known_until=date(2026, 12, 31),
    )
    friday = datetime(2026, 3, 26, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    before, after = (due_after(office, friday, days=n) for n in (1, 2))
    assert after - before == timedelta(hours=3 * 24 - 1)


def test_a_seconds_rest_is_kept_over_a_break_and_less_is_not() -> None:
    office = WorkingDays.from_exceptions(
        "Asia/Shanghai",
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
        known_until=date(2026, 12, 31),
    )
    start = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
    stopped = datetime(2026, 11, 17, 9, 29, 58, 300_000, tzinfo=UTC)
    resumed = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
    found = laid_out(office, start, days=(1, 1), breaks=[Break(stopped, resumed)])
    assert found == (resumed + timedelta(seconds=1),) * 2
