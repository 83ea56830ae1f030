"""A rule of the refund policy, as data, and what makes it nonsense."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from refunds.policy import plain
from refunds.policy.checks import EVIDENCE_KINDS, FORMULAS, reasons_against
from refunds.policy.conditions import Condition, LevelBreached, OutageCondition
from refunds.policy.errors import PolicyError
from refunds.policy.sentence import Sentence, gettext_noop
from refunds.policy.windows import Window

__all__ = ["EVIDENCE_KINDS", "FORMULAS", "Days", "Limit", "Rule", "Tier"]

UNREADABLE = gettext_noop(
    "This rule can't be read (%(detail)s). Compare it with an exported policy."
)


@dataclass(frozen=True)
class Days:
    """Working days until the one in charge is warned, and until it is due."""

    warn: int
    due: int


@dataclass(frozen=True)
class Limit:
    """Minor units of the currency."""

    amount: int
    currency: str


@dataclass(frozen=True)
class Tier:
    """Measured below `below` (strictly), `share` of the month's part comes back."""

    below: Fraction
    share: Fraction


@dataclass(frozen=True, kw_only=True)
class Rule:
    """PolicyError where it makes no sense.

    claim_within  calendar days after the outage's end; the window then asks when
                  the outage began
    share         a multiplier of the computed amount
    """

    code: str
    position: int
    product_line: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    grounds: tuple[str, ...]
    formula: str
    review: Days
    evaluation: Days
    payout: Days
    enabled: bool = True
    window: Window | None = None
    claim_within: int | None = None
    conditions: tuple[Condition, ...] = ()
    waived: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ()
    share: Fraction = Fraction(1)
    provider_at_fault: bool = False
    auto_approve_limit: Limit | None = None
    evidence_required: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for reason in reasons_against(self):
            raise reason

    @property
    def asked(self) -> tuple[Condition, ...]:
        """The conditions that a request has to meet. One that the contract waives
        still says which outages or readings the formula and the window are about."""
        if not self.waived:
            return self.conditions
        return tuple(c for c in self.conditions if c.name not in self.waived)

    @property
    def outage(self) -> OutageCondition | None:
        return next(
            (c for c in self.conditions if isinstance(c, OutageCondition)), None
        )

    @property
    def level(self) -> LevelBreached | None:
        return next((c for c in self.conditions if isinstance(c, LevelBreached)), None)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, exact."""
        written: dict[str, Any] = plain.dump(self)
        return written

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Rule":
        """Inverse of `as_dict`; PolicyError with the reason otherwise."""
        code = str(data.get("code", "")) if isinstance(data, Mapping) else ""
        try:
            return plain.load(cls, data)
        except PolicyError as error:
            raise error.within(code) from None
        except (TypeError, ValueError) as error:
            unreadable = Sentence(UNREADABLE, {"detail": str(error)})
            raise PolicyError(unreadable, rule=code) from None
