"""What the tests of this route count, in the sandbox's books and in ours."""

from dataclasses import replace

from refunds.gateways.sandbox.rows import Refund
from refunds.gateways.sandbox.wechat_pay.route import WeChatPay
from refunds.models import LegState, PayoutLeg, RefundRequest
from refunds.states import State
from tests.refunds.payouts.till import Till, balances, kinds_of, leg_of, state_of

REFUND = "wechat_pay.refund"
QUERY = "wechat_pay.query"
ABNORMAL_REFUND = "wechat_pay.abnormal_refund"
TRADE = "4200000991202610281130880001"
AMOUNT = 10_000_00
KEY = "RF2026000001L1A1"
NEXT_KEY = "RF2026000001L1A2"


def assert_paid_once(request: RefundRequest, till: Till, *, key: str = KEY) -> None:
    """Ledger, leg, balance, request and history tell the same story."""
    leg = PayoutLeg.objects.get(payout__request=request, key=key)
    assert till.moved() == [(leg.key, leg.amount)] == [(key, AMOUNT)]
    assert leg.state == LegState.SUCCEEDED
    assert leg.unknown_since is None
    assert balances() == {(0, AMOUNT)}
    assert state_of(request) is State.REFUNDED
    assert kinds_of(request)[-2:] == ["payout_succeeded", "settle"]


def assert_one_key(till: Till) -> None:
    assert {call.key for call in till.sandbox.ledger.calls()} == {KEY}
    assert len(refunds_in(till)) <= 1


def assert_waits_for_a_person(request: RefundRequest, code: str) -> None:
    """Blocked, with somebody to act; nobody tries again by himself; still reserved."""
    leg = leg_of(request)
    assert (leg.state, leg.code, leg.next_at) == (LegState.NEEDS_ACTION, code, None)
    assert balances() == {(AMOUNT, 0)}
    assert state_of(request) is State.PAYOUT_BLOCKED
    assert request.deadlines.filter(kind="payout_blocked", closed_at=None).exists()


def refunds_in(till: Till) -> list[Refund]:
    return till.sandbox.ledger.refunds("wechat_pay")


def turn(till: Till, outcome: str, *, key: str = KEY) -> None:
    """What WeChat Pay finds out about a refund that it has booked."""
    with till.sandbox.ledger.transaction() as books:
        refund = books.refund("wechat_pay", key=key)
        assert refund
        books.change(wechat_pay(till).turn(refund, outcome, books=books))


def has_funds(till: Till, minor: int | None) -> None:
    with till.sandbox.ledger.transaction() as books:
        books.set_funds("wechat_pay", minor)


def trade_is(till: Till, **traits: object) -> None:
    """The trade as WeChat Pay knows it, from now on with these traits."""
    (trade,) = (t for t in till.sandbox.ledger.trades() if t.trade_no == TRADE)
    with till.sandbox.ledger.transaction() as books:
        books.put_trade(replace(trade, traits=traits))


def sent_to_us(till: Till) -> None:
    """From now on WeChat Pay notifies; nothing listens there, the tests hand it on."""
    till.sandbox.notify["wechat_pay"] = "http://127.0.0.1:9/notify"


def notification(till: Till, *, event: str = "") -> tuple[dict[str, str], bytes]:
    """Headers and body of the latest one, signed as it would be now."""
    delivery = [d for d in till.sandbox.ledger.deliveries() if event in d.event][-1]
    headers = wechat_pay(till).sign(delivery, now=till.at)
    return {name.lower(): value for name, value in headers.items()}, delivery.body


def wechat_pay(till: Till) -> WeChatPay:
    (route,) = (r for r in till.sandbox.routes if isinstance(r, WeChatPay))
    return route
