"""A refund at WeChat Pay: how it goes on by itself, and how it is shown; money in fen.

PROCESSING for a minute, then SUCCESS. What our balance had no money for waits and is
CLOSED after seven days; ABNORMAL is what the payer's account does not take.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.rows import Refund, Trade

ROUTE = "wechat_pay"
BEIJING = timezone(timedelta(hours=8))
TAKES = timedelta(seconds=60)
WAITS = timedelta(days=7)
OUTCOMES = ("PROCESSING", "SUCCESS", "CLOSED", "ABNORMAL")
PROCESSING, SUCCESS, CLOSED, ABNORMAL = OUTCOMES
TO_THE_PAYER = '支付用户零钱{"}'


def begun(refund: Refund, *, at: datetime) -> Refund:
    """From here on it takes its minute. `moved`: the money has left our balance."""
    traits = {**refund.traits, "begun_at": at.isoformat()}
    return replace(refund, status=PROCESSING, moved=True, traits=traits)


def ended(refund: Refund, status: str, *, at: datetime) -> Refund:
    traits = {**refund.traits, "ended_at": at.isoformat()}
    moved = refund.moved and status != CLOSED
    return replace(refund, status=status, moved=moved, traits=traits)


def waits_for_funds(refund: Refund) -> bool:
    return refund.status == PROCESSING and "begun_at" not in refund.traits


def due_at(refund: Refund) -> datetime:
    """When it ends by itself, while it is PROCESSING."""
    if waits_for_funds(refund):
        return refund.at + WAITS
    return datetime.fromisoformat(refund.traits["begun_at"]) + TAKES


def go_on(books: Books, *, now: datetime) -> list[Refund]:
    """What time and money changed since somebody last looked."""
    running = [refund for refund in books.refunds(ROUTE) if refund.status == PROCESSING]
    later = [(refund, _gone_on(refund, books=books, now=now)) for refund in running]
    changed = [new for old, new in later if new != old]
    for refund in changed:
        books.change(refund)
    return changed


def take_funds(books: Books, amount: int) -> bool:
    """Whether there was enough."""
    funds = books.funds(ROUTE)
    if funds is not None and funds < amount:
        return False
    give_back(books, -amount)
    return True


def give_back(books: Books, amount: int) -> None:
    funds = books.funds(ROUTE)
    if funds is not None:
        books.set_funds(ROUTE, funds + amount)


def shown(trade: Trade, refund: Refund) -> dict[str, Any]:
    """The refund object of an answer."""
    payer_refund = refund.traits.get("payer_refund", refund.amount_minor)
    fields = {
        "refund_id": refund.number,
        "out_refund_no": refund.key,
        "transaction_id": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "channel": refund.traits.get("channel", "ORIGINAL"),
        "user_received_account": refund.traits.get("account", TO_THE_PAYER),
        "create_time": text_of(refund.at),
        "status": refund.status,
        "funds_account": "AVAILABLE",
        "amount": {
            "total": trade.total_minor,
            "refund": refund.amount_minor,
            "from": [],
            "payer_total": trade.total_minor,
            "payer_refund": payer_refund,
            "settlement_refund": payer_refund,
            "settlement_total": trade.total_minor,
            "discount_refund": refund.amount_minor - payer_refund,
            "currency": trade.currency,
        },
    }
    if refund.status == SUCCESS:
        ended_at = datetime.fromisoformat(refund.traits["ended_at"])
        fields["success_time"] = text_of(ended_at)
    return fields


def shown_in_notification(
    trade: Trade, refund: Refund, *, mchid: str, status: str, at: datetime
) -> Mapping[str, object]:
    """As it will be told at `at`; `status` is what it will be by then."""
    fields = shown(trade, refund)
    told = {
        "mchid": mchid,
        "out_trade_no": trade.out_trade_no,
        "transaction_id": trade.trade_no,
        "out_refund_no": refund.key,
        "refund_id": refund.number,
        "refund_status": status,
        "user_received_account": fields["user_received_account"],
        "amount": {
            name: fields["amount"][name]
            for name in ("total", "refund", "payer_total", "payer_refund")
        },
    }
    return told | ({"success_time": text_of(at)} if status == SUCCESS else {})


def text_of(moment: datetime) -> str:
    return moment.astimezone(BEIJING).isoformat(timespec="seconds")


def _gone_on(refund: Refund, *, books: Books, now: datetime) -> Refund:
    if waits_for_funds(refund):
        if now >= due_at(refund):
            return ended(refund, CLOSED, at=due_at(refund))
        if take_funds(books, refund.amount_minor):
            return begun(refund, at=now)
        return refund
    if now >= due_at(refund):
        return ended(refund, SUCCESS, at=due_at(refund))
    return refund
