"""Stripe's webhooks: what happened to a refund, posted to where we asked for it."""

from collections.abc import Mapping
from datetime import datetime

from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.rows import Refund, Trade
from refunds.gateways.sandbox.stripe.objects import event_object, refund_object, write
from refunds.gateways.sandbox.stripe.rules import ROUTE

HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
}


def tell(
    kinds: tuple[str, ...],
    refund: Refund,
    trade: Trade,
    *,
    url: str,
    books: Books,
    now: datetime,
    before: Mapping[str, str] | None = None,
) -> None:
    """Nothing without an address. Signed when it is sent, not here."""
    if not url:
        return
    found = refund_object(refund, trade, now=now)
    for kind in kinds:
        event = event_object(kind, found, at=now, before=before)
        books.post(
            ROUTE,
            event=event["id"],
            url=url,
            headers=HEADERS,
            body=write(event),
            due_at=now,
        )
