"""The bank's answer to a batch: pain.002, of any version, by group and by transfer.

What the group says holds for each transfer that is not listed, except in `PART`:
there, what is not listed stays as it is.
"""

from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from refunds.gateways.bank.codes import (
    IN_PART,
    REJECTED,
    SETTLED,
    STATUSES,
    refusal,
)
from refunds.gateways.bank.reading import all_of, key_of, message_of, sum_of, text_of
from refunds.gateways.base import Outcome, Result, StatementBroken

REASON = ("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry")
AMOUNT = ("OrgnlTxRef/Amt/InstdAmt", "OrgnlTxRef/IntrBkSttlmAmt")


def read(content: bytes) -> tuple[str, list[Result]]:
    """The message number and a Result per transfer; one without a key is the group's,
    for all that is not listed. Raises StatementBroken."""
    report = message_of(content, "CstmrPmtStsRpt")
    number = text_of(report, "OrgnlGrpInfAndSts/OrgnlMsgId")
    if not number:
        raise StatementBroken(
            _("The answer does not say which batch it is about."), content
        )
    # We make one group of payments per message: its word, where there is one, is more
    # precise than the message's.
    parts = all_of(report, "OrgnlPmtInfAndSts")
    status = "".join(text_of(part, "PmtInfSts") for part in parts[:1])
    if status:
        results = _of_group(parts[0], status)
    else:
        group = all_of(report, "OrgnlGrpInfAndSts")[0]
        results = _of_group(group, text_of(group, "GrpSts"))
    for part in parts:
        results += [_of_transfer(each) for each in all_of(part, "TxInfAndSts")]
    return number, results


def _of_group(group: Element, status: str) -> list[Result]:
    if not status or status == IN_PART:
        return []
    return [_result(group, status, key="")]


def _of_transfer(transfer: Element) -> Result:
    key = key_of(transfer, "OrgnlEndToEndId")
    if not key:
        raise StatementBroken(
            _("The answer names a transfer without its reference (OrgnlEndToEndId).")
        )
    return _result(transfer, text_of(transfer, "TxSts"), key=key)


def _result(element: Element, status: str, *, key: str) -> Result:
    if status not in STATUSES:
        raise StatementBroken(
            _("%(status)s is no status of a transfer.") % {"status": status or "–"}
        )
    number = text_of(element, "AcctSvcrRef", "ClrSysRef", "StsId")
    message = text_of(element, "StsRsnInf/AddtlInf")
    if status == REJECTED:
        code = text_of(element, *REASON) or REJECTED
        outcome, reason = refusal(code)
        return Result(
            outcome,
            reason,
            code=code,
            message=message,
            key=key,
            provider_number=number,
        )
    amount = sum_of(element, *AMOUNT) if key else None
    if status == SETTLED and amount:
        minor, currency = amount
        return Result(
            Outcome.SUCCEEDED,
            code=status,
            message=message,
            provider_number=number,
            amount=minor,
            currency=currency,
            key=key,
        )
    return Result(
        Outcome.PROCESSING,
        code=status,
        message=message,
        provider_number=number,
        key=key,
    )
