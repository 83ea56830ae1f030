"""Which payment gives back how much. Pure: newest first, up to what is left of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Source:
    """One allocation of a payment; `left` in minor units. `open`: its route takes
    refunds still; what is closed comes last, and goes to another account."""

    allocation: int
    paid_at: datetime
    left: int
    open: bool = True


@dataclass(frozen=True)
class Part:
    allocation: int
    amount: int


def split(amount: int, sources: Sequence[Source]) -> tuple[list[Part], int]:
    """The parts, which add up to `amount` less what no payment had left for."""
    parts = []
    for source in sorted(
        sources, key=lambda s: (s.open, s.paid_at, s.allocation), reverse=True
    ):
        take = min(amount, source.left)
        if take > 0:
            parts.append(Part(source.allocation, take))
            amount -= take
    return parts, amount
