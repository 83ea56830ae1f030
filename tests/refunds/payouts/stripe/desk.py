"""What the tests of Stripe's payouts look at and do."""

from collections.abc import Mapping
from datetime import timedelta

from refunds.gateways.base import Acknowledgement
from refunds.gateways.sandbox.rows import Delivery
from refunds.gateways.sandbox.server import Sandbox
from refunds.gateways.sandbox.stripe.route import CREATE, LIST, Stripe
from refunds.models import LegState, Merchant, RefundRequest
from refunds.payouts.hints import hear
from refunds.states import State
from tests.refunds.payouts.till import Till, balances, kinds_of, leg_of, state_of

__all__ = ["CREATE", "LIST"]

PAYMENT = "pi_3QXingheMedia"
AMOUNT = 10_000_00
KEY = "RF2026000001L1A1"


def fails(till: Till, fault: str, *, times: int | None = 1) -> None:
    till.fails(fault, method=CREATE, times=times)


def asked_in_vain(till: Till, fault: str, *, times: int | None = 1) -> None:
    till.fails(fault, method=LIST, times=times)


def assert_paid_once(
    request: RefundRequest, till: Till, *, key: str = KEY, keys: int = 1
) -> None:
    """Ledger, leg, balance, request and history tell the same story."""
    leg = request.payout.legs.get(key=key)
    assert till.moved() == [(key, AMOUNT)]
    sent = {c.key for c in till.sandbox.ledger.calls() if c.method == CREATE}
    assert len(sent) == keys
    assert (leg.state, leg.unknown_since) == (LegState.SUCCEEDED, None)
    assert balances() == {(0, AMOUNT)}
    assert state_of(request) is State.REFUNDED
    assert kinds_of(request)[-2:] == ["payout_succeeded", "settle"]


def assert_waits_for_a_person(
    request: RefundRequest, code: str, *, reserved: int = AMOUNT
) -> None:
    """Blocked, with somebody to act; nobody tries again by himself; still reserved."""
    leg = leg_of(request)
    assert (leg.state, leg.code, leg.next_at) == (LegState.NEEDS_ACTION, code, None)
    assert balances() == {(reserved, 0)}
    assert state_of(request) is State.PAYOUT_BLOCKED
    assert request.deadlines.filter(kind="payout_blocked", closed_at=None).exists()


def assert_free_and_blocked(request: RefundRequest, state: str, code: str) -> None:
    leg = leg_of(request)
    assert (leg.state, leg.code, leg.next_at) == (state, code, None)
    assert balances() == {(0, 0)}
    assert state_of(request) is State.PAYOUT_BLOCKED


def turn(sandbox: Sandbox, outcome: str, *, key: str = KEY) -> None:
    """What Stripe finds out later, as the control port has it."""
    with sandbox.ledger.transaction() as books:
        refund = books.refund("stripe", key=key)
        assert refund is not None
        books.change(route_of(sandbox).turn(refund, outcome, books=books))


def route_of(sandbox: Sandbox) -> Stripe:
    (route,) = (route for route in sandbox.routes if isinstance(route, Stripe))
    return route


def merchant() -> Merchant:
    return Merchant.objects.get(route="stripe")


def told(till: Till, delivery: Delivery, *, ahead: int = 0) -> Acknowledgement:
    """Handed over as Stripe sends it now, or with its clock so many seconds `ahead`."""
    now = till.at + timedelta(seconds=ahead)
    signed = route_of(till.sandbox).sign(delivery, now=now)
    return tell_body(till, signed, delivery.body)


def tell_body(till: Till, headers: Mapping[str, str], body: bytes) -> Acknowledgement:
    lower = {name.lower(): value for name, value in headers.items()}
    return hear(merchant(), headers=lower, body=body, at=till.at)
