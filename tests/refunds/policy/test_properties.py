"""What holds whatever the facts: limits, order, offsets, storage, words."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refunds.policy.assessment import DENIALS, Assessment
from refunds.policy.facts import Compensated, Facts, Outage, Payment, Service
from refunds.policy.rules import Clause
from refunds.policy.spans import Span, merged
from refunds.policy.wording import Sentence, condition, denial, formula, window
from tests.refunds.policy.anything import ZONES, cases, clauses
from tests.refunds.policy.properties import few
from tests.refunds.policy.situations import answer, live, outage, rule, under

pytestmark = pytest.mark.property


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
            spans=merged(Span(after(a), after(b)) for a, b in given_before)
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
