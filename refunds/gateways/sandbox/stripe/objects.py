"""Refunds, events and balance transactions as Stripe writes them."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from refunds.gateways.sandbox.rows import Refund, Trade

API_VERSION = "2026-10-28.endive"
# The payer's bank can find it by then.
REFERENCE_AFTER = timedelta(days=1)
Json = Mapping[str, Any]


def refund_object(refund: Refund, trade: Trade, *, now: datetime) -> dict[str, Any]:
    traits = refund.traits
    intent, charge = both_numbers(trade)
    movements = traits.get("movements", [])
    found = {
        "id": refund.number,
        "object": "refund",
        "amount": refund.amount_minor,
        "balance_transaction": movements[0]["id"] if movements else None,
        "charge": charge,
        "created": seconds(refund.at),
        "currency": trade.currency.lower(),
        "destination_details": _destination(refund, now=now),
        "metadata": traits.get("metadata", {}),
        "payment_intent": intent,
        "reason": traits.get("reason"),
        "receipt_number": None,
        "status": refund.status,
    }
    for name in ("pending_reason", "failure_reason"):
        if traits.get(name):
            found[name] = traits[name]
    if refund.status == "failed" and len(movements) > 1:
        found["failure_balance_transaction"] = movements[-1]["id"]
    return found


def both_numbers(trade: Trade) -> tuple[str | None, str]:
    """A payment intent has a charge; a charge may stand alone."""
    if trade.trade_no.startswith("pi_"):
        return trade.trade_no, "ch_" + trade.trade_no.removeprefix("pi_")
    return None, trade.trade_no


def event_object(
    kind: str, refund: Json, *, at: datetime, before: Json | None = None
) -> dict[str, Any]:
    data: dict[str, Any] = {"object": refund}
    if before is not None:
        data["previous_attributes"] = before
    return {
        "id": f"evt_{secrets.token_hex(12)}",
        "object": "event",
        "api_version": API_VERSION,
        "created": seconds(at),
        "data": data,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }


def transaction_object(movement: Json, trade: Trade, *, source: Any) -> dict[str, Any]:
    return {
        "id": movement["id"],
        "object": "balance_transaction",
        "amount": movement["amount"],
        "available_on": movement["created"],
        "created": movement["created"],
        "currency": trade.currency.lower(),
        "description": None,
        "fee": 0,
        "net": movement["amount"],
        "reporting_category": movement["type"],
        "source": source,
        "status": "available",
        "type": movement["type"],
    }


def list_object(url: str, rows: list[Any], *, has_more: bool) -> dict[str, Any]:
    return {"object": "list", "url": url, "has_more": has_more, "data": rows}


def write(content: Json) -> bytes:
    return json.dumps(content, indent=2, ensure_ascii=False).encode()


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _destination(refund: Refund, *, now: datetime) -> Json:
    card = {"type": "refund", "reference_type": "acquirer_reference_number"}
    if refund.status != "succeeded" or now < refund.at + REFERENCE_AFTER:
        return {"type": "card", "card": {**card, "reference_status": "pending"}}
    digits = str(int(sha256(refund.number.encode()).hexdigest(), 16))[:23]
    known = {"reference": digits, "reference_status": "available"}
    return {"type": "card", "card": {**card, **known}}
