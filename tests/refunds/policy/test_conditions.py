"""What each condition is met by, and what a failed one is called."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from refunds.policy.condition import Condition
from refunds.policy.conditions import (
    DeliveryDuePassed,
    LevelBreached,
    NotActivated,
    OutageAtLeast,
    OutageLongerThan,
    UnresolvedLongerThan,
    Unused,
    UsedLessThan,
)
from refunds.policy.errors import FactsError, PolicyError
from refunds.policy.facts import Facts, Outage, Service, Ticket, Usage
from tests.refunds.policy.situations import (
    at,
    finding,
    live,
    outage,
    package,
    reading,
    ticket,
)

LONGER_THAN_72 = OutageLongerThan(Fraction(72), "total_or_degraded")
AT_LEAST_48 = OutageAtLeast(Fraction(48), "total")
WAITED_48 = UnresolvedLongerThan(Fraction(48))
A_TENTH = UsedLessThan(Fraction(1, 10))


def denial(condition: Condition, facts: Facts) -> str | None:
    """None where it is met."""
    return condition.judge(facts).denial


@pytest.mark.parametrize(
    ("condition", "outages", "expected"),
    [
        pytest.param(
            LONGER_THAN_72,
            [outage("2026-02-01 00:00", "2026-02-04 00:00")],
            "below_threshold",
            id="72 hours are not more",
        ),
        pytest.param(
            LONGER_THAN_72,
            [outage("2026-02-01 00:00", "2026-02-04 00:00:01")],
            None,
            id="a second more is",
        ),
        pytest.param(
            AT_LEAST_48,
            [outage("2026-02-01 00:00", "2026-02-03 00:00")],
            None,
            id="48 hours are at least 48",
        ),
        pytest.param(
            AT_LEAST_48,
            [outage("2026-02-01 00:00", "2026-02-02 00:00")] * 2,
            "below_threshold",
            id="the same day twice is one day",
        ),
        pytest.param(
            AT_LEAST_48,
            [
                outage("2026-02-02 00:00", "2026-02-03 00:00"),
                outage("2026-02-01 00:00", "2026-02-02 00:00"),
            ],
            None,
            id="touching outages are one",
        ),
        pytest.param(
            AT_LEAST_48,
            [
                outage("2026-02-01 00:00", "2026-02-02 00:00"),
                outage("2026-02-02 00:00", "2026-02-03 00:00", "third_party"),
            ],
            "below_threshold",
            id="of different causes they are not",
        ),
        pytest.param(
            LONGER_THAN_72,
            [outage("2026-02-01 00:00", None, extent="degraded")],
            "not_proven",
            id="a degraded one that hurt nobody is none",
        ),
        pytest.param(
            LONGER_THAN_72,
            [
                outage(
                    "2026-02-01 00:00", None, extent="degraded", business_affected=True
                )
            ],
            None,
            id="one that hurt business counts",
        ),
        pytest.param(
            AT_LEAST_48,
            [
                outage(
                    "2026-02-01 00:00", None, extent="degraded", business_affected=True
                )
            ],
            "not_proven",
            id="but is not total",
        ),
        pytest.param(
            LONGER_THAN_72,
            [outage("2026-02-27 12:00", None)],
            "below_threshold",
            id="an open one is cut off at the request",
        ),
        pytest.param(
            LONGER_THAN_72,
            [outage("2026-03-01 12:01", "2026-03-09 00:00")],
            "not_proven",
            id="a later one is ignored",
        ),
        pytest.param(
            LONGER_THAN_72,
            [outage("2026-01-01 00:00", "2026-01-04 01:00")],
            None,
            id="one before activation meets the bound",
        ),
        pytest.param(
            LONGER_THAN_72,
            [outage("2026-02-01 00:00", None, verified=False)],
            "not_proven",
            id="an unverified one proves nothing",
        ),
        pytest.param(
            LONGER_THAN_72,
            [
                outage("2026-02-01 00:00", "2026-02-02 00:00"),
                outage("2026-02-01 00:00", None, "force_majeure"),
                outage("2026-02-01 00:00", None, "customer"),
            ],
            "customer_fault",
            id="the customer's speaks first",
        ),
        pytest.param(
            LONGER_THAN_72,
            [
                outage("2026-02-01 00:00", "2026-02-02 00:00"),
                outage("2026-02-01 00:00", None, "force_majeure"),
            ],
            "third_party_fault",
            id="then force majeure",
        ),
        pytest.param(
            AT_LEAST_48,
            [outage("2026-02-01 00:00", "2026-02-03 00:00", "third_party")],
            "third_party_fault",
            id="by the same bound",
        ),
        pytest.param(
            LONGER_THAN_72,
            [
                outage("2026-02-01 00:00", "2026-02-03 00:00", "third_party"),
                outage("2026-02-03 00:00", "2026-02-05 00:00", "force_majeure"),
            ],
            "not_proven",
            id="a third party's and force majeure don't add up",
        ),
    ],
)
def test_an_outage_is_long_enough_or_denied(
    condition: Condition, outages: list[Outage], expected: str | None
) -> None:
    assert denial(condition, live(outages=tuple(outages))) == expected


@pytest.mark.parametrize(
    ("tickets", "expected"),
    [
        ([], "not_proven"),
        ([ticket("2026-02-27 12:00")], "below_threshold"),
        ([ticket("2026-02-27 11:59")], None),
        (
            [ticket("2026-02-01", "2026-02-02"), ticket("2026-01-01", "2026-01-05")],
            None,
        ),
        ([ticket("2026-03-01 12:01")], "not_proven"),
    ],
    ids=["none", "48 hours", "a minute more", "any of them", "opened later"],
)
def test_a_ticket_waited_long_enough(tickets: list[Ticket], expected: str) -> None:
    assert denial(WAITED_48, live(tickets=tuple(tickets))) == expected


@pytest.mark.parametrize(
    ("usage", "used"),
    [
        (Usage(), "0"),
        (Usage(share_used=Fraction(1, 5)), "1/5"),
        (Usage(lessons_total=20, lessons_used=2), "1/10"),
        (Usage(ordered=1000, delivered=600), "3/5"),
        (Usage(consumed=36_000), "1/4"),
        (Usage(lessons_total=0, lessons_used=0), "0"),
        (Usage(ordered=0, delivered=1), "1"),
    ],
)
def test_the_share_used_comes_from_the_records(usage: Usage, used: str) -> None:
    facts = live(usage=usage)
    assert A_TENTH.judge(facts).found == {"share": Fraction(used)}
    assert A_TENTH.judge(facts).met is (Fraction(used) < Fraction(1, 10))
    assert Unused().judge(facts).met is (Fraction(used) == 0)


@pytest.mark.parametrize(
    ("activated_at", "expected"),
    [
        (None, None),
        (at("2026-03-01 12:00"), "service_normal"),
        (at("2026-03-01 12:01"), None),
    ],
    ids=["never", "at the request", "after it"],
)
def test_activation_counts_up_to_the_request(
    activated_at: None, expected: str | None
) -> None:
    facts = live(service=Service("term", activated_at))
    assert denial(NotActivated(), facts) == expected


@pytest.mark.parametrize(
    ("metric", "promised", "measured", "breached"),
    [
        ("availability", "99.9", "99.9", False),
        ("availability", "99.9", "99.89", True),
        ("bandwidth_mbps", "100", "99", True),
        ("latency_ms", "80", "79", False),
        ("latency_ms", "80", "81", True),
        ("jitter", "5", "6", True),
        ("packet_loss", "0.1", "0.2", True),
    ],
)
def test_worse_depends_on_the_metric(
    metric: str, promised: str, measured: str, *, breached: bool
) -> None:
    one = reading(
        "2026-02-01", "2026-03-01", measured, metric, promised=Fraction(promised)
    )
    assert LevelBreached().judge(live(readings=(one,))).met is breached


def test_a_reading_that_nobody_accepted_proves_nothing() -> None:
    one = reading("2026-02-01", "2026-03-01", "90", accepted=False)
    assert denial(LevelBreached(), live(readings=(one,))) == "not_proven"


def test_a_reading_without_promise_is_held_against_the_services() -> None:
    one = reading("2026-02-01", "2026-03-01", "99", promised=None)
    facts = live(readings=(one,))
    promising = replace(facts.service, promised={"availability": Fraction("99.5")})
    assert denial(LevelBreached(), facts) == "below_threshold"
    assert denial(LevelBreached(level=Fraction("99.5")), facts) is None
    assert denial(LevelBreached(), replace(facts, service=promising)) is None


def test_what_a_contract_agreed_counts_before_the_reading() -> None:
    one = reading("2026-02-01", "2026-03-01", "99.5")
    agreed = LevelBreached(metric="availability").bounded_by("99.5")
    assert denial(agreed, live(readings=(one,))) == "below_threshold"


def test_an_unknown_metric_is_refused() -> None:
    with pytest.raises(FactsError, match="metric"):
        reading("2026-02-01", "2026-03-01", "5", "happiness")


@pytest.mark.parametrize(
    ("due_on", "delivered", "asked", "expected"),
    [
        (date(2026, 4, 8), 600, "2026-04-08 23:59:59", "service_normal"),
        (date(2026, 4, 8), 600, "2026-04-09 00:00:00", None),
        (date(2026, 4, 8), 1000, "2026-04-10 00:00:00", "service_normal"),
        (None, 600, "2026-04-10 00:00:00", "service_normal"),
    ],
    ids=["still the day", "24:00", "all delivered", "no date"],
)
def test_delivery_is_due_at_24_00(
    due_on: date | None, delivered: int, asked: str, expected: str | None
) -> None:
    facts = package(
        service=Service("quantity", delivery_due_on=due_on),
        usage=Usage(ordered=1000, delivered=delivered),
        requested_at=at(asked),
    )
    assert denial(DeliveryDuePassed(), facts) == expected


@pytest.mark.parametrize(
    ("name", "established"),
    [
        ("gap_confirmed_by_both", finding(gap_confirmed_by_both=True)),
        ("defect_verified", finding(defect_verified=True)),
        ("item_undelivered", finding(undelivered_items=("node",))),
    ],
)
def test_a_finding_must_be_there(name: str, established: object) -> None:
    condition = Condition.kinds[name]()
    assert condition.is_finding
    assert denial(condition, live()) == "not_proven"
    assert denial(condition, live(findings=established)) is None


def test_a_bound_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(PolicyError):
        OutageLongerThan(Fraction(-1), "total")
    with pytest.raises(PolicyError):
        OutageLongerThan(Fraction(1), "partial")
    with pytest.raises(PolicyError):
        UsedLessThan(Fraction(2))
