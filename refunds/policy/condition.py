"""What every condition of a rule is: it judges the facts and says what it found."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Self

from accounts.minor_units import exact
from refunds.policy.errors import PolicyError
from refunds.policy.facts import Facts
from refunds.policy.plain import Scalar, Value
from refunds.policy.sentence import Sentence, gettext_noop

NO_BOUND = gettext_noop(
    "This condition has no bound to change: it is met or it is not. Write “false” to "
    "do without it."
)
NO_NUMBER = gettext_noop("“%(value)s” is no number. Write one such as 48 or 0.2.")
HOURS_BELOW_0 = gettext_noop("Hours can't be below 0. Write 0 or more.")


@dataclass(frozen=True)
class ConditionResult:
    """`denial`: what a request is denied with where this fails; None where met."""

    name: str
    met: bool
    needed: Mapping[str, Value]
    found: Mapping[str, Value]
    denial: str | None = None


class Condition(ABC):
    """Judged at the moment of the request, on what the records show until then."""

    kinds: ClassVar[dict[str, type["Condition"]]] = {}
    name: ClassVar[str]
    is_finding: ClassVar[bool] = False

    def __init_subclass__(cls, *, name: str = "", finding: bool = False) -> None:
        if name:
            cls.name = name
            cls.is_finding = finding
            Condition.kinds[name] = cls

    @abstractmethod
    def judge(self, facts: Facts) -> ConditionResult: ...

    def bounded_by(self, value: Scalar) -> Self:
        """The same condition with a contract's bound; PolicyError for nonsense."""
        raise self.refusal(NO_BOUND)

    @classmethod
    def refusal(cls, text: str, **values: Value) -> PolicyError:
        """A bound that makes no sense, as the error of this condition's field."""
        return PolicyError(Sentence(text, values), field=f"conditions.{cls.name}")

    def _result(
        self, found: Mapping[str, Value], *, met: bool, denial: str
    ) -> ConditionResult:
        needed = dict(vars(self))
        return ConditionResult(self.name, met, needed, found, None if met else denial)

    @classmethod
    def _number(cls, value: Scalar) -> Fraction:
        try:
            return exact(value)
        except (TypeError, ValueError):
            raise cls.refusal(NO_NUMBER, value=str(value)) from None

    @classmethod
    def _check_hours(cls, hours: Fraction) -> None:
        if hours < 0:
            raise cls.refusal(HOURS_BELOW_0)
