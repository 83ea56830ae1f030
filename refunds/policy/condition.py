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
        raise PolicyError(f"{value!r}: this condition has no bound", field=self.name)

    def _result(
        self, found: Mapping[str, Value], *, met: bool, denial: str
    ) -> ConditionResult:
        needed = dict(vars(self))
        return ConditionResult(self.name, met, needed, found, None if met else denial)


def number(value: Scalar, *, field: str) -> Fraction:
    try:
        return exact(value)
    except (TypeError, ValueError) as error:
        raise PolicyError(str(error), field=field) from None


def not_negative(hours: Fraction, *, field: str) -> None:
    if hours < 0:
        raise PolicyError(f"{hours} hours are below 0", field=field)
