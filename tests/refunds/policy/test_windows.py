"""When a window is open: to the second, in the contract's time zone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from refunds.policy.errors import PolicyError
from refunds.policy.facts import Facts, Service
from refunds.policy.windows import Window, WindowResult, judge_outages, judge_request
from tests.refunds.policy.situations import CHINA, at, live, paid, signed, span

SEVEN_DAYS = Window("contract_signed", 7, "calendar_days")
ONE_DAY = Window("paid", 24, "hours")
THREE_WORKING_DAYS = Window("contract_signed", 3, "working_days")


def judged(window: Window, facts: Facts, *, months: tuple[str, ...] = ()) -> bool:
    return judge_request(window, facts=facts, calendar=CHINA, months=months).met


@pytest.mark.parametrize(
    ("window", "asked", "is_open"),
    [
        pytest.param(SEVEN_DAYS, "2026-01-12 23:59:59", True, id="last second"),
        pytest.param(SEVEN_DAYS, "2026-01-13 00:00:00", False, id="24:00 is outside"),
        pytest.param(SEVEN_DAYS, "2026-01-01 00:00", True, id="before the anchor"),
        pytest.param(ONE_DAY, "2026-01-07 10:00:00", True, id="exactly 24 hours"),
        pytest.param(ONE_DAY, "2026-01-07 10:00:01", False, id="a second more"),
        pytest.param(ONE_DAY, "2026-01-06 09:00", True, id="before paying"),
        pytest.param(THREE_WORKING_DAYS, "2026-01-08 17:30:00", True, id="17:30"),
        pytest.param(THREE_WORKING_DAYS, "2026-01-08 17:30:01", False, id="after it"),
    ],
)
def test_a_window_ends_to_the_second(
    window: Window, asked: str, *, is_open: bool
) -> None:
    facts = live(requested_at=at(asked), payments=(paid(100, "2026-01-06 10:00"),))
    assert judged(window, facts) is is_open


@pytest.mark.parametrize(
    ("signed_on", "last_day"),
    [
        pytest.param("2026-01-05", date(2026, 1, 12), id="a Monday"),
        pytest.param("2026-01-03", date(2026, 1, 12), id="Saturday rolls to Monday"),
        pytest.param("2026-02-07", date(2026, 2, 14), id="make-up Saturday stays"),
        pytest.param("2026-02-10", date(2026, 2, 24), id="over the Spring Festival"),
        pytest.param("2026-12-27", date(2027, 1, 4), id="beyond the calendar"),
    ],
)
def test_calendar_days_roll_over_days_off(signed_on: str, last_day: date) -> None:
    facts = live(contract=signed(signed_on))
    result = judge_request(SEVEN_DAYS, facts=facts, calendar=CHINA)
    assert result.last_day == last_day


def test_a_window_into_an_unannounced_year_is_provisional() -> None:
    facts = live(contract=signed("2026-12-27"))
    assert judge_request(SEVEN_DAYS, facts=facts, calendar=CHINA).provisional


@pytest.mark.parametrize(
    ("zone", "asked", "is_open"),
    [
        ("Asia/Shanghai", datetime(2026, 1, 12, 15, 59, 59, tzinfo=UTC), True),
        ("Asia/Shanghai", datetime(2026, 1, 12, 16, 0, tzinfo=UTC), False),
        ("America/New_York", datetime(2026, 1, 13, 4, 59, 59, tzinfo=UTC), True),
        ("America/New_York", datetime(2026, 1, 13, 5, 0, tzinfo=UTC), False),
    ],
)
def test_days_are_the_contracts_days(
    zone: str, asked: datetime, *, is_open: bool
) -> None:
    assert judged(SEVEN_DAYS, live(time_zone=zone, requested_at=asked)) is is_open


def test_hours_pass_evenly_when_the_clocks_change() -> None:
    before = datetime(2026, 3, 8, 1, 0, tzinfo=UTC) + timedelta(hours=5)
    payment = replace(paid(100), paid_at=before)
    for hours, is_open in ((24, True), (25, False)):
        asked = before + timedelta(hours=hours)
        facts = live(
            time_zone="America/New_York", payments=(payment,), requested_at=asked
        )
        assert judged(ONE_DAY, facts) is is_open


@pytest.mark.parametrize(
    "anchor", ["activated", "course_started", "delivery_due", "paid"]
)
def test_an_anchor_that_nobody_knows_leaves_the_window_open(anchor: str) -> None:
    facts = live(service=Service("term"), payments=())
    assert judged(Window(anchor, 0, "hours"), facts)


def test_the_first_payment_is_the_anchor_whatever_the_order() -> None:
    late, early = paid(100, "2026-02-20 10:00"), paid(100, "2026-01-06 10:00")
    facts = live(payments=(late, early), requested_at=at("2026-02-20 12:00"))
    assert not judged(ONE_DAY, facts)


@pytest.mark.parametrize(
    ("asked", "is_open"),
    [("2026-04-30 23:59:59", True), ("2026-05-06 00:00", False)],
)
def test_a_month_counts_from_its_last_day(asked: str, *, is_open: bool) -> None:
    window = Window("breach_month_end", 30, "calendar_days")
    facts = live(requested_at=at(asked))
    assert judged(window, facts, months=("2026-01", "2026-03")) is is_open


def outage_window(began: str, ended: str, asked: str) -> WindowResult:
    """30 days from activation on 10 January, rolled to 9 February."""
    return judge_outages(
        Window("activated", 30, "calendar_days"),
        claim_within=30,
        outages=(span(began, ended),),
        facts=live(requested_at=at(asked)),
        calendar=CHINA,
    )


@pytest.mark.parametrize(
    ("began", "ended", "asked", "is_open"),
    [
        pytest.param("02-09 23:59", "02-10", "02-20", True, id="began on the last day"),
        pytest.param("02-10 00:00", "02-11", "02-20", False, id="began too late"),
        pytest.param("01-20", "01-21 12:00", "02-24 12:00", True, id="claim rolls"),
        pytest.param("01-20", "01-21 12:00", "02-25 00:00", False, id="claimed late"),
        pytest.param("01-09", "01-21", "01-22", True, id="began before activation"),
    ],
)
def test_an_outage_begins_and_is_claimed_in_time(
    began: str, ended: str, asked: str, *, is_open: bool
) -> None:
    result = outage_window(f"2026-{began}", f"2026-{ended}", f"2026-{asked}")
    assert result.met is is_open


def test_one_outage_must_meet_both() -> None:
    early = span("2026-01-11 00:00", "2026-01-12 00:00")
    late = span("2026-03-01 00:00", "2026-03-02 00:00")
    result = judge_outages(
        Window("activated", 30, "calendar_days"),
        claim_within=30,
        outages=(early, late),
        facts=live(requested_at=at("2026-03-05 00:00")),
        calendar=CHINA,
    )
    assert not result.met


@pytest.mark.parametrize(
    ("anchor", "amount", "unit"),
    [("birthday", 7, "hours"), ("paid", -1, "hours"), ("paid", 7, "moons")],
)
def test_a_nonsense_window_is_refused(anchor: str, amount: int, unit: str) -> None:
    with pytest.raises(PolicyError):
        Window(anchor, amount, unit)
