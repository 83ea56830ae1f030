"""Whether rules make sense for their product line, and together."""

from collections.abc import Iterable, Iterator

from refunds.policy.rule import Rule
from refunds.policy.sentence import Sentence


def nonsense_of(rules: Iterable[Rule]) -> Iterator[Sentence]:
    """Every reason against publishing these rules of one product line."""
    yield from ()
