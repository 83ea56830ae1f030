"""A day's statement: Stripe's balance transactions of refunds, kept as JSON.

A balance transaction is in the currency of our own account; what the payer got back
stands in the refund itself, which is asked for along with it.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import stripe

from refunds.gateways.base import (
    Line,
    Outcome,
    Result,
    StatementBroken,
    StatementMissing,
)
from refunds.gateways.stripe.answers import key_of, of_error
from refunds.gateways.stripe.lists import Row, pages
from refunds.gateways.stripe.wire import STUMBLES

BEIJING = ZoneInfo("Asia/Shanghai")
OUT = ("refund", "payment_refund")
BACK = ("refund_failure", "payment_failure_refund")


def fetch(client: stripe.StripeClient, day: date, *, now: datetime) -> bytes:
    """A day of ours, midnight to midnight in Beijing, once it is over."""
    begins = datetime.combine(day, time(), BEIJING)
    ends = begins + timedelta(days=1)
    if now < ends:
        raise StatementMissing(str(day))
    within = {"gte": int(begins.timestamp()), "lt": int(ends.timestamp())}
    found = [row for kind in (*OUT, *BACK) for row in _of_kind(client, kind, within)]
    content = {"object": "list", "day": str(day), "data": found}
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def read(content: bytes) -> list[Line]:
    """Raises StatementBroken."""
    try:
        rows = json.loads(content)["data"]
        return [_line(row) for row in rows if row["type"] in (*OUT, *BACK)]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as fault:
        raise StatementBroken(f"{type(fault).__name__}: {fault}", content) from None


def _of_kind(
    client: stripe.StripeClient, kind: str, within: dict[str, int]
) -> list[Row]:
    params: Row = {"type": kind, "created": within, "expand": ["data.source"]}
    try:
        found = pages(client.v1.balance_transactions.list, params)
        return [row for page in found for row in page.rows]
    except stripe.StripeError as error:
        raise StatementMissing(_words(of_error(error))) from error
    except STUMBLES as fault:
        raise StatementBroken(f"{kind}: {fault}") from fault


def _words(result: Result) -> str:
    told = result.message if result.outcome is Outcome.UNKNOWN else result.code
    return told or result.message


def _line(row: Mapping[str, Any]) -> Line:
    refund = row["source"]
    at, back = datetime.fromtimestamp(row["created"], UTC), row["type"] in BACK
    if not isinstance(refund, dict):
        # Told by its number alone: somebody has to look, so it is a line all the same.
        amount, currency = abs(_whole(row["amount"])), str(row["currency"]).upper()
        return Line("", str(refund or ""), "", amount, currency, at, back)
    return Line(
        key=key_of(refund),
        provider_number=str(refund["id"]),
        trade_number=str(refund.get("payment_intent") or refund.get("charge") or ""),
        amount=_whole(refund["amount"]),
        currency=str(refund["currency"]).upper(),
        at=at,
        back=back,
    )


def _whole(amount: Any) -> int:
    if type(amount) is not int:
        raise TypeError(f"amount: {amount!r}")
    return amount
