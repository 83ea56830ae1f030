"""Working days of mainland China: holidays off, make-up days on, counted fast."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refunds.policy.calendar import WorkingDays, local_day, midnight
from tests.refunds.policy.properties import few
from tests.refunds.policy.situations import CHINA, at

BARE = WorkingDays.from_exceptions(
    "Asia/Shanghai",
    first=date(2026, 1, 1),
    last=date(2026, 12, 31),
    known_until=date(2026, 12, 31),
)
days = st.dates(date(1995, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        pytest.param(date(2026, 1, 4), True, id="make-up Sunday after new year"),
        pytest.param(date(2026, 2, 14), True, id="make-up Saturday, Spring Festival"),
        pytest.param(date(2026, 2, 16), False, id="eve of the Spring Festival"),
        pytest.param(date(2026, 2, 23), False, id="last day of the festival"),
        pytest.param(date(2026, 2, 24), True, id="first day after it"),
        pytest.param(date(2026, 2, 28), True, id="make-up Saturday after it"),
        pytest.param(date(2026, 3, 1), False, id="an ordinary Sunday"),
        pytest.param(date(2026, 10, 1), False, id="National Day, a Thursday"),
        pytest.param(date(2027, 2, 8), True, id="unannounced year: a Monday"),
        pytest.param(date(2027, 10, 2), False, id="unannounced year: a Saturday"),
        pytest.param(date(2003, 10, 1), True, id="before the calendar: a Wednesday"),
    ],
)
def test_a_day_is_a_working_day_or_not(day: date, *, works: bool) -> None:
    assert CHINA.is_working(day) is works


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        pytest.param(date(2026, 1, 5), 1, date(2026, 1, 6), id="tomorrow"),
        pytest.param(date(2026, 1, 5), 0, date(2026, 1, 5), id="none"),
        pytest.param(date(2026, 2, 13), 1, date(2026, 2, 14), id="make-up Saturday"),
        pytest.param(date(2026, 2, 14), 1, date(2026, 2, 24), id="over the festival"),
        pytest.param(date(2026, 2, 18), 1, date(2026, 2, 24), id="from inside it"),
        pytest.param(date(2026, 12, 31), 1, date(2027, 1, 1), id="beyond: a Friday"),
        pytest.param(date(2026, 12, 31), 2, date(2027, 1, 4), id="beyond: a Monday"),
        pytest.param(date(2003, 12, 31), 2, date(2004, 1, 5), id="into coverage"),
    ],
)
def test_working_days_are_added(day: date, n: int, expected: date) -> None:
    assert CHINA.add(day, n) == expected


def test_the_next_working_day_is_the_day_itself_where_it_works() -> None:
    assert CHINA.next_working_day(date(2026, 2, 14)) == date(2026, 2, 14)
    assert CHINA.next_working_day(date(2026, 2, 15)) == date(2026, 2, 24)


def test_counting_back_is_no_adding_of_negative_days() -> None:
    with pytest.raises(ValueError, match="counts back"):
        CHINA.add(date(2026, 1, 5), -1)
    with pytest.raises(ValueError, match="counts on"):
        CHINA.sub(date(2026, 1, 5), -1)


def test_what_is_not_announced_is_provisional() -> None:
    assert not CHINA.is_provisional(date(2026, 12, 31))
    assert CHINA.is_provisional(date(2027, 1, 1))


@few
@given(day=days, n=st.integers(1, 600))
def test_adding_matches_walking_day_by_day(day: date, n: int) -> None:
    walked, left = day, min(n, 40)
    while left:
        walked += timedelta(days=1)
        left -= CHINA.is_working(walked)
    assert CHINA.add(day, min(n, 40)) == walked
    assert CHINA.between(day, CHINA.add(day, n)) == n


@few
@given(day=days, n=st.integers(1, 600))
def test_subtracting_undoes_adding_from_a_working_day(day: date, n: int) -> None:
    start = CHINA.next_working_day(day)
    assert CHINA.sub(CHINA.add(start, n), n) == start


@few
@given(first=days, length=st.integers(0, 900), day=days, n=st.integers(0, 60))
def test_an_excerpt_answers_alike_inside(
    first: date, length: int, day: date, n: int
) -> None:
    last = first + timedelta(days=length)
    if last < CHINA.first or first > CHINA.last:
        return
    part = CHINA.excerpt(first, last)
    if part.first <= day and CHINA.add(day, n) <= part.last:
        assert part.add(day, n) == CHINA.add(day, n)


def test_an_excerpt_beyond_the_calendar_is_monday_to_friday() -> None:
    part = CHINA.excerpt(date(2030, 1, 1), date(2030, 12, 31))
    assert part.add(date(2030, 9, 30), 1) == date(2030, 10, 1)
    assert part.is_provisional(date(2030, 10, 1))


@pytest.mark.parametrize("calendar", [CHINA, BARE], ids=["china", "weekdays"])
def test_a_calendar_survives_storage(calendar: WorkingDays) -> None:
    written = json.loads(json.dumps(calendar.as_dict()))
    assert WorkingDays.from_dict(written) == calendar


def test_a_day_begins_at_its_own_midnight() -> None:
    assert midnight(date(2026, 1, 5), time_zone="Asia/Shanghai") == at("2026-01-05")
    assert local_day(at("2026-01-05 02:00"), time_zone="Europe/London") == date(
        2026, 1, 4
    )
