"""What is known about a contract, its service and a request, at one moment.

Money is in whole minor units of `Facts.currency`, moments are timezone-aware, shares
and levels are exact fractions. What nobody recorded is None or empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from accounts.minor_units import exact
from refunds.policy import plain
from refunds.policy.errors import FactsError
from refunds.policy.spans import Span

PRODUCT_LINES = (
    "live_streaming",
    "dedicated_line",
    "online_course",
    "quantity_package",
    "conference_sdk",
)
GROUNDS = (
    "change_of_mind",
    "unavailable",
    "outage",
    "quality",
    "not_delivered",
    "content_mismatch",
    "content_defect",
    "mistake",
    "shortfall",
    "account_risk",
)
CUSTOMERS = ("company", "individual")
BILLINGS = ("term", "metered", "lessons", "quantity")
CAUSES = ("provider", "customer", "third_party", "force_majeure")
EXTENTS = ("total", "degraded")
REFUNDABLE = ("never", "before_activation", "always")
LOWER_IS_WORSE = frozenset({"availability", "bandwidth"})
HIGHER_IS_WORSE = frozenset({"latency", "jitter", "loss"})


@dataclass(frozen=True)
class Contract:
    """Amounts of the whole contract; None: there is just this service."""

    signed_on: date
    effective_on: date
    minimum_commitment: int = 0
    refund_cap: int | None = None
    refunded: int | None = None
    net_paid: int | None = None


@dataclass(frozen=True)
class Item:
    name: str
    value: int | None = None


@dataclass(frozen=True)
class Service:
    """`promised` maps a metric (availability, latency_ms …) to its promised level."""

    billing: str
    activated_at: datetime | None = None
    ends_on: date | None = None
    course_started_at: datetime | None = None
    delivery_due_on: date | None = None
    items: tuple[Item, ...] = ()
    promised: Mapping[str, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _one_of(self.billing, BILLINGS, field="service.billing")
        _aware(self.activated_at, field="service.activated_at")
        _aware(self.course_started_at, field="service.course_started_at")


@dataclass(frozen=True)
class Payment:
    """`refunded`: refunds of it that succeeded or are under way."""

    amount: int
    paid_at: datetime
    refunded: int = 0

    def __post_init__(self) -> None:
        _not_negative(self.amount, field="payments.amount")
        _not_negative(self.refunded, field="payments.refunded")
        _aware(self.paid_at, field="payments.paid_at")


@dataclass(frozen=True)
class Fee:
    """`refundable`: never, before_activation, always, or a share such as "0.5"."""

    name: str
    amount: int
    refundable: str = "never"

    def __post_init__(self) -> None:
        _not_negative(self.amount, field="fees.amount")
        if self.refundable not in REFUNDABLE and not 0 <= self._share() <= 1:
            raise FactsError("not between 0 and 1", field="fees.refundable")

    def kept(self, *, activated: bool) -> Fraction:
        """Minor units that stay with the provider."""
        if self.refundable == "always":
            return Fraction(0)
        if self.refundable == "never":
            return Fraction(self.amount)
        if self.refundable == "before_activation":
            return Fraction(self.amount if activated else 0)
        return self.amount * (1 - self._share())

    def _share(self) -> Fraction:
        try:
            return exact(self.refundable)
        except (TypeError, ValueError):
            reason = f"{self.refundable!r} is neither {', '.join(REFUNDABLE)} nor share"
            raise FactsError(reason, field="fees.refundable") from None


@dataclass(frozen=True)
class Usage:
    share_used: Fraction | None = None
    lessons_total: int | None = None
    lessons_used: int | None = None
    ordered: int | None = None
    delivered: int | None = None
    consumed: int | None = None


@dataclass(frozen=True)
class Outage:
    """`ended_at` None: still open."""

    began_at: datetime
    ended_at: datetime | None
    cause: str
    extent: str
    verified: bool = False
    business_affected: bool = False

    def __post_init__(self) -> None:
        _one_of(self.cause, CAUSES, field="outages.cause")
        _one_of(self.extent, EXTENTS, field="outages.extent")
        _in_order(self.began_at, self.ended_at, field="outages")


@dataclass(frozen=True)
class Reading:
    """A metric over a period (`ended_at` None: still running).

    `promised` None: as the service promises.
    """

    metric: str
    began_at: datetime
    ended_at: datetime | None
    measured: Fraction
    promised: Fraction | None = None
    accepted: bool = False

    def __post_init__(self) -> None:
        words = set(self.metric.split("_"))
        if not words & (LOWER_IS_WORSE | HIGHER_IS_WORSE):
            reason = f"{self.metric!r} is none that we know"
            raise FactsError(reason, field="readings.metric")
        _in_order(self.began_at, self.ended_at, field="readings")

    @property
    def badness(self) -> Fraction:
        """Higher is worse, whatever the metric."""
        return self.measured if self._higher_is_worse else -self.measured

    def is_worse_than(self, level: Fraction) -> bool:
        if self._higher_is_worse:
            return self.measured > level
        return self.measured < level

    @property
    def _higher_is_worse(self) -> bool:
        return not HIGHER_IS_WORSE.isdisjoint(self.metric.split("_"))


@dataclass(frozen=True)
class Ticket:
    opened_at: datetime
    resolved_at: datetime | None = None

    def __post_init__(self) -> None:
        _in_order(self.opened_at, self.resolved_at, field="tickets")


@dataclass(frozen=True)
class Compensated:
    """For what something was given before, in money or in kind; months "2026-03".

    rest   the unused rest of the service was given back, so it can't be once more
    whole  so was all of it, as far as a rule of full refund gave it
    """

    spans: tuple[Span, ...] = ()
    months: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    units: int = 0
    lessons: int = 0
    rest: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Findings:
    """What a reviewer established; absent: not established."""

    gap_confirmed_by_both: bool = False
    defect_verified: bool = False
    customer_fault: bool = False
    undelivered_items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Everything that an assessment rests on."""

    product_line: str
    ground: str
    requested_at: datetime
    contract: Contract
    service: Service
    currency: str = "CNY"
    time_zone: str = "Asia/Shanghai"
    customer: str = "company"
    keep_service: bool = False
    payments: tuple[Payment, ...] = ()
    fees: tuple[Fee, ...] = ()
    usage: Usage = Usage()
    outages: tuple[Outage, ...] = ()
    readings: tuple[Reading, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    compensated: Compensated = Compensated()
    findings: Findings = Findings()

    def __post_init__(self) -> None:
        _one_of(self.product_line, PRODUCT_LINES, field="product_line")
        _one_of(self.ground, GROUNDS, field="ground")
        _one_of(self.customer, CUSTOMERS, field="customer")
        _aware(self.requested_at, field="requested_at")
        _zone(self.time_zone)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, exact."""
        written: dict[str, Any] = plain.dump(self)
        return written

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Facts":
        """Inverse of `as_dict`; KeyError, TypeError or ValueError otherwise."""
        return plain.load(cls, data)


def _one_of(value: str, known: tuple[str, ...], *, field: str) -> None:
    if value not in known:
        raise FactsError(f"{value!r} is none of {', '.join(known)}", field=field)


def _aware(moment: datetime | None, *, field: str) -> None:
    if moment is not None and moment.utcoffset() is None:
        raise FactsError(f"{moment} has no offset", field=field)


def _in_order(began: datetime, ended: datetime | None, *, field: str) -> None:
    _aware(began, field=field)
    _aware(ended, field=field)
    if ended is not None and ended < began:
        raise FactsError(f"ends ({ended}) before it begins ({began})", field=field)


def _not_negative(amount: int, *, field: str) -> None:
    if amount < 0:
        raise FactsError(f"{amount} is below 0", field=field)


def _zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise FactsError(f"{name!r} is no time zone", field="time_zone") from None
