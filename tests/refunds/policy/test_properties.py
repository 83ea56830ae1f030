"""What holds whatever the facts: limits, monotony, order, offsets, storage, words."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from refunds.policy.assessment import DENIALS, Assessment
from refunds.policy.facts import (
    BILLINGS,
    CAUSES,
    CUSTOMERS,
    EXTENTS,
    GROUNDS,
    PRODUCT_LINES,
    Compensated,
    Contract,
    Facts,
    Fee,
    Findings,
    Item,
    Outage,
    Payment,
    Reading,
    Service,
    Ticket,
    Usage,
)
from refunds.policy.rules import Clause
from refunds.policy.spans import merged
from refunds.policy.wording import Sentence, condition, denial, formula, window
from tests.refunds.policy.properties import few
from tests.refunds.policy.situations import answer, live, outage, rule, span, under

ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "UTC")
START = datetime(2025, 12, 1, tzinfo=UTC)

moments = st.one_of(
    st.integers(0, 200 * 24).map(lambda hours: START + timedelta(hours=hours)),
    st.integers(0, 200 * 86_400).map(
        lambda seconds: START + timedelta(seconds=seconds)
    ),
)
maybe_moments = st.none() | moments
days = st.integers(0, 250).map(lambda n: date(2025, 12, 1) + timedelta(days=n))
amounts = st.integers(0, 500_000)
few_units = st.integers(0, 40)
names = st.sampled_from(["node", "support", "region"])


def pairs(make: Callable[[datetime, datetime], Any]) -> st.SearchStrategy[Any]:
    return st.lists(moments, min_size=2, max_size=2).map(
        lambda ends: make(*sorted(ends))
    )


def several(one: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, max_size=4).map(tuple)


outages = st.builds(
    lambda ends, is_open, **rest: Outage(ends[0], None if is_open else ends[1], **rest),
    pairs(lambda a, b: (a, b)),
    st.booleans(),
    cause=st.sampled_from(CAUSES),
    extent=st.sampled_from(EXTENTS),
    verified=st.booleans(),
    business_affected=st.booleans(),
)
readings = st.builds(
    lambda ends, **rest: Reading(began_at=ends[0], ended_at=ends[1], **rest),
    pairs(lambda a, b: (a, b)),
    metric=st.sampled_from(["availability", "latency_ms"]),
    measured=st.sampled_from(
        [Fraction(n, 100) for n in (9850, 9950, 9995, 9999, 10000)]
    ),
    promised=st.none() | st.just(Fraction(9999, 100)),
    accepted=st.booleans(),
)
contracts = st.builds(
    Contract,
    signed_on=days,
    effective_on=days,
    minimum_commitment=st.just(0) | amounts,
    refund_cap=st.none() | amounts,
    refunded=st.none() | amounts,
    net_paid=st.none() | amounts,
)
services = st.builds(
    Service,
    billing=st.sampled_from(BILLINGS),
    activated_at=maybe_moments,
    ends_on=st.none() | days,
    course_started_at=maybe_moments,
    delivery_due_on=st.none() | days,
    items=several(st.builds(Item, name=names, value=st.none() | amounts)),
)
usages = st.one_of(
    st.just(Usage()),
    st.builds(Usage, share_used=st.sampled_from([Fraction(0), Fraction(1, 10)])),
    st.builds(Usage, lessons_total=few_units, lessons_used=few_units),
    st.builds(Usage, ordered=few_units, delivered=few_units),
    st.builds(Usage, consumed=amounts),
)
refundable = st.sampled_from(["never", "before_activation", "always", "0.5", "1/3"])
cases = st.builds(
    Facts,
    product_line=st.sampled_from(PRODUCT_LINES),
    ground=st.sampled_from(GROUNDS),
    requested_at=moments,
    contract=contracts,
    service=services,
    currency=st.sampled_from(["CNY", "JPY"]),
    time_zone=st.sampled_from(ZONES),
    customer=st.sampled_from(CUSTOMERS),
    keep_service=st.booleans(),
    payments=several(
        st.builds(
            Payment, amount=amounts, paid_at=moments, refunded=st.just(0) | amounts
        )
    ),
    fees=several(
        st.builds(Fee, name=names, amount=st.integers(0, 5000), refundable=refundable)
    ),
    usage=usages,
    outages=several(outages),
    readings=several(readings),
    tickets=several(pairs(Ticket)),
    compensated=st.builds(
        Compensated,
        spans=several(pairs(lambda a, b: span_of(a, b))).map(merged),
        months=several(st.sampled_from(["2025-12", "2026-01", "2026-02"])),
        items=several(names),
        units=few_units,
    ),
    findings=st.builds(
        Findings,
        gap_confirmed_by_both=st.booleans(),
        defect_verified=st.booleans(),
        customer_fault=st.booleans(),
        undelivered_items=several(names),
    ),
)
clauses = several(
    st.sampled_from(
        [
            Clause("live.long_outage", "share", "0.5"),
            Clause("live.long_outage", "conditions.outage_longer_than", 24),
            Clause("live.before_activation", "window.amount", 90),
            Clause("line.trial_window", "window.anchor", "contract_effective"),
            Clause("line.below_sla", "enabled", value=False),
            Clause("course.mistake", "window.unit", "working_days"),
            Clause("package.shortfall", "provider_at_fault", value=False),
            Clause("sdk.service_credit", "window.amount", 300),
        ]
    )
)


def span_of(began: datetime, ended: datetime) -> Any:
    return replace(span("2026-01-01", "2026-01-02"), began_at=began, ended_at=ended)


@few
@given(facts=cases, agreed=clauses)
def test_an_answer_is_an_amount_a_ceiling_or_a_denial(
    facts: Facts, agreed: tuple[Clause, ...]
) -> None:
    found = answer(facts, *agreed)
    given_back = (found.amount, found.ceiling, found.denied)
    assert sum(part is not None for part in given_back) == 1
    assert (found.automatic is None) is (found.denied is not None)
    assert found.denied is None or found.denied in DENIALS


@few
@given(facts=cases, agreed=clauses)
def test_never_below_nothing_and_never_above_what_is_left(
    facts: Facts, agreed: tuple[Clause, ...]
) -> None:
    found = answer(facts, *agreed)
    left = found.ledger.paid - found.ledger.gone
    for amount in (found.amount, found.ceiling):
        assert amount is None or 0 <= amount <= left


@few
@given(length=st.integers(73, 1000), more=st.integers(0, 500))
def test_a_longer_outage_never_gives_less(length: int, more: int) -> None:
    began = datetime(2026, 1, 20, tzinfo=UTC)
    short, long = (
        replace(
            outage("2026-01-20", None),
            began_at=began,
            ended_at=began + timedelta(hours=hours),
        )
        for hours in (length, length + more)
    )
    less, most = (answer(live(outages=(one,))).amount for one in (short, long))
    assert less is not None
    assert most is not None
    assert less <= most


minutes = st.integers(-2000, 6000)
stretches = st.lists(
    st.tuples(minutes, minutes).map(lambda ends: tuple(sorted(ends))), max_size=5
)


@few
@given(out=stretches, given_before=stretches, asked=st.integers(0, 6000))
def test_time_out_is_every_minute_once(
    out: list[tuple[int, int]], given_before: list[tuple[int, int]], asked: int
) -> None:
    """Minute by minute: inside the term, before the request, not compensated."""
    began = datetime(2026, 1, 20, tzinfo=UTC)

    def after(n: int) -> datetime:
        return began + timedelta(minutes=n)

    lost = {m for a, b in out for m in range(a, b)} & set(range(min(asked, 4320)))
    lost -= {m for a, b in given_before for m in range(a, b)}
    facts = live(
        ground="unavailable",
        keep_service=True,
        time_zone="UTC",
        service=Service("term", began, date(2026, 1, 22)),
        requested_at=after(asked),
        payments=(Payment(4320, began),),
        outages=tuple(
            Outage(after(a), after(b), "provider", "total", verified=True)
            for a, b in out
        ),
        compensated=Compensated(
            spans=merged(span_of(after(a), after(b)) for a, b in given_before)
        ),
    )
    every = rule(
        "live.early_unavailable", conditions=(), window=None, claim_within=None
    )
    assert under(every, facts).amount == len(lost)


@few
@given(facts=cases)
def test_the_order_of_records_does_not_matter(facts: Facts) -> None:
    turned = replace(
        facts,
        payments=facts.payments[::-1],
        fees=facts.fees[::-1],
        outages=facts.outages[::-1],
        readings=facts.readings[::-1],
        tickets=facts.tickets[::-1],
    )
    assert answer(turned) == answer(facts)


@few
@given(facts=cases, hours=st.integers(-12, 14), zone=st.sampled_from(ZONES))
def test_two_offsets_of_the_same_moment_agree(
    facts: Facts, hours: int, zone: str
) -> None:
    for tz in (timezone(timedelta(hours=hours)), ZoneInfo(zone)):
        moved = replace(
            facts,
            requested_at=facts.requested_at.astimezone(tz),
            outages=tuple(
                replace(o, began_at=o.began_at.astimezone(tz)) for o in facts.outages
            ),
        )
        found, plain = answer(moved), answer(facts)
        assert (found.amount, found.denied) == (plain.amount, plain.denied)


@few
@given(facts=cases, agreed=clauses)
def test_clauses_never_leave_a_consumer_with_less(
    facts: Facts, agreed: tuple[Clause, ...]
) -> None:
    consumer = replace(facts, customer="individual")
    with_them, without = answer(consumer, *agreed), answer(consumer)
    assert worth(with_them) >= worth(without)


def worth(found: Assessment) -> tuple[int, int]:
    if found.amount is not None:
        return 2, found.amount
    return (0, 0) if found.ceiling is None else (1, found.ceiling)


@few
@given(facts=cases, agreed=clauses)
def test_facts_and_answers_survive_storage(
    facts: Facts, agreed: tuple[Clause, ...]
) -> None:
    found = answer(facts, *agreed)
    assert Facts.from_dict(json.loads(json.dumps(facts.as_dict()))) == facts
    assert Assessment.from_dict(json.loads(json.dumps(found.as_dict()))) == found


@few
@given(facts=cases, agreed=clauses)
def test_every_answer_can_be_put_into_words(
    facts: Facts, agreed: tuple[Clause, ...]
) -> None:
    found = answer(facts, *agreed)
    for sentence in all_sentences(found):
        assert sentence.text % sentence.values
    assert (denial(found) is None) is (found.denied is None)


def all_sentences(found: Assessment) -> list[Sentence]:
    sentences = list(denial(found) or ())
    if worked := formula(found.ledger):
        sentences.append(worked)
    for result in found.results:
        lines = [condition(one) for one in result.conditions]
        if result.window:
            lines.append(window(result.window))
        for words in lines:
            sentences += [words.asks, words.needed, words.found]
    return sentences
