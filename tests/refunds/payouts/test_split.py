"""Which payment gives back how much: the properties of the split."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refunds.payouts.split import Part, Source, split
from tests.refunds.policy.properties import few

START = datetime(2026, 1, 1, tzinfo=UTC)
amounts = st.integers(1, 2_000_000)
left = st.integers(0, 500_000)
payments = st.lists(st.tuples(st.integers(0, 40), left), max_size=8).map(
    lambda rows: [
        Source(pk, START + timedelta(days=day), left)
        for pk, (day, left) in enumerate(rows, start=1)
    ]
)


def newest_first(sources: list[Source]) -> list[Source]:
    return sorted(sources, key=lambda s: (s.paid_at, s.allocation), reverse=True)


@given(amount=amounts, sources=payments)
@few
def test_parts_and_what_is_short_add_up(amount: int, sources: list[Source]) -> None:
    parts, short = split(amount, sources)
    assert sum(part.amount for part in parts) + short == amount
    assert short == max(0, amount - sum(source.left for source in sources))


@given(amount=amounts, sources=payments)
@few
def test_no_part_is_above_what_is_left_nor_empty(
    amount: int, sources: list[Source]
) -> None:
    parts, _short = split(amount, sources)
    left = {source.allocation: source.left for source in sources}
    assert all(0 < part.amount <= left[part.allocation] for part in parts)
    assert len({part.allocation for part in parts}) == len(parts)


@given(amount=amounts, sources=payments)
@few
def test_an_older_payment_gives_only_once_every_newer_one_is_empty(
    amount: int, sources: list[Source]
) -> None:
    parts, _short = split(amount, sources)
    filled = [source for source in newest_first(sources) if source.left]
    touched = filled[: len(parts)]
    assert [part.allocation for part in parts] == [s.allocation for s in touched]
    assert [part.amount for part in parts[:-1]] == [s.left for s in touched[:-1]]


@given(amount=amounts, sources=payments, order=st.randoms(use_true_random=False))
@few
def test_the_order_in_which_payments_are_read_does_not_matter(
    amount: int, sources: list[Source], order: Random
) -> None:
    shuffled = list(sources)
    order.shuffle(shuffled)
    assert split(amount, shuffled) == split(amount, sources)


@pytest.mark.parametrize(
    ("amount", "left", "expected", "short"),
    [
        (1, [1], [1], 0),
        (19_99, [10_00, 9_99], [9_99, 10_00], 0),
        (100, [33, 33, 33], [33, 33, 33], 1),
        (5, [], [], 5),
        (5, [0, 0], [], 5),
    ],
)
def test_worked_splits(
    amount: int, left: list[int], expected: list[int], short: int
) -> None:
    """`left` from the oldest payment to the newest."""
    sources = [
        Source(pk, START + timedelta(days=pk), each) for pk, each in enumerate(left)
    ]
    parts, rest = split(amount, sources)
    assert ([part.amount for part in parts], rest) == (expected, short)
    assert all(isinstance(part, Part) for part in parts)
