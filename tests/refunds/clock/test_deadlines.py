"""Deadline arithmetic, in tables and against a minute-by-minute count."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refunds.clock.deadlines import (
    CLOSES,
    OPENS,
    Rung,
    after_working_time,
    due_after,
    first_working_moment,
    ladder,
    next_moment,
    reached,
    working_time,
)
from refunds.policy.calendar import WorkingDays

SHANGHAI = ZoneInfo("Asia/Shanghai")
# The National Day of 2026: off from 1 to 7 October, made up on 20 September, a Sunday,
# and on 10 October, a Saturday.
OFF = [date(2026, 9, 25), *(date(2026, 10, day) for day in range(1, 8))]
MADE_UP = [date(2026, 9, 20), date(2026, 10, 10)]


def calendar(time_zone: str = "Asia/Shanghai") -> WorkingDays:
    return WorkingDays.from_exceptions(
        time_zone,
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
        known_until=date(2026, 12, 31),
        off=OFF,
        on=MADE_UP,
    )


def local(day: int, hour: int, minute: int = 0, *, month: int = 9) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("asked", "days", "due"),
    [
        pytest.param(local(14, 10), 1, local(15, 17, 30), id="the next working day"),
        pytest.param(local(14, 23), 1, local(15, 17, 30), id="late at night too"),
        pytest.param(local(18, 10), 1, local(20, 17, 30), id="a make-up Sunday counts"),
        pytest.param(local(19, 10), 1, local(20, 17, 30), id="asked on a day off"),
        pytest.param(
            local(30, 10), 1, local(8, 17, 30, month=10), id="the holiday does not"
        ),
        pytest.param(
            local(30, 10),
            3,
            local(10, 17, 30, month=10),
            id="made up on Saturday",
        ),
    ],
)
def test_n_working_days_start_on_the_next_and_end_at_half_past_five(
    asked: datetime, days: int, due: datetime
) -> None:
    assert due_after(calendar(), asked, days=days) == due


MOMENTS = st.datetimes(
    min_value=datetime(2026, 9, 10),  # noqa: DTZ001 - made aware below
    max_value=datetime(2026, 10, 25),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(second=0, microsecond=0))
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"])


@given(start=MOMENTS, minutes=st.integers(0, 20_000), zone=ZONES)
@settings(max_examples=100, derandomize=True, deadline=None)
def test_working_time_is_what_a_count_of_every_minute_gives(
    start: datetime, minutes: int, zone: str
) -> None:
    days = calendar(zone)
    end = start + timedelta(minutes=minutes)
    assert working_time(days, start, end) == timedelta(
        minutes=count_minutes(days, start, minutes)
    )


def count_minutes(days: WorkingDays, start: datetime, minutes: int) -> int:
    zone = ZoneInfo(days.time_zone)
    moments = (start + timedelta(minutes=n) for n in range(minutes))
    locals_ = (moment.astimezone(zone) for moment in moments)
    return sum(
        OPENS <= moment.time() < CLOSES and days.is_working(moment.date())
        for moment in locals_
    )


@given(start=MOMENTS, minutes=st.integers(1, 6_000), zone=ZONES)
@settings(max_examples=200, derandomize=True, deadline=None)
def test_what_was_left_is_what_passes_until_the_new_due_moment(
    start: datetime, minutes: int, zone: str
) -> None:
    days, left = calendar(zone), timedelta(minutes=minutes)
    due = after_working_time(days, start, left)
    assert working_time(days, start, due) == left
    assert working_time(days, start, due - timedelta(seconds=1)) < left


def test_nothing_left_is_due_at_once() -> None:
    assert after_working_time(calendar(), local(14, 20), timedelta()) == local(14, 20)


def test_the_ladder_goes_from_the_warning_to_five_days_late() -> None:
    rungs = ladder(calendar(), warn_at=local(16, 17, 30), due_at=local(21, 17, 30))
    assert rungs == [
        (local(16, 17, 30), Rung.WARN),
        (local(20, 17, 30), Rung.DAY_BEFORE),
        (local(21, 17, 30), Rung.DUE),
        (local(22, 9), Rung.OVERDUE_1),
        (local(23, 9), Rung.OVERDUE_2),
        (local(24, 9), Rung.OVERDUE_3),
        (local(28, 9), Rung.OVERDUE_4),
        (local(29, 9), Rung.OVERDUE_5),
    ]


def test_what_was_missed_is_told_once() -> None:
    rungs = ladder(calendar(), warn_at=local(16, 17, 30), due_at=local(21, 17, 30))
    assert reached(rungs, at=local(16, 12), after=None) is None
    assert reached(rungs, at=local(23, 10), after=None) is Rung.OVERDUE_2
    assert reached(rungs, at=local(23, 11), after=Rung.OVERDUE_2) is None
    assert next_moment(rungs, after=local(23, 11)) == local(24, 9)
    assert next_moment(rungs, after=local(29, 9)) is None


def test_nothing_is_said_on_a_day_off() -> None:
    days = calendar()
    assert first_working_moment(days, local(3, 12, month=10)) == local(8, 9, month=10)
    assert first_working_moment(days, local(20, 12)) == local(20, 12)
