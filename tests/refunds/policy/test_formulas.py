"""What each formula computes: 144 000 minutes of term, one cent a minute."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from refunds.policy.facts import Compensated, Facts, Fee, Item, Service, Usage
from tests.refunds.policy.situations import (
    answer,
    at,
    course,
    finding,
    line,
    live,
    outage,
    package,
    paid,
    reading,
    rule,
    sdk,
    signed,
    span,
    ticket,
    under,
)

FIVE_DAYS = outage("2026-02-01 00:00", "2026-02-06 00:00")
MINUTES_A_DAY = 1440
METERED = Service("metered", at("2026-01-10 00:00"), date(2026, 4, 19))
UNUSED = rule("live.early_unavailable", conditions=(), window=None, claim_within=None)
UNDELIVERED = finding(undelivered_items=("Jakarta node", "phone support"))


def unused(**changes: object) -> int | None:
    return under(UNUSED, live(ground="unavailable", **changes)).amount


def test_unused_time_is_what_is_left_and_what_was_out() -> None:
    left = 49 * MINUTES_A_DAY + 720
    assert unused() == left
    assert unused(outages=(FIVE_DAYS,)) == left + 5 * MINUTES_A_DAY
    assert unused(outages=(FIVE_DAYS,), keep_service=True) == 5 * MINUTES_A_DAY


def test_each_part_of_the_unused_time_is_cut_to_whole_minutes() -> None:
    outages = (
        outage("2026-02-01 00:00:00", "2026-02-01 00:01:59"),
        outage("2026-02-02 00:00:00", "2026-02-02 00:01:59"),
    )
    assert unused(outages=outages, keep_service=True) == 2
    assert unused(requested_at=at("2026-04-19 23:58:01")) == 1


def test_after_the_term_nothing_is_left_but_its_outages() -> None:
    late = at("2026-06-01 00:00")
    across = outage("2026-04-19 00:00", "2026-04-25 00:00")
    assert unused(requested_at=late) == 0
    assert unused(requested_at=late, outages=(across,)) == MINUTES_A_DAY


def test_without_a_term_all_is_unused_or_kept() -> None:
    for service in (Service("term"), replace(METERED, billing="term", ends_on=None)):
        assert unused(service=service) == 144_000
        assert unused(service=service, keep_service=True) == 0


def test_a_metered_balance_gives_back_what_was_not_consumed() -> None:
    consumed = Usage(consumed=44_000)
    assert unused(service=METERED, usage=consumed) == 100_000
    assert unused(service=METERED, usage=consumed, keep_service=True) == 0
    assert unused(service=METERED, usage=Usage(consumed=200_000)) == 0


def test_only_total_outages_by_the_provider_add_to_unused_time() -> None:
    outages = (
        replace(FIVE_DAYS, extent="degraded", business_affected=True),
        replace(FIVE_DAYS, cause="customer"),
        replace(FIVE_DAYS, verified=False),
    )
    assert unused(outages=outages, keep_service=True) == 0


@pytest.mark.parametrize(
    ("began", "ended", "days"),
    [
        ("2026-02-01 00:00", "2026-02-06 00:00", 5),
        ("2026-01-05 00:00", "2026-01-12 00:00", 2),
        ("2026-02-24 12:00", None, 5),
        ("2026-02-24 12:00", "2026-03-30 00:00", 5),
        ("2026-01-01 00:00", "2026-01-05 00:00", 0),
    ],
    ids=["inside", "before activation", "open", "beyond the request", "all before"],
)
def test_an_outage_pays_for_its_part_of_the_term(
    began: str, ended: str | None, days: int
) -> None:
    facts = live(outages=(outage(began, ended),))
    assert answer(facts).amount == days * MINUTES_A_DAY


def test_short_outages_beside_a_long_one_pay_nothing() -> None:
    short = outage("2026-02-10 00:00", "2026-02-12 00:00")
    assert answer(live(outages=(FIVE_DAYS, short))).amount == 5 * MINUTES_A_DAY


def test_compensated_minutes_are_taken_off_in_whole_minutes() -> None:
    spans = (
        span("2026-02-01 00:00:00", "2026-02-01 00:00:40"),
        span("2026-02-02 00:00:00", "2026-02-02 00:01:30"),
    )
    facts = live(outages=(FIVE_DAYS,), compensated=Compensated(spans=spans))
    assert answer(facts).amount == 5 * MINUTES_A_DAY - 2


def test_what_was_all_compensated_still_matches_with_nothing() -> None:
    spans = (span("2026-01-01", "2026-03-01"),)
    facts = live(outages=(FIVE_DAYS,), compensated=Compensated(spans=spans))
    assert (answer(facts).rule, answer(facts).amount) == ("live.long_outage", 0)


def test_readings_that_overlap_count_once() -> None:
    readings = (
        reading("2026-02-01", "2026-02-06", "99"),
        reading("2026-02-04", "2026-02-08", "120", "latency", promised=Fraction(80)),
        reading("2026-02-20", "2026-02-22", "99.999"),
    )
    assert answer(line(readings=readings)).amount == 7 * MINUTES_A_DAY


def test_a_reading_is_cut_off_at_the_request() -> None:
    one = reading("2026-02-27 12:00", "2026-04-01", "99")
    assert answer(line(readings=(one,))).amount == 2 * MINUTES_A_DAY


@pytest.mark.parametrize(
    ("usage", "amount"),
    [
        (Usage(lessons_total=20, lessons_used=7), 129_935),
        (Usage(lessons_total=20, lessons_used=25), 0),
        (Usage(), 0),
    ],
)
def test_the_lessons_that_are_left_are_paid_back(usage: Usage, amount: int) -> None:
    down = outage("2026-03-03", "2026-03-06")
    facts = course(
        ground="outage",
        usage=usage,
        outages=(down,),
        requested_at=at("2026-03-20 00:00"),
    )
    assert answer(facts).amount == amount


@pytest.mark.parametrize(
    ("delivered", "compensated", "amount"),
    [(600, 0, 11_960), (600, 100, 8_970), (600, 500, 0), (0, 0, 29_900)],
)
def test_a_shortfall_pays_for_what_is_missing(
    delivered: int, compensated: int, amount: int
) -> None:
    facts = package(
        usage=Usage(ordered=1000, delivered=delivered),
        compensated=Compensated(units=compensated),
    )
    assert answer(facts).amount == amount


def undelivered(*items: Item, compensated: tuple[str, ...] = ()) -> Facts:
    facts = line(ground="not_delivered", findings=UNDELIVERED)
    service = replace(facts.service, items=items)
    return replace(facts, service=service, compensated=Compensated(items=compensated))


@pytest.mark.parametrize(
    ("facts", "amount", "ceiling"),
    [
        (
            undelivered(Item("Jakarta node", 4800), Item("phone support", 200)),
            5000,
            None,
        ),
        (undelivered(Item("Jakarta node", 4800), Item("phone support")), None, 144_000),
        (undelivered(Item("Jakarta node", 4800)), None, 144_000),
        (
            undelivered(Item("Jakarta node", 4800), compensated=("phone support",)),
            4800,
            None,
        ),
        (undelivered(compensated=("phone support", "Jakarta node")), 0, None),
    ],
    ids=["valued", "no value", "unknown", "one compensated", "all compensated"],
)
def test_items_pay_their_own_value_or_are_negotiated(
    facts: Facts, amount: int | None, ceiling: int | None
) -> None:
    assert (answer(facts).amount, answer(facts).ceiling) == (amount, ceiling)


FEBRUARY = 28 * MINUTES_A_DAY


@pytest.mark.parametrize(
    ("measured", "share"),
    [
        ("99.99", None),
        ("99.98", "0.1"),
        ("99.9", "0.1"),
        ("99.89", "0.25"),
        ("98", "0.5"),
    ],
)
def test_a_month_is_credited_by_its_tier(measured: str, share: str | None) -> None:
    facts = sdk(readings=(reading("2026-02-01", "2026-03-01", measured),))
    amount = None if share is None else round(FEBRUARY * Fraction(share))
    assert answer(facts).amount == amount


def test_the_worst_reading_of_a_month_counts() -> None:
    readings = (
        reading("2026-02-01", "2026-02-10", "99.95"),
        reading("2026-02-10", "2026-02-20", "98"),
        reading("2026-02-20", "2026-03-01", "100"),
    )
    assert answer(sdk(readings=readings)).amount == FEBRUARY // 2


def test_a_month_counts_only_within_the_term() -> None:
    facts = sdk(readings=(reading("2026-01-01", "2026-02-01", "98"),))
    assert answer(facts).amount == 22 * MINUTES_A_DAY // 2


def test_closed_and_compensated_months_drop_out() -> None:
    readings = (
        reading("2026-01-10", "2026-02-01", "98"),
        reading("2026-02-01", "2026-03-01", "98"),
    )
    facts = sdk(readings=readings, requested_at=at("2026-03-20 00:00"))
    assert answer(facts).amount == FEBRUARY // 2
    given = replace(facts, compensated=Compensated(months=("2026-02",)))
    assert (answer(given).rule, answer(given).amount) == ("sdk.service_credit", 0)
    late = replace(facts, requested_at=at("2026-04-20 00:00"))
    assert answer(late).denied == "out_of_time"


def test_another_metric_is_no_availability() -> None:
    slow = reading("2026-02-01", "2026-03-01", "900", "latency", promised=Fraction(80))
    assert answer(sdk(readings=(slow,))).denied == "not_proven"


@pytest.mark.parametrize(
    "facts",
    [
        live(service=METERED, outages=(FIVE_DAYS,)),
        line(
            ground="outage",
            service=METERED,
            readings=(reading("2026-02-01", "2026-03-01", "98"),),
        ),
        sdk(service=METERED, readings=(reading("2026-02-01", "2026-03-01", "98"),)),
    ],
    ids=["outage", "breach", "credit"],
)
def test_time_has_no_price_on_metered_billing(facts: Facts) -> None:
    found = answer(facts)
    assert (found.amount, found.ceiling, found.automatic) == (None, 144_000, False)


@pytest.mark.parametrize(
    "facts",
    [
        live(outages=(FIVE_DAYS,)),
        line(ground="outage", readings=(reading("2026-02-01", "2026-03-01", "98"),)),
        sdk(readings=(reading("2026-02-01", "2026-03-01", "98"),)),
    ],
    ids=["outage", "breach", "credit"],
)
def test_without_a_term_no_time_is_paid(facts: Facts) -> None:
    endless = replace(facts, service=replace(facts.service, ends_on=None))
    assert answer(endless).amount == 0


def test_the_term_ends_at_24_00_where_the_clocks_change() -> None:
    service = Service("term", at("2026-03-08 13:00"), date(2026, 3, 8))
    facts = live(
        ground="unavailable",
        service=service,
        time_zone="America/New_York",
        requested_at=at("2026-03-08 13:00"),
        payments=(paid(23 * 60),),
    )
    workings = under(UNUSED, facts).ledger.workings
    assert workings["minutes_of_term"] == 23 * 60


def test_kept_fees_shrink_the_value() -> None:
    facts = live(outages=(FIVE_DAYS,), fees=(Fee("set-up", 14_400),))
    assert answer(facts).amount == 5 * MINUTES_A_DAY * 9 // 10


def trial(**changes: object) -> Facts:
    return line(
        **{
            "ground": "change_of_mind",
            "requested_at": at("2026-01-12 12:00"),
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("facts", "amount"),
    [
        (trial(), 144_000),
        (trial(contract=signed(minimum_commitment=100_000)), 44_000),
        (trial(contract=signed(minimum_commitment=200_000)), 0),
        (trial(contract=signed(net_paid=150_000, minimum_commitment=100_000)), 50_000),
        (trial(contract=signed(net_paid=30_000)), 30_000),
        (trial(contract=signed(refund_cap=20_000)), 20_000),
        (trial(contract=signed(refund_cap=20_000, refunded=15_000)), 5_000),
        (trial(payments=(paid(144_000, refunded=140_000),)), 4_000),
        (
            trial(payments=(paid(100, refunded=50),), fees=(Fee("x", 60),)),
            0,
        ),
    ],
)
def test_limits_hold(facts: Facts, amount: int) -> None:
    assert answer(facts).amount == amount


def test_the_commitment_does_not_protect_a_provider_at_fault() -> None:
    contract = signed(minimum_commitment=144_000)
    facts = live(outages=(FIVE_DAYS,), contract=contract)
    assert answer(facts).amount == 5 * MINUTES_A_DAY


def test_ending_the_service_gives_more_than_the_outage() -> None:
    facts = live(
        ground="unavailable",
        outages=(outage("2026-02-05 00:00", None),),
        tickets=(ticket("2026-02-05 01:00"),),
    )
    found = answer(facts)
    assert found.rule == "live.early_unavailable"
    assert [r.code for r in found.results if r.matched] == [
        "live.early_unavailable",
        "live.long_outage",
    ]
