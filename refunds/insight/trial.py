"""Rules tried on one batch of decided requests: what each would have got instead."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from refunds.insight.decided import Batch, KeptRow, batch
from refunds.insight.figures import Figure, Outcome, added, figure
from refunds.insight.kept import CANT_JUDGE, clauses_of, facts_of, working_days_of
from refunds.policy.assess import assess
from refunds.policy.rule import Rule


class Retried(NamedTuple):
    """One request; `after` is None where `problem` says why."""

    row: KeptRow
    after: Outcome | None
    problem: str = ""

    @property
    def changed(self) -> bool:
        return self.after != self.row.outcome


@dataclass(frozen=True)
class Tried:
    """What a batch showed: `changes` hold what could not be judged, too."""

    position: int
    size: int
    figures: list[Figure]
    changes: list[Retried]


def trial(
    product_line: str, rules: tuple[Rule, ...], *, after: int = 0
) -> Iterator[Tried]:
    """Batch by batch, in bounded memory."""
    while found := batch(product_line, after=after):
        yield _try(found, rules)
        after = found.position


def _try(found: Batch, rules: tuple[Rule, ...]) -> Tried:
    retried = [_retry(row, rules) for row in found.rows]
    return Tried(
        position=found.position,
        size=len(retried),
        figures=added(
            figure(
                each.row.outcome,
                each.after,
                currency=each.row.currency,
                problem=each.problem,
            )
            for each in retried
        ),
        changes=[each for each in retried if each.changed],
    )


def _retry(row: KeptRow, rules: tuple[Rule, ...]) -> Retried:
    try:
        answer = assess(
            facts_of(row.facts),
            rules=rules,
            clauses=clauses_of(row.clauses),
            calendar=working_days_of(row.working_days),
        )
    except CANT_JUDGE as error:
        return Retried(row, None, str(error) or type(error).__name__)
    after = Outcome(
        answer.rule or "", answer.denied or "", answer.amount, answer.ceiling
    )
    return Retried(row, after)
