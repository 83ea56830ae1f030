"""Lines beside legs, pure: what each pair tells, and that nothing is left over."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refunds.models import Discrepancy
from refunds.payouts.matching import (
    Kind,
    Matching,
    Ours,
    Standing,
    Stated,
    match,
    together,
)

AT = datetime(2026, 11, 16, 2, tzinfo=UTC)
LEG = Ours(1, "RF1L1A1", "trade", 100, "CNY", Standing.GONE)
LINE = Stated("RF1L1A1", "trade", "trade", 100, "CNY", AT)
GONE, OPEN, NOTHING, RETURNED = Standing


def kinds(found: Matching) -> list[str]:
    return [finding.kind.value for finding in found.findings]


@pytest.mark.parametrize(
    ("leg", "lines", "found", "asked"),
    [
        (LEG, [LINE], [], False),
        (LEG, [], [], False),
        (replace(LEG, due=True), [], ["not_stated"], False),
        (replace(LEG, due=True, standing=OPEN), [], [], False),
        (replace(LEG, due=True), [LINE], [], False),
        (LEG, [replace(LINE, amount=99)], ["amount"], False),
        (LEG, [replace(LINE, currency="USD")], ["amount"], False),
        (LEG, [LINE, LINE], ["twice"], False),
        (LEG, [LINE, LINE, LINE], ["twice", "twice"], False),
        (replace(LEG, stated=frozenset({AT})), [LINE], [], False),
        (
            replace(LEG, stated=frozenset({AT - timedelta(days=1)})),
            [LINE],
            ["twice"],
            False,
        ),
        (replace(LEG, standing=OPEN), [LINE], [], True),
        (replace(LEG, standing=OPEN), [replace(LINE, amount=99)], ["amount"], True),
        (replace(LEG, standing=NOTHING), [LINE], ["not_ours"], False),
        (replace(LEG, standing=RETURNED), [LINE], [], False),
        (LEG, [LINE, replace(LINE, back=True)], ["came_back"], True),
        (LEG, [replace(LINE, back=True)], ["came_back"], True),
        (replace(LEG, standing=RETURNED), [replace(LINE, back=True)], [], False),
        (LEG, [replace(LINE, key="HD1")], ["not_ours"], False),
        (LEG, [replace(LINE, key="")], ["not_ours"], False),
        (LEG, [replace(LINE, key="HD1", back=True)], ["came_back"], False),
        (LEG, [replace(LINE, key="HD1")] * 2, ["not_ours", "twice"], False),
        (
            LEG,
            [replace(LINE, key=""), replace(LINE, key="", at=AT + timedelta(hours=1))],
            ["not_ours", "not_ours"],
            False,
        ),
    ],
)
def test_each_pair_tells_what_it_tells(
    leg: Ours,
    lines: list[Stated],
    found: list[str],
    asked: bool,  # noqa: FBT001
) -> None:
    matching = match([leg], lines)
    assert kinds(matching) == found
    assert bool(matching.ask) is asked


def test_a_bill_of_what_was_asked_for_proves_no_movement() -> None:
    failed = replace(LEG, standing=NOTHING)
    assert kinds(match([failed], [LINE], proves=False)) == []
    assert kinds(match([failed], [LINE])) == ["not_ours"]


def test_two_files_of_a_day_that_say_the_same_say_it_once() -> None:
    other = replace(LINE, key="HD1")
    assert together([[LINE, other], [LINE]]) == [LINE, other]
    assert together([[LINE, LINE], [LINE]]) == [LINE, LINE]


def test_what_has_no_number_but_its_payment_s_is_told_apart_by_its_moment() -> None:
    plain = replace(LINE, key="")
    later = replace(plain, at=AT + timedelta(seconds=1))
    assert plain.reference != later.reference
    assert plain.reference == replace(plain).reference
    assert replace(LINE, provider_number="re_1").reference == "re_1"
    assert LINE.reference == LINE.key
    longest = Stated("k" * 64, "p" * 64, "t" * 64, 1, "CNY", AT)
    assert len(longest.subject) <= 140


def test_every_kind_is_one_that_is_kept() -> None:
    assert {kind.value for kind in Kind} < set(Discrepancy.Kind.values)


KEYS = st.sampled_from(["", "RF1L1A1", "RF2L1A1", "RF3L1A1", "HD1", "HD2"])
LEGS = st.lists(
    st.builds(
        Ours,
        pk=st.integers(),
        key=KEYS.filter(lambda key: key.startswith("RF")),
        trade_number=st.just("trade"),
        amount=st.sampled_from([100, 200]),
        currency=st.just("CNY"),
        standing=st.sampled_from(Standing),
        due=st.booleans(),
        stated=st.sampled_from([frozenset(), frozenset({AT})]),
    ),
    unique_by=(lambda leg: leg.key, lambda leg: leg.pk),
)
LINES = st.lists(
    st.builds(
        Stated,
        key=KEYS,
        provider_number=st.sampled_from(["trade", "re_1", "re_2"]),
        trade_number=st.just("trade"),
        amount=st.sampled_from([100, 200]),
        currency=st.sampled_from(["CNY", "USD"]),
        at=st.sampled_from([AT, AT + timedelta(hours=1)]),
        back=st.booleans(),
    ),
    max_size=8,
)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(LEGS, LINES, st.booleans())
def test_every_line_and_every_leg_is_accounted_for_once(
    legs: list[Ours],
    lines: list[Stated],
    proves: bool,  # noqa: FBT001
) -> None:
    found = match(legs, lines, proves=proves)
    told = [line for _leg, line in found.agreed]
    told += [finding.line for finding in found.findings if finding.line]
    assert Counter(told) == Counter(lines)
    stated = {line.key for line in lines if not line.back}
    missing = [f.ours for f in found.findings if f.kind is Kind.NOT_STATED]
    for leg in legs:
        alone = missing.count(leg) + found.waiting.count(leg)
        assert alone == (0 if leg.key in stated or leg.stated else 1)
    once = [(f.kind, f.subject) for f in found.findings if f.kind is not Kind.TWICE]
    assert len(once) == len(set(once))
