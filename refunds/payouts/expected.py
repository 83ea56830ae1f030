"""By which day each part of a refund is expected, as things stand, and why it is late.

Computed on reading: what is kept is only the promise, `Payout.expected_on`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from refunds.clock.board import calendar_of
from refunds.clock.deadlines import local_day
from refunds.gateways.base import Reason
from refunds.gateways.registry import gateway_of
from refunds.models import Deadline, LegState, PayoutLeg, PayoutStop, RefundRequest
from refunds.payouts.send import WAITS_FOR_BATCH
from refunds.payouts.stop import BREAKER, STOPPED
from refunds.policy.calendar import WorkingDays

# Where no merchant says how long its route takes.
USUAL_ARRIVAL = 5
ON_ITS_WAY = (LegState.SENDING, LegState.PROCESSING)
WAITING = (LegState.PREPARED, LegState.HELD)
# How the routes say that our own balance does not suffice.
OUR_BALANCE = (
    Reason.BALANCE,
    "ACQ.SELLER_BALANCE_NOT_ENOUGH",
    "NOT_ENOUGH",
    "insufficient_funds",
    "balance_insufficient",
    "AM04",
)


class WhyLate(StrEnum):
    STOPPED = "stopped"
    BALANCE = "balance"
    CHECKED = "checked"
    CLOSED = "closed"
    DISPUTE = "dispute"
    INVOICE = "invoice"
    BANK_FILE = "bank_file"
    PERSON = "person"
    ROUTE = "route"


@dataclass(frozen=True)
class Expected:
    """`day` is None while only the customer can say: they have to name an account.
    `why_late` is None unless it comes after the day that was promised."""

    day: date | None
    why_late: WhyLate | None = None


def expected(leg: PayoutLeg, *, request: RefundRequest, at: datetime) -> Expected:
    calendar = calendar_of(request)
    return expected_of([leg], request=request, at=at, calendar=calendar)[leg.pk]


def expected_of(
    legs: Iterable[PayoutLeg],
    *,
    request: RefundRequest,
    at: datetime,
    calendar: WorkingDays,
) -> dict[int, Expected]:
    """By the leg's key, in two queries; the legs come with their merchant, payout and
    payment."""
    now = _Now(request, at, calendar)
    return {leg.pk: now.expected(leg) for leg in legs}


class _Now:
    """What all legs of a request share at one moment."""

    def __init__(
        self, request: RefundRequest, at: datetime, calendar: WorkingDays
    ) -> None:
        self.at = at
        self.calendar = calendar
        self.today = local_day(self.calendar, at)
        rows = PayoutStop.objects.filter(resumed_at=None)
        self.stopped = set(rows.values_list("route", flat=True))
        open_ = (row for row in request.deadlines.all() if row.closed_at is None)
        kind = Deadline.Kind.PAYOUT_BLOCKED
        blocked = next((row for row in open_ if row.kind == kind), None)
        self.customers = bool(blocked and blocked.owner == Deadline.Owner.CUSTOMER)
        self.acted_by = blocked.due_at if blocked else at

    def expected(self, leg: PayoutLeg) -> Expected:
        if leg.state == LegState.SUCCEEDED:
            return Expected(self._arrives(leg, leg.sent_at or leg.prepared_at))
        if leg.needs_account and self.customers:
            return Expected(None, self._why(leg))
        day = self._day(leg)
        late = max(day, self.today) > leg.payout.expected_on
        return Expected(day, self._why(leg) if late else None)

    def _day(self, leg: PayoutLeg) -> date:
        """Of what is not settled; never one that has passed."""
        next_look = max(self.at, leg.next_at or self.at)
        if leg.state in ON_ITS_WAY:
            day = self._arrives(leg, leg.sent_at or self.at)
            soonest = local_day(self.calendar, next_look)
            return day if day >= soonest else self.calendar.add(soonest, 1)
        if leg.state in WAITING or leg.state == LegState.UNKNOWN:
            return self._arrives(leg, next_look)
        return self._arrives(leg, max(self.at, self.acted_by))

    def _arrives(self, leg: PayoutLeg, sent_at: datetime) -> date:
        gateway = gateway_of(leg.merchant)
        days = gateway.capabilities.arrival if gateway else USUAL_ARRIVAL
        return self.calendar.add(local_day(self.calendar, sent_at), days)

    def _why(self, leg: PayoutLeg) -> WhyLate:
        """What holds it up now; the nearest cause first."""
        if leg.needs_account:
            return WhyLate.CLOSED
        if leg.code == "in_dispute" or leg.allocation.payment.disputed:
            return WhyLate.DISPUTE
        if leg.code == "invoice_gate_closed":
            return WhyLate.INVOICE
        if leg.state in WAITING and self._is_stopped(leg):
            return WhyLate.STOPPED
        if leg.code in OUR_BALANCE:
            return WhyLate.BALANCE
        if leg.code == WAITS_FOR_BATCH:
            return WhyLate.BANK_FILE
        if leg.state in (*WAITING, LegState.UNKNOWN):
            return WhyLate.CHECKED
        return WhyLate.ROUTE if leg.state in ON_ITS_WAY else WhyLate.PERSON

    def _is_stopped(self, leg: PayoutLeg) -> bool:
        """By one of us. What a route refused for our configuration is being checked."""
        standing = self.stopped & {"", leg.route}
        return leg.code == STOPPED or (leg.code != BREAKER and bool(standing))
