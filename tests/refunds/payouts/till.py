"""One clock for us and for the gateway, a worker, and what both sides' books say."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from refunds.gateways.sandbox.server import Sandbox
from refunds.models import (
    AllocationBalance,
    Merchant,
    PaymentBalance,
    PayoutLeg,
    RefundRequest,
)
from refunds.payouts.send import send_due
from refunds.states import State

REFUND = "alipay.trade.refund"
QUERY = "alipay.trade.fastpay.refund.query"


@dataclass
class Till:
    sandbox: Sandbox
    at: datetime

    def later(self, **span: float) -> None:
        """The same time passes on both sides."""
        self.sandbox.clock.advance(timedelta(**span).total_seconds())
        self.at += timedelta(**span)

    def work(self) -> int:
        """One look of a worker at what is due."""
        return send_due(clock=lambda: self.at)

    def work_for(self, *, rounds: int = 12, **pause: float) -> None:
        for _round in range(rounds):
            self.work()
            self.later(**pause)

    def calls(self, method: str) -> int:
        return sum(call.method == method for call in self.sandbox.ledger.calls())

    def moved(self) -> list[tuple[str, int]]:
        """What left in the gateway's own books: key and minor units."""
        return [
            (refund.key, refund.amount_minor)
            for refund in self.sandbox.ledger.refunds()
            if refund.moved
        ]

    def fails(self, fault: str, *, method: str = REFUND, times: int | None = 1) -> None:
        self.sandbox.faults.add(fault, method=method, times=times)

    def moves_to(self, address: str) -> None:
        """Our merchant looks for its gateway there now."""
        Merchant.objects.filter(route="alipay").update(address=address)

    def heals(self) -> None:
        self.sandbox.faults.clear()


def legs_of(request: RefundRequest) -> list[PayoutLeg]:
    return list(PayoutLeg.objects.filter(payout__request=request).order_by("pk"))


def leg_of(request: RefundRequest) -> PayoutLeg:
    return PayoutLeg.objects.get(payout__request=request)


def state_of(request: RefundRequest) -> State:
    return State(RefundRequest.objects.get(pk=request.pk).state)


def kinds_of(request: RefundRequest) -> list[str]:
    return list(request.events.order_by("position").values_list("kind", flat=True))


def balances() -> set[tuple[int, int]]:
    """(reserved, refunded) of payments and of allocations: in these tests the same."""
    columns = ("reserved", "refunded")
    return {
        *PaymentBalance.objects.values_list(*columns),
        *AllocationBalance.objects.values_list(*columns),
    }
