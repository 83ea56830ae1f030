"""What counts as given once something was given, formula by formula."""

from dataclasses import replace
from datetime import UTC, date
from fractions import Fraction

import pytest

from refunds.policy.conditions import LevelBreached, OutageLongerThan
from refunds.policy.facts import Compensated, Facts, Item, Service, Usage
from refunds.policy.given import given, together
from refunds.policy.rules import Clause, Rule, load_defaults
from refunds.policy.spans import Span
from tests.refunds.policy.situations import (
    CHINA,
    answer,
    at,
    course,
    finding,
    line,
    live,
    outage,
    package,
    reading,
    rule,
    sdk,
    span,
    ticket,
    under,
)

FIRST = outage("2026-02-01 00:00", "2026-02-05 00:00")
SHORT = outage("2026-02-10 00:00", "2026-02-11 12:00")
SLOW = replace(
    outage("2026-02-20 00:00", "2026-02-24 00:00"),
    extent="degraded",
    business_affected=True,
)


def gave(facts: Facts, *clauses: Clause) -> Compensated:
    """By the default policies, once something is given on their answer."""
    rules = load_defaults()[facts.product_line]
    found = answer(facts, *clauses)
    return given(facts, rules=rules, clauses=clauses, calendar=CHINA, answer=found)


def gave_under(only: Rule, facts: Facts) -> Compensated:
    found = under(only, facts)
    return given(facts, rules=[only], clauses=(), calendar=CHINA, answer=found)


def test_an_outage_share_gives_the_outages_that_qualify() -> None:
    found = gave(live(outages=(FIRST, SHORT, SLOW)))
    assert found == Compensated(
        spans=(
            span("2026-02-01", "2026-02-05"),
            span("2026-02-20", "2026-02-24"),
        )
    )


def test_what_qualifies_is_as_the_contract_says() -> None:
    clause = Clause("live.long_outage", "conditions.outage_longer_than", 24)
    assert len(gave(live(outages=(FIRST, SHORT)), clause).spans) == 2
    harder = replace(clause, value=95)
    assert gave(live(outages=(FIRST, SHORT)), harder).spans == (
        span("2026-02-01", "2026-02-05"),
    )


def test_a_consumer_whose_clause_is_overruled_is_given_by_the_policy() -> None:
    facts = live(
        customer="individual", outages=(FIRST, outage("2026-02-10", "2026-02-18"))
    )
    harder = Clause("live.long_outage", "conditions.outage_longer_than", 150)
    assert answer(facts, harder).overruled
    assert len(gave(facts, harder).spans) == 2
    company = replace(facts, customer="company")
    assert len(gave(company, harder).spans) == 1


def test_an_outage_that_lasts_is_given_until_the_request() -> None:
    facts = live(outages=(replace(FIRST, ended_at=None),))
    assert gave(facts).spans == (span("2026-02-01 00:00", "2026-03-01 12:00"),)


UNAVAILABLE = live(
    ground="unavailable",
    requested_at=at("2026-02-06 12:00"),
    outages=(FIRST, SLOW),
    tickets=(ticket("2026-02-01 01:00"),),
)


def test_who_leaves_is_given_the_outages_and_all_that_comes_after() -> None:
    found = gave(UNAVAILABLE)
    assert found.rest
    assert found.spans == (
        span("2026-02-01 00:00", "2026-02-05 00:00"),
        span("2026-02-06 12:00", "2026-04-20 00:00"),
    )
    assert found.months == ("2026-03", "2026-04")


def test_who_stays_is_given_the_outages_alone() -> None:
    found = gave(replace(UNAVAILABLE, keep_service=True))
    assert found == Compensated(spans=(span("2026-02-01 00:00", "2026-02-05 00:00"),))


def test_without_a_term_who_leaves_is_given_the_rest() -> None:
    endless = replace(UNAVAILABLE, service=Service("term", at("2026-01-10 00:00")))
    assert gave(endless) == Compensated(
        spans=(span("2026-02-01 00:00", "2026-02-05 00:00"),), rest=True
    )


def test_an_outage_after_the_service_was_ended_pays_nothing() -> None:
    later = live(
        compensated=gave(UNAVAILABLE),
        outages=(outage("2026-02-10 00:00", "2026-02-20 00:00"),),
    )
    assert answer(later).amount == 0


def test_a_breach_share_gives_the_periods_in_breach() -> None:
    readings = (
        reading("2026-02-01", "2026-02-03", "99"),
        reading("2026-02-02", "2026-02-05", "98"),
        reading("2026-02-06", "2026-02-08", "100"),
    )
    found = gave(line(readings=readings, requested_at=at("2026-03-01 00:00")))
    assert found == Compensated(spans=(span("2026-02-01", "2026-02-05"),))


