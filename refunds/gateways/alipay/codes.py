"""What Alipay's codes prove. An unlisted one is for a person, never for a retry."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from refunds.gateways.base import Outcome, Reason, Result

OK, UNAVAILABLE, RATE = "10000", "20000", "40005"
CONFIG_CODES = ("20001", "40001", "40002", "40003", "40006")
REASONS = {
    Reason.BALANCE: (
        "ACQ.SELLER_BALANCE_NOT_ENOUGH",
        "ACQ.REFUND_CHARGE_ERROR",
        "ACQ.ENTERPRISE_PAY_BIZ_ERROR",
    ),
    Reason.DATA: (
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
        "ACQ.REASON_TRADE_REFUND_FEE_ERR",
        "ACQ.REFUND_FEE_ERROR",
        "ACQ.INVALID_PARAMETER",
        "ACQ.CURRENCY_NOT_SUPPORT",
        "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR",
        "ACQ.USER_NOT_MATCH_ERR",
        "ACQ.TRADE_NOT_EXIST",
        "ACQ.TRADE_STATUS_ERROR",
        "ACQ.REASON_TRADE_STATUS_INVALID",
    ),
    Reason.ALREADY_DONE: ("ACQ.TRADE_HAS_CLOSE", "ACQ.DISCORDANT_REPEAT_REQUEST"),
    Reason.ROUTE_CLOSED: (
        "ACQ.TRADE_HAS_FINISHED",
        "ACQ.BUYER_ERROR",
        "ACQ.BUYER_ENABLE_STATUS_FORBID",
        "ACQ.BUYER_NOT_EXIST",
        "ACQ.CUSTOMER_VALIDATE_ERROR",
    ),
    Reason.NEEDS_PERSON: (
        "ACQ.TRADE_NOT_ALLOW_REFUND",
        "ACQ.NOT_ALLOW_PARTIAL_REFUND",
        "ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND",
        "ACQ.REASON_TRADE_BEEN_FREEZEN",
        "ACQ.TRADE_SETTLE_ERROR",
        "ACQ.REFUNDALLOC_UNAUTH_LIMIT",
        "ACQ.REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST",
        "ACQ.REFUND_ACCOUNT_NOT_EXIST",
    ),
}
REASON_OF = {code: reason for reason, codes in REASONS.items() for code in codes}


def by_code(base: Result, answer: Mapping[str, Any]) -> Result:
    """What a verified answer says by its codes alone."""
    code = str(answer.get("code", ""))
    detail = str(answer.get("sub_code", "")) or code
    said = replace(
        base,
        code=detail,
        message=str(answer.get("sub_msg") or answer.get("msg") or ""),
        trade_number=str(answer.get("trade_no", "")),
        provider_number=str(answer.get("trade_no", "")),
    )
    if code in (OK, UNAVAILABLE) or detail.endswith("SYSTEM_ERROR"):
        return said
    if code in CONFIG_CODES:
        return replace(said, outcome=Outcome.REJECTED, reason=Reason.CONFIG)
    if code == RATE:
        return replace(said, outcome=Outcome.REJECTED, reason=Reason.RATE)
    reason = REASON_OF.get(detail, Reason.UNLISTED)
    return replace(said, outcome=Outcome.REJECTED, reason=reason)


def undecided(result: Result) -> Result:
    """A query that fails says nothing of the refund, only of the query."""
    if result.reason in (Reason.CONFIG, Reason.NOT_SENT, Reason.RATE):
        return replace(result, outcome=Outcome.UNKNOWN)
    return replace(result, outcome=Outcome.UNKNOWN, reason=None)


def rejected(reason: Reason, *, message: str) -> Result:
    return Result(Outcome.REJECTED, reason=reason, message=message)
