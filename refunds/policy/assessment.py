"""The engine's answer: every rule, every condition, every step of the amount."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from refunds.policy import plain
from refunds.policy.clauses import Clause
from refunds.policy.conditions import ConditionResult
from refunds.policy.plain import Value
from refunds.policy.windows import WindowResult

DENIALS = (
    "nothing_left",
    "customer_fault",
    "third_party_fault",
    "service_normal",
    "already_used",
    "below_threshold",
    "not_proven",
    "out_of_time",
)


@dataclass(frozen=True)
class RuleResult:
    """One rule, tried. `amount` and `ceiling` in minor units, where it matched."""

    code: str
    position: int
    answers_ground: bool
    conditions: tuple[ConditionResult, ...]
    window: WindowResult | None = None
    amount: int | None = None
    ceiling: int | None = None

    @property
    def failed(self) -> int:
        """How many conditions failed; the window counts as one."""
        window_failed = self.window is not None and not self.window.met
        return sum(not condition.met for condition in self.conditions) + window_failed

    @property
    def matched(self) -> bool:
        return self.answers_ground and not self.failed

    @property
    def decisive(self) -> ConditionResult | WindowResult | None:
        """What failed first, the window last; None where all is met."""
        failed = (condition for condition in self.conditions if not condition.met)
        window = self.window if self.window and not self.window.met else None
        return next(failed, window)


@dataclass(frozen=True)
class Ledger:
    """How the amount came about; minor units, exact until the rounding.

    share, computed      None for a denial; share also where the formula has none
    remaining            paid - gone - fees
    commitment_leaves    net paid on the contract - minimum commitment; None: no limit
    cap_leaves           refund cap - refunded on the contract; None: no limit
    """

    paid: int
    gone: int
    fees: Fraction
    value: Fraction
    remaining: Fraction
    formula: str | None = None
    share: Fraction | None = None
    rule_share: Fraction | None = None
    computed: Fraction | None = None
    commitment_leaves: int | None = None
    cap_leaves: int | None = None
    workings: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Assessment:
    """The answer, with every step. Money in minor units of `currency`.

    rule       the winner; None for a denial
    amount     None for a denial or a negotiation
    ceiling    up to which a negotiation may go; None otherwise
    automatic  None for a denial
    nearest    for a denial, the rule whose `decisive` gave it; None where none could
    overruled  clauses that would have taken something away from a consumer
    """

    currency: str
    rule: str | None
    amount: int | None
    ceiling: int | None
    automatic: bool | None
    denied: str | None
    nearest: str | None
    results: tuple[RuleResult, ...]
    ledger: Ledger
    overruled: tuple[Clause, ...] = ()

    @property
    def speaking(self) -> RuleResult | None:
        """The result of the rule that decided: the winner, or the nearest miss."""
        code = self.rule or self.nearest
        return next((result for result in self.results if result.code == code), None)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, exact."""
        written: dict[str, Any] = plain.dump(self)
        return written

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Assessment":
        """Inverse of `as_dict`; TypeError or ValueError otherwise."""
        return plain.load(cls, data)