def test_a_service_credit_gives_the_months_that_it_paid_for() -> None:
    """In January no tier was reached; a worse reading may still come in."""
    readings = (
        reading("2026-01-12", "2026-01-20", "99.992", promised=Fraction("99.995")),
        reading("2026-02-01", "2026-03-01", "99.5"),
    )
    facts = sdk(readings=readings, requested_at=at("2026-03-02 00:00"))
    assert answer(facts).ledger.workings["months"] == ("2026-01", "2026-02")
    assert gave(facts) == Compensated(months=("2026-02",))
    untiered = replace(facts, readings=readings[:1])
    assert gave(untiered) == Compensated(months=("2026-01",))


def test_remaining_lessons_give_them_with_the_outage() -> None:
    facts = course(
        ground="outage",
        requested_at=at("2026-03-20 10:00"),
        usage=Usage(lessons_total=20, lessons_used=5),
        outages=(outage("2026-03-10 00:00", "2026-03-13 00:00"),),
    )
    days = span("2026-03-10", "2026-03-13")
    assert gave(facts) == Compensated(spans=(days,), lessons=15)
    before = replace(facts, compensated=Compensated(lessons=4))
    assert gave(before).lessons == 11


def test_a_shortfall_gives_the_units_that_were_not_given_before() -> None:
    assert gave(package()) == Compensated(units=400)
    assert gave(package(compensated=Compensated(units=100))) == Compensated(units=300)


def test_undelivered_items_give_their_names_once() -> None:
    items = (Item("Tokyo", 900), Item("Osaka"))
    facts = line(
        ground="not_delivered",
        service=replace(line().service, items=items),
        findings=finding(undelivered_items=("Tokyo", "Osaka")),
    )
    assert gave(facts) == Compensated(items=("Osaka", "Tokyo"))
    later = replace(facts, compensated=Compensated(items=("Tokyo",)))
    assert gave(later) == Compensated(items=("Osaka",))


@pytest.mark.parametrize("formula", ["negotiated", "full"])
def test_whatever_is_paid_for_an_outage_or_a_breach_gives_its_time(
    formula: str,
) -> None:
    conditions = (OutageLongerThan(Fraction(48), "total"), LevelBreached())
    talk = rule("live.long_outage", formula=formula, conditions=conditions)
    facts = live(
        outages=(FIRST, SHORT), readings=(reading("2026-02-15", "2026-02-16", "99"),)
    )
    assert gave_under(talk, facts).spans == (
        span("2026-02-01", "2026-02-05"),
        span("2026-02-15", "2026-02-16"),
    )


def test_what_rests_on_no_record_gives_nothing_that_could_come_again() -> None:
    gap = live(ground="quality", findings=finding(gap_confirmed_by_both=True))
    assert gave(gap) == Compensated()
    assert gave(course()) == Compensated(whole=True)


def test_goodwill_for_an_outage_that_was_too_short_gives_its_time() -> None:
    facts = live(outages=(SHORT,))
    assert answer(facts).denied == "below_threshold"
    assert gave(facts) == Compensated(spans=(span("2026-02-10", "2026-02-11 12:00"),))


def test_goodwill_for_what_nobody_recorded_gives_nothing() -> None:
    assert gave(live()) == Compensated()
    assert gave(package(ground="quality")) == Compensated()


def test_all_that_was_given_is_taken_together_once() -> None:
    parts = [
        Compensated(spans=(span("2026-02-01", "2026-02-03"),), months=("2026-02",)),
        Compensated(spans=(span("2026-02-02", "2026-02-05"),), items=("b", "a")),
        Compensated(months=("2026-01", "2026-02"), items=("a",), units=2, lessons=1),
        Compensated(units=3, lessons=4, rest=True),
    ]
    assert together(parts) == Compensated(
        spans=(span("2026-02-01", "2026-02-05"),),
        months=("2026-01", "2026-02"),
        items=("a", "b"),
        units=5,
        lessons=5,
        rest=True,
    )
    assert together([]) == Compensated()


def test_moments_are_given_in_utc_and_months_as_the_contract_counts() -> None:
    """Asked at 1 March in Beijing, when it is still February in UTC."""
    facts = replace(
        UNAVAILABLE,
        requested_at=at("2026-03-01 00:00"),
        service=Service("term", at("2026-02-20 00:00"), date(2026, 3, 20)),
        outages=(outage("2026-02-21 00:00", "2026-02-24 00:00"),),
        tickets=(ticket("2026-02-21 00:00"),),
    )
    found = gave(facts)
    assert found.months == ("2026-03",)
    assert found.spans[-1] == Span(
        at("2026-03-01 00:00").astimezone(UTC), at("2026-03-21 00:00").astimezone(UTC)
    )
