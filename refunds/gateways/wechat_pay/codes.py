"""What a refusal means, by its HTTP status and its `code`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from refunds.gateways.base import Outcome, Reason, Result

REASON_OF = {
    "PARAM_ERROR": Reason.DATA,
    # Refunded in full already, or not what was asked for under this number before.
    "INVALID_REQUEST": Reason.ALREADY_DONE,
    "SIGN_ERROR": Reason.CONFIG,
    "MCH_NOT_EXISTS": Reason.CONFIG,
    "NOT_ENOUGH": Reason.BALANCE,
    "USER_ACCOUNT_ABNORMAL": Reason.ROUTE_CLOSED,
    "NO_AUTH": Reason.NEEDS_PERSON,
    "REQUEST_BLOCKED": Reason.NEEDS_PERSON,
    "RESOURCE_NOT_EXISTS": Reason.DATA,
}
# The newer pages don't say that a refund was not accepted with these.
UNDECIDED = (
    "FREQUENCY_LIMITED",
    "RATELIMIT_EXCEEDED",
    "SYSTEM_ERROR",
    "SERVICE_UNAVAILABLE",
)
REQUEST_TIMEOUT, TOO_MANY, SERVER_ERROR = 408, 429, 500
REFUSED_FROM = 400


def refused(base: Result, fields: Mapping[str, Any]) -> Result:
    """`base` is an answer that is not 200. Only what is listed is taken for proof."""
    status = base.http_status or 0
    code = str(fields.get("code") or f"HTTP_{status}")
    said = replace(base, code=code, message=str(fields.get("message") or ""))
    if not _decides(status) or code in UNDECIDED:
        return said
    reason = REASON_OF.get(code, Reason.UNLISTED)
    return replace(said, outcome=Outcome.REJECTED, reason=reason)


def undecided(result: Result) -> Result:
    """A query that fails says nothing of the refund, only of the query."""
    if result.reason in (Reason.CONFIG, Reason.NOT_SENT):
        return replace(result, outcome=Outcome.UNKNOWN)
    return replace(result, outcome=Outcome.UNKNOWN, reason=None)


def _decides(status: int) -> bool:
    undecided = status in (REQUEST_TIMEOUT, TOO_MANY)
    return REFUSED_FROM <= status < SERVER_ERROR and not undecided
