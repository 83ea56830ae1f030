"""What an answer of Stripe's proves of a refund.

Sources: docs.stripe.com/refunds, /api/refunds, /api/errors, /error-low-level. Codes
that are not listed need a person; 5xx, 409 and what is no answer of Stripe's prove
nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import stripe

from refunds.gateways.base import Outcome, Reason, Result
from refunds.gateways.stripe.wire import NotSent

Fields = Mapping[str, Any]

OUTCOMES = {
    "succeeded": Outcome.SUCCEEDED,
    "pending": Outcome.PROCESSING,
    "requires_action": Outcome.REJECTED,
    "failed": Outcome.FAILED,
    "canceled": Outcome.FAILED,
}
ROUTE_CLOSED = ("lost_or_stolen_card", "expired_or_canceled_card", "declined")
REASONS = {
    Reason.ALREADY_DONE: ("charge_already_refunded",),
    Reason.BALANCE: ("balance_insufficient", "insufficient_funds"),
    Reason.NEEDS_PERSON: (
        "charge_disputed",
        "refund_disputed_payment",
        "payment_intent_unexpected_state",
        "idempotency_error",
    ),
    Reason.DATA: (
        "resource_missing",
        "amount_too_large",
        "amount_too_small",
        "charge_not_refundable",
        "invalid_charge_amount",
        "parameter_invalid_integer",
        "parameter_missing",
        "parameter_unknown",
    ),
    Reason.RATE: ("rate_limit", "lock_timeout"),
    Reason.CONFIG: ("livemode_mismatch",),
}
REASON_OF = {code: reason for reason, codes in REASONS.items() for code in codes}
NO_ANSWER = "not an answer of Stripe's"
STORED = "stored_500"


def of_refund(refund: Fields, base: Result, *, named: str) -> Result:
    """`named`: whether our payment is a payment_intent or a charge."""
    status = str(refund.get("status", ""))
    outcome = OUTCOMES.get(status, Outcome.UNKNOWN)
    return replace(
        base,
        outcome=outcome,
        reason=_reason(refund, outcome),
        code=_code(refund, status),
        provider_number=_number(refund),
        amount=_whole(refund.get("amount")),
        currency=str(refund.get("currency", "")).upper(),
        key=key_of(refund),
        trade_number=str(refund.get(named) or ""),
    )


def key_of(refund: Fields) -> str:
    """Our key, which we sent along; empty for a refund that somebody else made."""
    metadata = refund.get("metadata")
    return str(metadata.get("key", "")) if isinstance(metadata, dict) else ""


def of_error(error: stripe.StripeError) -> Result:
    if isinstance(error, NotSent):
        message = error.user_message or ""
        return Result(Outcome.REJECTED, Reason.NOT_SENT, message=message)
    said = _error_in(error.http_body)
    code = str(said.get("code") or said.get("type") or "")
    base = Result(
        Outcome.UNKNOWN,
        code=code,
        message=_words(error, said),
        http_status=error.http_status,
        answer=error.http_body or "",
    )
    return _refused(base, said, replayed=_is_replayed(error))


def _words(error: stripe.StripeError, said: Fields) -> str:
    return str(said.get("message") or "") or (
        NO_ANSWER if error.http_body else str(error.user_message or NO_ANSWER)
    )


def _refused(base: Result, said: Fields, *, replayed: bool) -> Result:
    status = base.http_status or 0
    if status >= httpx.codes.INTERNAL_SERVER_ERROR and replayed:
        # Kept under our key: to send it again brings the same 500 for a day.
        refused = replace(base, outcome=Outcome.REJECTED, code=STORED)
        return replace(refused, reason=Reason.NEEDS_PERSON)
    if not said or not 400 <= status < 500 or status == httpx.codes.CONFLICT:
        return base
    return replace(
        base, outcome=Outcome.REJECTED, reason=_reason_of(base.code, said, status)
    )


def _reason_of(code: str, said: Fields, status: int) -> Reason:
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return Reason.CONFIG
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return Reason.RATE
    if said.get("type") == "idempotency_error":
        return Reason.NEEDS_PERSON
    if code == "invalid_request_error" and said.get("param") == "amount":
        return Reason.DATA  # More than what is left: told in words alone.
    return REASON_OF.get(code, Reason.UNLISTED)


def _reason(refund: Fields, outcome: Outcome) -> Reason | None:
    if outcome is Outcome.REJECTED:
        return Reason.NEEDS_PERSON
    if outcome is Outcome.FAILED and refund.get("failure_reason") in ROUTE_CLOSED:
        return Reason.ROUTE_CLOSED
    return None


def _code(refund: Fields, status: str) -> str:
    why = refund.get("failure_reason") if status in ("failed", "canceled") else None
    if status == "pending":
        why = refund.get("pending_reason")
    return str(why or status)


def _number(refund: Fields) -> str:
    """The reference by which the payer's bank finds it, once there is one."""
    details = refund.get("destination_details")
    card = details.get("card") if isinstance(details, dict) else None
    found = card.get("reference") if isinstance(card, dict) else None
    return str(found or refund.get("id") or "")


def _whole(amount: Any) -> int | None:
    return amount if type(amount) is int else None


def _error_in(body: str | None) -> Fields:
    try:
        said = json.loads(body or "")["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _is_replayed(error: stripe.StripeError) -> bool:
    return str((error.headers or {}).get("idempotent-replayed", "")).lower() == "true"
