"""A rule of the refund policy, as data, and what makes it nonsense."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from refunds.policy import plain
from refunds.policy.conditions import Condition, LevelBreached, OutageCondition
from refunds.policy.errors import PolicyError
from refunds.policy.facts import GROUNDS, PRODUCT_LINES
from refunds.policy.windows import MONTH_END, Window

FORMULAS = (
    "full",
    "unused_share",
    "outage_share",
    "breach_share",
    "remaining_lessons",
    "shortfall_share",
    "undelivered_items",
    "service_credit",
    "negotiated",
)
EVIDENCE_KINDS = (
    "payment_record",
    "agreement_page",
    "monitoring_report",
    "fault_log",
    "progress_screenshot",
    "communication",
    "third_party_data",
    "notarised_record",
    "other",
)
LANGUAGES = {"en", "zh"}


@dataclass(frozen=True)
class Days:
    """Working days until the one in charge is warned, and until it is due."""

    warn: int
    due: int

    def __post_init__(self) -> None:
        if not 0 <= self.warn <= self.due:
            raise PolicyError(f"warns on day {self.warn} of {self.due}")


@dataclass(frozen=True)
class Limit:
    """Minor units of the currency."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise PolicyError("is below 0", field="auto_approve_limit")


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
    tiers: tuple[Tier, ...] = ()
    share: Fraction = Fraction(1)
    provider_at_fault: bool = False
    auto_approve_limit: Limit | None = None
    evidence_required: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for reason in _nonsense(self):
            raise PolicyError(reason, rule=self.code)

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
        try:
            return plain.load(cls, data)
        except (TypeError, ValueError) as error:
            code = data.get("code", "") if isinstance(data, Mapping) else ""
            raise PolicyError(str(error), rule=str(code)) from None


def _nonsense(rule: Rule) -> Iterator[str]:
    """Every reason why the rule can't be applied."""
    for wrong, reason in CHECKS:
        if wrong(rule):
            yield reason


def _unknown(names: Iterable[str], known: Iterable[str]) -> bool:
    return not set(names) <= set(known)


def _repeats(rule: Rule) -> bool:
    names = [condition.name for condition in rule.conditions]
    return len(set(names)) < len(names)


def _counts_months(rule: Rule) -> bool:
    anchored = rule.window is not None and rule.window.anchor == MONTH_END
    return anchored or rule.formula in ("breach_share", "service_credit")


CHECKS: tuple[tuple[Callable[[Rule], bool], str], ...] = (
    (lambda r: not r.code, "has no code"),
    (lambda r: r.product_line not in PRODUCT_LINES, "has no known product line"),
    (lambda r: set(r.title) != LANGUAGES, "needs a title in en and zh"),
    (lambda r: set(r.text) != LANGUAGES, "needs a text in en and zh"),
    (lambda r: not r.grounds, "answers no ground"),
    (lambda r: _unknown(r.grounds, GROUNDS), "answers a ground that is none"),
    (lambda r: r.formula not in FORMULAS, "has no known formula"),
    (
        lambda r: _unknown(r.evidence_required, EVIDENCE_KINDS),
        "asks for evidence of a kind that is none",
    ),
    (_repeats, "asks for a condition twice"),
    (lambda r: r.share < 0, "has a share below 0"),
    (
        lambda r: r.claim_within is not None and r.claim_within < 0,
        "wants claims before the outage's end",
    ),
    (
        lambda r: r.claim_within is not None and r.outage is None,
        "has a claim within, but no outage condition that it could be about",
    ),
    (
        lambda r: r.formula == "outage_share" and r.outage is None,
        "pays for outages, but has no outage condition",
    ),
    (
        lambda r: _counts_months(r) and r.level is None,
        "counts breaches, but has no level_breached",
    ),
    (
        lambda r: (
            r.formula == "service_credit"
            and (not r.tiers or r.level is None or r.level.metric != "availability")
        ),
        "a service credit needs tiers and level_breached of availability",
    ),
    (
        lambda r: any(not 0 <= tier.share <= 1 for tier in r.tiers),
        "has a tier whose share is not between 0 and 1",
    ),
)
