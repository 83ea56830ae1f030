"""What WeChat Pay tells the merchant unasked: encrypted, and signed at each sending.

Posted when a refund begins, due when it ends; withdrawn if it ends otherwise.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.rows import Refund
from refunds.gateways.sandbox.wechat_pay import signing
from refunds.gateways.sandbox.wechat_pay.keys import MCHID
from refunds.gateways.sandbox.wechat_pay.refunds import (
    CLOSED,
    PROCESSING,
    ROUTE,
    SUCCESS,
    due_at,
    shown_in_notification,
    text_of,
    waits_for_funds,
)

SUMMARIES = {"SUCCESS": "退款成功", "ABNORMAL": "退款异常", "CLOSED": "退款关闭"}


def announce(books: Books, refund: Refund, *, url: str, key: bytes) -> None:
    """How it has ended, or will by itself, in place of what was announced before."""
    withdraw(books, refund)
    if not url:
        return
    status, at = _ending(refund)
    event = f"EV-{refund.number}-{status}-{int(at.timestamp())}"
    body = _body(books, refund, event=event, status=status, at=at, key=key)
    books.post(ROUTE, event=event, url=url, headers={}, body=body, due_at=at)


def withdraw(books: Books, refund: Refund) -> None:
    """What was announced of it and not sent yet."""
    for delivery in books.deliveries():
        ours = delivery.route == ROUTE and f"-{refund.number}-" in delivery.event
        if ours and delivery.due_at and not delivery.tries:
            books.reschedule(delivery, due_at=None)


def _ending(refund: Refund) -> tuple[str, datetime]:
    if refund.status != PROCESSING:
        return refund.status, datetime.fromisoformat(refund.traits["ended_at"])
    return CLOSED if waits_for_funds(refund) else SUCCESS, due_at(refund)


def _body(
    books: Books, refund: Refund, *, event: str, status: str, at: datetime, key: bytes
) -> bytes:
    trade = books.trade(trade_no=refund.trade_no, route=ROUTE)
    assert trade is not None
    told = shown_in_notification(trade, refund, mchid=MCHID, status=status, at=at)
    envelope: Mapping[str, object] = {
        "id": event,
        "create_time": text_of(at),
        "resource_type": "encrypt-resource",
        "event_type": f"REFUND.{status}",
        "summary": SUMMARIES[status],
        "resource": signing.sealed(
            json.dumps(told, ensure_ascii=False).encode(), key=key, about="refund"
        ),
    }
    return json.dumps(envelope, ensure_ascii=False).encode()
