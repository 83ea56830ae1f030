"""What the bank's words prove: ISO 20022 statuses of a transfer, reasons of a refusal.

`RJCT` is final: the transfer under this key was not made and will not be. Where the
reason asks for a person first, nothing is freed before two people looked.
"""

from refunds.gateways.base import Outcome, Reason

UNDER_WAY = ("RCVD", "ACTC", "ACCP", "PDNG", "ACSP", "ACWC")
SETTLED, REJECTED, IN_PART = "ACSC", "RJCT", "PART"
STATUSES = (*UNDER_WAY, SETTLED, REJECTED)

REASONS = {
    "AC01": Reason.DATA,
    "AC03": Reason.DATA,
    "AC04": Reason.ROUTE_CLOSED,
    "AC06": Reason.ROUTE_CLOSED,
    "AG01": Reason.DATA,
    "AM03": Reason.DATA,
    "AM04": Reason.BALANCE,
    "AM05": Reason.ALREADY_DONE,
    "RC01": Reason.DATA,
}


def refusal(code: str) -> tuple[Outcome, Reason]:
    """What is not listed, or names no reason, is for a person."""
    reason = REASONS.get(code, Reason.NEEDS_PERSON)
    if reason in (Reason.ALREADY_DONE, Reason.NEEDS_PERSON):
        return Outcome.REJECTED, reason
    return Outcome.FAILED, reason
