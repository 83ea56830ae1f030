"""The request follows its legs: settled, held up, or open again."""

from datetime import datetime

from refunds.models import LegState, PayoutLeg, RefundRequest
from refunds.payouts.turn import look_whose_turn
from refunds.states import State
from refunds.step import lock, step

STUCK = (
    LegState.NEEDS_ACTION,
    LegState.ROUTE_CLOSED,
    LegState.FAILED,
    LegState.REVERSED,
)
ENDED_WELL = (State.REFUNDED, State.FULFILLED, State.FULFILLING)


def move_request(request: RefundRequest, leg: PayoutLeg, *, at: datetime) -> None:
    """The request follows its legs: settled, held up with somebody to act, or open
    again because money came back."""
    if request.state == State.PAYOUT_BLOCKED and not stuck_legs(request):
        with step(request, "retry_payout", by=None, at=at) as taken:
            taken.data["keys"] = [leg.key]
        request = lock(request)
    if request.state == State.PAYING:
        if leg.state == LegState.SUCCEEDED and request.payout_is_settled():
            _settle(request, leg, at)
        elif leg.state in STUCK:
            with step(request, "block_payout", by=None, at=at, reason=leg.code):
                pass
    elif request.state in ENDED_WELL and leg.state in STUCK:
        with step(request, "reopen", by=None, at=at, reason=leg.code) as taken:
            taken.data |= {"key": leg.key, "amount": leg.amount}
    elif request.state == State.PAYOUT_BLOCKED:
        look_whose_turn(request, at=at)


def stuck_legs(request: RefundRequest) -> list[PayoutLeg]:
    """The last attempt on each payment, where that needs somebody to act."""
    legs = PayoutLeg.objects.filter(payout__request=request).order_by("attempt")
    latest = {leg.allocation_id: leg for leg in legs}
    return [leg for leg in latest.values() if leg.state in STUCK]


def _settle(request: RefundRequest, leg: PayoutLeg, at: datetime) -> None:
    beside = request.agreed_alternative and not request.alternative_done
    arrived = request.payout.legs.filter(state=LegState.SUCCEEDED)
    with step(request, "carry_out" if beside else "settle", by=None, at=at) as taken:
        taken.data |= {
            "amount": request.agreed_amount,
            "provider_numbers": [leg.provider_number for leg in arrived],
        }
