"""The refund object, as the query answers it, and what it proves."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from refunds.gateways.base import Outcome, Reason, Result

STATUS = {
    "SUCCESS": (Outcome.SUCCEEDED, None),
    "PROCESSING": (Outcome.PROCESSING, None),
    # Never paid, and never will be under this number.
    "CLOSED": (Outcome.FAILED, None),
    # Parked at WeChat Pay: the account it came from is gone. No second refund.
    "ABNORMAL": (Outcome.REJECTED, Reason.NEEDS_PERSON),
}
ELSEWHERE = "went by channel {0} to {1}"
WITHOUT_COUPONS = "the payer gets {0} fen of {1}, the rest were coupons"


def outcome_of(status: object) -> Outcome:
    return STATUS.get(str(status), (Outcome.UNKNOWN, None))[0]


def found(base: Result, fields: Mapping[str, Any], *, key: str) -> Result:
    """What a verified answer says of the refund that was asked about under `key`.

    A success under another key is handed on for comparison; all else that is not about
    ours proves nothing.
    """
    seen = seen_in(base, fields)
    outcome, reason = STATUS.get(seen.code, (Outcome.UNKNOWN, None))
    if seen.key != key and outcome is not Outcome.SUCCEEDED:
        words = f"an answer about another refund: {seen.key}"
        return replace(seen, outcome=Outcome.UNKNOWN, message=words)
    return replace(seen, outcome=outcome, reason=reason)


def seen_in(base: Result, fields: Mapping[str, Any]) -> Result:
    """What stands in the object, before anything is made of it."""
    amount = fields.get("amount")
    money: Mapping[str, Any] = amount if isinstance(amount, dict) else {}
    return replace(
        base,
        code=_text(fields, "status"),
        message=_remarks(fields, money),
        provider_number=_text(fields, "refund_id"),
        amount=fen(money.get("refund")),
        currency=_text(money, "currency"),
        key=_text(fields, "out_refund_no"),
        trade_number=_text(fields, "transaction_id"),
    )


def fen(value: object) -> int | None:
    """Whole numbers only: JSON's `true` and `1.0` are none."""
    return value if type(value) is int else None


def _remarks(fields: Mapping[str, Any], money: Mapping[str, Any]) -> str:
    """What whoever works on the case, and the customer, must know beside the sum."""
    words = []
    if (channel := _text(fields, "channel")) not in ("", "ORIGINAL"):
        account = _text(fields, "user_received_account") or "?"
        words.append(ELSEWHERE.format(channel, account))
    payer, refund = fen(money.get("payer_refund")), fen(money.get("refund"))
    if payer is not None and refund is not None and payer != refund:
        words.append(WITHOUT_COUPONS.format(payer, refund))
    return "; ".join(words)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""
