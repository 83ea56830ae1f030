"""Claim after claim on one service: no minute, month, item, unit or lesson twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refunds.policy import records
from refunds.policy.assess import assess
from refunds.policy.assessment import Assessment
from refunds.policy.conditions import (
    LevelBreached,
    OutageAtLeast,
    OutageLongerThan,
)
from refunds.policy.facts import (
    Facts,
    Fee,
    Findings,
    Item,
    Outage,
    Payment,
    Reading,
    Service,
    Usage,
)
from refunds.policy.given import given as given_for
from refunds.policy.given import together
from refunds.policy.money import balance
from refunds.policy.rules import Clause, Rule
from refunds.policy.spans import merged
from tests.refunds.policy.properties import few
from tests.refunds.policy.situations import CHINA, live, rule

pytestmark = pytest.mark.property

BEGAN = datetime(2026, 1, 20, tzinfo=UTC)
DAYS = 70
DOWN = OutageLongerThan(Fraction(0), "total")
SLOW = OutageAtLeast(Fraction(2), "total_or_degraded")


def of(ground: str, formula: str, *conditions: Any, **changes: Any) -> Rule:
    """A rule of this formula for this ground."""
    plain = {"window": None, "claim_within": None, "provider_at_fault": True}
    named = {"code": f"live.{formula}", "grounds": (ground,), "formula": formula}
    shape: dict[str, Any] = {**plain, **named, "conditions": conditions, **changes}
    return replace(rule("live.long_outage"), **shape)


CREDIT = rule("sdk.service_credit")
EVERY = (
    of("unavailable", "unused_share", DOWN),
    of("outage", "outage_share", SLOW),
    of("quality", "breach_share", LevelBreached()),
    of(
        "content_mismatch",
        "service_credit",
        *CREDIT.conditions,
        tiers=CREDIT.tiers,
        window=CREDIT.window,
    ),
    of("content_defect", "remaining_lessons", DOWN),
    of("shortfall", "shortfall_share"),
    of("not_delivered", "undelivered_items"),
    of("account_risk", "negotiated", SLOW, code="live.talk"),
    of("mistake", "negotiated"),
)
GROUNDS = [one.grounds[0] for one in EVERY]
CLAUSES = [
    Clause("live.outage_share", "share", "1/2"),
    Clause("live.unused_share", "share", "0.8"),
    Clause("live.service_credit", "share", 2),
    Clause("live.breach_share", "provider_at_fault", value=False),
    Clause("live.outage_share", "conditions.outage_at_least", 30),
    Clause("live.remaining_lessons", "enabled", value=False),
]


def after(minutes: int) -> datetime:
    return BEGAN + timedelta(minutes=minutes)


minutes = st.integers(-500, DAYS * 1440 + 500)
stretches = st.tuples(minutes, minutes).map(sorted)
outages = st.builds(
    lambda ends, is_open, **rest: Outage(
        after(ends[0]), None if is_open else after(ends[1]), **rest
    ),
    stretches,
    st.booleans(),
    cause=st.sampled_from(["provider", "provider", "customer"]),
    extent=st.sampled_from(["total", "degraded"]),
    verified=st.sampled_from([True, True, False]),
    business_affected=st.booleans(),
)
readings = st.builds(
    lambda ends, measured: Reading(
        "availability",
        after(ends[0]),
        after(ends[1]),
        Fraction(measured),
        Fraction("99.995"),
        accepted=True,
    ),
    stretches,
    st.sampled_from(["99.992", "99.95", "99.5", "98"]),
)
items = st.lists(
    st.builds(Item, st.sampled_from("abc"), st.none() | st.integers(0, 9000)),
    max_size=3,
    unique_by=lambda item: item.name,
)
services = st.builds(
    lambda billing, items, days: Service(
        billing, BEGAN, date(2026, 1, 20) + timedelta(days=days), items=tuple(items)
    ),
    st.sampled_from(["term", "term", "metered"]),
    items,
    st.integers(5, DAYS),
)
kept = st.builds(
    live,
    time_zone=st.just("UTC"),
    customer=st.sampled_from(["company", "individual"]),
    service=services,
    payments=st.lists(
        st.builds(Payment, st.integers(1, 900_000), st.just(BEGAN)), min_size=1
    ).map(tuple),
    fees=st.lists(st.builds(Fee, st.just("f"), st.integers(0, 900))).map(tuple),
    outages=st.lists(outages, max_size=4).map(tuple),
    readings=st.lists(readings, max_size=4).map(tuple),
)


@dataclass(frozen=True)
class Ask:
    """`part`: how much of what is due is given, in per cent."""

    ground: str
    wait: int
    keep: bool
    part: int
    used: int
    delivered: int
    missing: tuple[str, ...]


asks = st.builds(
    Ask,
    st.sampled_from(GROUNDS),
    wait=st.integers(0, 40_000),
    keep=st.booleans(),
    part=st.sampled_from([100, 100, 100, 30, 1]),
    used=st.integers(0, 3),
    delivered=st.integers(0, 3),
    missing=st.lists(st.sampled_from("abc"), max_size=2).map(tuple),
)


@dataclass
class Book:
    """What was paid for, claim by claim, as the records grow."""

    facts: Facts
    clauses: tuple[Clause, ...]
    paid: list[Assessment] = field(default_factory=list)
    due: set[int] = field(default_factory=set)

    def ask(self, ask: Ask) -> None:
        self.facts = self.at(ask)
        found = self.answer()
        most = found.ceiling if found.amount is None else found.amount
        if found.denied or not most:
            return
        self.pay(found, max(most * ask.part // 100, 1))
        again = self.answer()
        timed = found.ledger.computed is not None
        assert not timed or not again.amount, "the same thing paid again"

    def at(self, ask: Ask) -> Facts:
        """Later, with more used, delivered and found than before."""
        before, usage = self.facts, self.facts.usage
        found = {*before.findings.undelivered_items, *ask.missing}
        return replace(
            before,
            ground=ask.ground,
            keep_service=ask.keep,
            requested_at=before.requested_at + timedelta(minutes=ask.wait),
            findings=Findings(undelivered_items=tuple(found)),
            usage=replace(
                usage,
                lessons_used=(usage.lessons_used or 0) + ask.used,
                delivered=(usage.delivered or 0) + ask.delivered,
            ),
        )

    def answer(self) -> Assessment:
        return assess(self.facts, rules=EVERY, clauses=self.clauses, calendar=CHINA)

    def pay(self, found: Assessment, amount: int) -> None:
        gave = given_for(
            self.facts,
            rules=EVERY,
            clauses=self.clauses,
            calendar=CHINA,
            answer=found,
        )
        self.due |= set(self.owed(found))
        self.paid.append(found)
        self.facts = replace(
            self.facts,
            payments=tuple(newest_first(self.facts.payments, amount)),
            compensated=together([self.facts.compensated, gave]),
        )

    def owed(self, found: Assessment) -> Iterator[int]:
        """Every minute of trouble until now, and of the rest for who leaves."""
        facts, term = self.facts, records.term(self.facts)
        assert term is not None
        spans = list(
            records.outages(facts, cause="provider", extent="total_or_degraded")
        )
        spans += [
            span
            for reading in facts.readings
            if (
                span := records.cut_off(reading.began_at, reading.ended_at, facts=facts)
            )
        ]
        if found.ledger.workings.get("minutes_left"):
            spans.append(replace(term, began_at=max(term.began_at, facts.requested_at)))
        for span in merged(spans):
            if inside := span.within(term):
                start = (inside.began_at - BEGAN) // timedelta(minutes=1)
                yield from range(start, start + inside.minutes)

    def total(self, *names: str) -> int:
        return sum(
            value
            for found in self.paid
            for name in names
            if isinstance(value := found.ledger.workings.get(name, 0), int)
        )

    def each(self, formula: str, name: str) -> list[object]:
        return [
            one
            for found in self.paid
            if found.ledger.formula == formula
            for one in found.ledger.workings.get(name, ())  # type: ignore[union-attr]
        ]


def newest_first(payments: tuple[Payment, ...], amount: int) -> list[Payment]:
    paid = []
    for payment in reversed(payments):
        part = min(amount, payment.amount - payment.refunded)
        amount -= part
        paid.append(replace(payment, refunded=payment.refunded + part))
    assert amount == 0, "more than was left"
    return paid[::-1]


@few
@given(
    facts=kept,
    clauses=st.lists(st.sampled_from(CLAUSES), max_size=2, unique=True).map(tuple),
    claims=st.lists(asks, min_size=1, max_size=8),
)
def test_whatever_is_claimed_in_whatever_order_nothing_is_paid_twice(
    facts: Facts, clauses: tuple[Clause, ...], claims: list[Ask]
) -> None:
    usage = Usage(lessons_total=20, lessons_used=0, ordered=30, delivered=0)
    book = Book(replace(facts, requested_at=BEGAN, usage=usage), clauses)
    for ask in claims:
        book.ask(ask)
    account = balance(book.facts)
    assert account.gone <= max(account.value, Fraction(0))
    counted = book.total("minutes_out", "minutes_in_breach", "minutes_left")
    assert counted <= len(book.due)
    for formula, name in [("service_credit", "months"), ("undelivered_items", "items")]:
        each = book.each(formula, name)
        assert len(each) == len(set(each))
    assert book.total("lessons_left") <= 20
    assert book.total("missing") <= 30
