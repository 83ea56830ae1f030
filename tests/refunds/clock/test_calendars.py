"""Which days are working days: mainland China's, another country's, and overrides."""

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import holidays
import pytest
from django.core.exceptions import ValidationError

from accounts.countries import calendar_choices, countable
from accounts.validators import counted_country
from refunds.clock.calendars import FIRST, LAST, working_days
from refunds.clock.deadlines import due_after, local_day
from refunds.models import CalendarOverride
from refunds.policy.calendar import WorkingDays

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def calendar(country: str = "CN", time_zone: str = "Asia/Shanghai") -> WorkingDays:
    return working_days(country=country, time_zone=time_zone)


def every_day(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


def test_china_is_what_the_state_council_announced() -> None:
    days = calendar()
    for day in every_day(FIRST, days.known_until):
        assert days.is_working(day) == chinese_calendar.is_workday(day), day


def test_two_sources_agree_on_china_from_2024_to_2026() -> None:
    other = holidays.country_holidays("CN", years=range(2024, 2027))
    for day in every_day(date(2024, 1, 1), date(2026, 12, 31)):
        assert calendar().is_working(day) == other.is_working_day(day), day


def test_a_year_that_is_not_announced_counts_weekends_only() -> None:
    days = calendar()
    for day in every_day(days.known_until + DAY, LAST):
        assert days.is_working(day) == (day.weekday() < 5)
        assert days.is_provisional(day)


@pytest.mark.parametrize("days", range(1, 60))
def test_it_is_provisional_if_any_day_counted_is_not_announced(days: int) -> None:
    """The due day is the last that counts, so that it alone has to be looked at."""
    china = calendar()
    asked = datetime(china.known_until.year, 12, 1, 2, 0, tzinfo=UTC)
    due_day = local_day(china, due_after(china, asked, days=days))
    counted = [
        day
        for day in every_day(local_day(china, asked) + DAY, due_day)
        if china.is_working(day)
    ]
    assert len(counted) == days
    assert china.is_provisional(due_day) == any(
        day > china.known_until for day in counted
    )


@pytest.mark.parametrize(
    ("country", "day", "working"),
    [
        pytest.param("US", date(2026, 11, 26), False, id="Thanksgiving"),
        pytest.param(
            "US", date(2026, 7, 3), False, id="a Saturday's is kept on Friday"
        ),
        pytest.param("US", date(2026, 10, 1), True, id="China's National Day"),
        pytest.param("DE", date(2026, 4, 6), False, id="Easter Monday"),
        pytest.param("DE", date(2026, 11, 1), False, id="a Sunday"),
        pytest.param("JP", date(2026, 5, 6), False, id="Golden Week"),
        pytest.param("HU", date(2026, 1, 10), True, id="a Saturday made up"),
        pytest.param("HK", date(2026, 2, 17), False, id="Lunar New Year"),
        pytest.param("HK", date(2026, 2, 14), False, id="offices rest on Saturdays"),
    ],
)
def test_a_contract_counts_the_days_of_its_country(
    *, country: str, day: date, working: bool
) -> None:
    assert calendar(country).is_working(day) is working


def test_each_country_that_can_be_chosen_has_a_calendar() -> None:
    offered = [code for code, _name in calendar_choices() if code]
    assert offered[0] == "CN"
    assert set(offered) == countable()
    for code in offered:
        days = calendar(code)
        assert 2_900 < len(days.days) < 3_400, code
        assert date(2019, 12, 31) <= days.known_until <= LAST


def test_what_follows_the_moon_is_provisional_once_it_is_only_estimated() -> None:
    days = calendar("SG", "Asia/Singapore")
    assert not days.is_provisional(date(2026, 12, 31))
    assert days.known_until < LAST


@pytest.mark.parametrize("country", ["CN", "DE"])
def test_an_override_makes_a_day_off_or_on(country: str) -> None:
    tuesday, saturday = date(2026, 12, 1), date(2026, 12, 5)
    CalendarOverride.objects.create(country=country, day=tuesday, working=False)
    CalendarOverride.objects.create(country=country, day=saturday, working=True)
    days = calendar(country)
    assert not days.is_working(tuesday)
    assert days.is_working(saturday)
    assert calendar("US").is_working(tuesday)
    assert days.add(date(2026, 11, 30), 4) == saturday


def test_the_same_day_is_counted_in_each_zone() -> None:
    late = datetime(2026, 11, 16, 22, 0, tzinfo=UTC)  # Tuesday already in Beijing
    due = {
        zone: due_after(calendar("DE", zone), late, days=1)
        for zone in ("Asia/Shanghai", "Europe/Berlin")
    }
    assert due == {
        "Asia/Shanghai": datetime(2026, 11, 18, 9, 30, tzinfo=UTC),
        "Europe/Berlin": datetime(2026, 11, 17, 16, 30, tzinfo=UTC),
    }


@pytest.mark.parametrize("country", ["IC", "ZZ"])
def test_a_country_without_known_holidays_is_refused(country: str) -> None:
    with pytest.raises(ValidationError, match="its public holidays are not known"):
        counted_country(country)
