"""Whether rules make sense for what is sold, and together.

Only what can never be meant is refused here; what can't be applied at all is refused
before, in `checks.py`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from refunds.policy.checks import failed
from refunds.policy.errors import PolicyError
from refunds.policy.misfits import MISFITS
from refunds.policy.rule import Rule
from refunds.policy.sentence import Sentence, gettext_noop

NO_RULES = gettext_noop(
    "No rule is in use, so every request would be declined. Add a rule, or enable one."
)
SAME_CODE = gettext_noop("Two rules have the code %(rule)s. Give one of them another.")
SAME_POSITION = gettext_noop(
    "Two rules have position %(position)s, so nobody knows which comes first. Give one "
    "of them another."
)
OTHER_LINE = gettext_noop(
    "Rule %(rule)s is of another product line than the first one. Remove it, or "
    "correct its product line."
)


def nonsense_of(rules: Iterable[Rule]) -> Iterator[Sentence]:
    """Every reason against publishing these rules of one product line."""
    every = tuple(rules)
    if not any(rule.enabled for rule in every):
        yield Sentence(NO_RULES, {})
    for code in _repeated(rule.code for rule in every):
        yield Sentence(SAME_CODE, {"rule": code})
    for position in _repeated(rule.position for rule in every):
        yield Sentence(SAME_POSITION, {"position": position})
    for rule in every:
        if rule.product_line != every[0].product_line:
            yield Sentence(OTHER_LINE, {"rule": rule.code})
        yield from (misfit.sentence for misfit in misfits(rule))


def misfits(rule: Rule) -> Iterator[PolicyError]:
    """Every reason why a rule that could be applied can't be meant so."""
    return failed(MISFITS, rule)


def _repeated(values: Iterable[str | int]) -> list[str | int]:
    return [value for value, times in Counter(values).items() if times > 1]
