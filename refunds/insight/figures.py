"""What would change, counted: by what came before and after, never two currencies."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple


class Outcome(NamedTuple):
    """What an answer comes to; minor units."""

    rule: str
    denied: str
    amount: int | None
    ceiling: int | None

    @property
    def side(self) -> "Side":
        return Side(self.rule, self.denied, self.ceiling is not None)

    @property
    def money(self) -> int:
        """The amount, or the ceiling of a negotiation."""
        return self.amount or self.ceiling or 0


@dataclass(frozen=True, order=True)
class Side:
    """The rule that gives an amount, or a negotiation up to a ceiling; or a denial."""

    rule: str = ""
    denied: str = ""
    negotiated: bool = False


@dataclass(frozen=True)
class Figure:
    """Requests that share what came before and what would come after.

    before_sum, after_sum  minor units; of ceilings where that side is negotiated
    problem                why they could not be judged; `after` is empty then
    """

    currency: str
    before: Side
    after: Side
    changed: bool
    problem: str = ""
    count: int = 0
    before_sum: int = 0
    after_sum: int = 0

    @property
    def difference(self) -> int | None:
        """None where people would have negotiated, or nobody could judge."""
        if self.problem or self.before.negotiated or self.after.negotiated:
            return None
        return self.after_sum - self.before_sum

    @property
    def key(self) -> "Figure":
        return replace(self, count=0, before_sum=0, after_sum=0)


@dataclass(frozen=True)
class Total:
    """Of one currency: the figures whose difference is known; minor units."""

    currency: str
    count: int
    before_sum: int
    after_sum: int

    @property
    def difference(self) -> int:
        return self.after_sum - self.before_sum


def figure(
    before: Outcome, after: Outcome | None, *, currency: str, problem: str = ""
) -> Figure:
    """Of one request; `after` is None where it could not be judged."""
    return Figure(
        currency=currency,
        before=before.side,
        after=after.side if after else Side(),
        changed=after is not None and after != before,
        problem=problem,
        count=1,
        before_sum=before.money,
        after_sum=after.money if after else 0,
    )


def added(figures: Iterable[Figure]) -> list[Figure]:
    """One figure per kind, in an order that is always the same."""
    sums: dict[Figure, list[int]] = {}
    for each in figures:
        running = sums.setdefault(each.key, [0, 0, 0])
        running[0] += each.count
        running[1] += each.before_sum
        running[2] += each.after_sum
    return sorted(
        (
            replace(key, count=count, before_sum=before, after_sum=after)
            for key, (count, before, after) in sums.items()
        ),
        key=lambda f: (bool(f.problem), f.currency, f.before, f.after, f.problem),
    )


def totals(figures: Iterable[Figure]) -> list[Total]:
    found: dict[str, Total] = {}
    for each in figures:
        if not each.changed or each.difference is None:
            continue
        so_far = found.get(each.currency, Total(each.currency, 0, 0, 0))
        found[each.currency] = Total(
            each.currency,
            so_far.count + each.count,
            so_far.before_sum + each.before_sum,
            so_far.after_sum + each.after_sum,
        )
    return [found[currency] for currency in sorted(found)]
