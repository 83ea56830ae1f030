"""More trouble never gives less, more time used never gives more; parts add up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refunds.policy.assessment import Assessment
from refunds.policy.conditions import LevelBreached
from refunds.policy.facts import Facts, Outage, Payment, Reading, Service
from refunds.policy.rules import Rule, Tier
from tests.refunds.policy.anything import cases
from tests.refunds.policy.properties import few
from tests.refunds.policy.situations import answer, live, reading, rule, sdk, under

pytestmark = pytest.mark.property

# Fifty days, two cents for each of their minutes.
BEGAN = datetime(2026, 1, 20, tzinfo=UTC)
TERM = Service("term", BEGAN, date(2026, 3, 10))
MINUTES = 50 * 24 * 60
HELD = live(
    ground="outage",
    time_zone="UTC",
    service=TERM,
    requested_at=BEGAN + timedelta(minutes=MINUTES),
    payments=(Payment(2 * MINUTES, BEGAN),),
)
UNUSED = rule("live.early_unavailable", conditions=(), window=None, claim_within=None)
UNUSED = replace(UNUSED, grounds=("outage",))
OUTAGES = rule("live.long_outage")
BREACHES = replace(OUTAGES, formula="breach_share", conditions=(LevelBreached(),))
VOLUNTARY = ("change_of_mind", "mistake", "content_mismatch")

minutes = st.integers(-2000, MINUTES + 2000)
stretches = st.lists(st.tuples(minutes, minutes).map(sorted), max_size=5)


def after(n: int) -> datetime:
    return BEGAN + timedelta(minutes=n)


def out(began: int, ended: int) -> Outage:
    return Outage(after(began), after(ended), "provider", "total", verified=True)


def breach(began: int, ended: int) -> Reading:
    measured, promised = Fraction(99), Fraction("99.9")
    period = after(began), after(ended)
    return Reading("availability", *period, measured, promised, accepted=True)


def amount(found: Assessment) -> int:
    return found.amount or 0


@few
@given(first=minutes, later=st.integers(0, 5000), lost=stretches, keep=st.booleans())
def test_who_ends_the_service_later_never_gets_more(
    *, first: int, later: int, lost: list[list[int]], keep: bool
) -> None:
    """Nor does who keeps it get less: outages until then count."""
    facts = replace(HELD, outages=tuple(out(*ends) for ends in lost), keep_service=keep)
    early, late = (
        amount(under(UNUSED, replace(facts, requested_at=after(max(moment, 0)))))
        for moment in (first, max(first, 0) + later)
    )
    assert early <= late if keep else early >= late


@few
@given(facts=cases, ground=st.sampled_from(VOLUNTARY), hours=st.integers(0, 2000))
def test_who_changes_their_mind_later_never_gets_more(
    facts: Facts, ground: str, hours: int
) -> None:
    early = replace(facts, ground=ground)
    late = replace(early, requested_at=early.requested_at + timedelta(hours=hours))
    assert amount(answer(late)) <= amount(answer(early))


@few
@given(
    lost=stretches,
    began=minutes,
    length=st.integers(0, 9000),
    more=st.integers(0, 9000),
    asked=st.integers(0, MINUTES),
    keep=st.booleans(),
)
@pytest.mark.parametrize("paying", [UNUSED, OUTAGES, BREACHES], ids=lambda r: r.formula)
def test_longer_trouble_never_gives_less(
    *,
    paying: Rule,
    lost: list[list[int]],
    began: int,
    length: int,
    more: int,
    asked: int,
    keep: bool,
) -> None:
    less, most = (
        amount(
            under(
                paying,
                replace(
                    HELD,
                    requested_at=after(asked),
                    keep_service=keep,
                    outages=tuple(out(*ends) for ends in [*lost, every]),
                    readings=tuple(breach(*ends) for ends in [*lost, every]),
                ),
            )
        )
        for every in ([began, began + length], [began, began + length + more])
    )
    assert less <= most


def in_pieces(ends: list[int], cuts: list[int]) -> list[list[int]]:
    began, ended = ends
    edges = [began, *sorted(cut for cut in cuts if began < cut < ended), ended]
    return [list(pair) for pair in pairwise(edges)]


@few
@given(lost=stretches, cuts=st.lists(minutes, max_size=8))
@pytest.mark.parametrize("paying", [UNUSED, OUTAGES, BREACHES], ids=lambda r: r.formula)
def test_the_touching_parts_of_trouble_are_the_whole_of_it(
    paying: Rule, lost: list[list[int]], cuts: list[int]
) -> None:
    pieces = [piece for ends in lost for piece in in_pieces(ends, cuts)]
    whole, parts = (
        under(
            paying,
            replace(
                HELD,
                outages=tuple(out(*ends) for ends in every),
                readings=tuple(breach(*ends) for ends in every),
            ),
        )
        for every in (lost, pieces)
    )
    assert (whole.amount, whole.denied) == (parts.amount, parts.denied)


@few
@given(facts=cases, part=st.integers(0, 500_000))
def test_two_halves_of_a_payment_are_the_whole_of_it(facts: Facts, part: int) -> None:
    def halves(whole: Payment) -> list[Payment]:
        first, gone = min(part, whole.amount), min(part, whole.refunded)
        rest = Payment(whole.amount - first, whole.paid_at, whole.refunded - gone)
        return [Payment(first, whole.paid_at, gone), rest]

    split = tuple(half for payment in facts.payments for half in halves(payment))
    assert answer(replace(facts, payments=split)) == answer(facts)


@few
@given(share=st.fractions(0, 1, max_denominator=100), days=st.integers(0, 400))
def test_the_months_of_a_term_add_up_to_the_value(share: Fraction, days: int) -> None:
    service = replace(TERM, ends_on=BEGAN.date() + timedelta(days=days))
    ended = (days + 1) * 24 * 60
    facts = replace(
        HELD,
        product_line="conference_sdk",
        ground="quality",
        service=service,
        requested_at=after(ended),
        readings=(breach(0, ended),),
    )
    credit = rule("sdk.service_credit", window=None)
    credit = replace(credit, tiers=(Tier(Fraction("99.5"), share),))
    found = under(credit, facts)
    assert found.ledger.computed == share * 2 * MINUTES
    assert len(credited(found)) >= days // 31


def credited(found: Assessment) -> tuple[str, ...]:
    months = found.ledger.workings["months"]
    assert isinstance(months, tuple)
    return months


def test_of_two_readings_begun_together_the_order_they_came_in_does_not_matter() -> (
    None
):
    short = reading("2026-02-01 00:00", "2026-02-01 00:00", "98.5", promised=None)
    longer = reading("2026-02-01 00:00", "2026-02-02 00:00", "98.5", promised=None)
    one = answer(sdk(ground="quality", readings=(short, longer)))
    other = answer(sdk(ground="quality", readings=(longer, short)))
    assert one == other
