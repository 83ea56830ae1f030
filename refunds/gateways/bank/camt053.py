"""The account's statement: camt.053, of any version, as far as it moves refunds.

A booked debit that carries an EndToEndId went out; a booked credit that is marked as a
return or a reversal came back. All else on the account is no refund of ours.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from refunds.gateways.bank.numbers import compact
from refunds.gateways.bank.reading import (
    all_of,
    found,
    key_of,
    message_of,
    sum_of,
    text_of,
)
from refunds.gateways.base import Line, StatementBroken

NUMBER = ("Refs/AcctSvcrRef", "Refs/TxId", "Refs/InstrId")


def read(content: bytes, *, account: str) -> list[Line]:
    """Raises StatementBroken, also for a statement of another account."""
    message = message_of(content, "BkToCstmrStmt")
    statements = all_of(message, "Stmt")
    for statement in statements:
        stated = text_of(statement, "Acct/Id/IBAN", "Acct/Id/Othr/Id")
        if compact(stated) != compact(account):
            raise StatementBroken(
                _("The statement is of another account than this merchant's."), content
            )
    return [
        line
        for statement in statements
        for entry in all_of(statement, "Ntry")
        for line in _lines(entry)
    ]


def _lines(entry: Element) -> Iterator[Line]:
    if text_of(entry, "Sts/Cd", "Sts") != "BOOK":
        return
    back = text_of(entry, "CdtDbtInd") == "CRDT"
    reverses = text_of(entry, "RvslInd") in ("true", "1")
    if reverses and not back:
        return  # Somebody's payment to us was taken back.
    transfers = all_of(entry, "NtryDtls/TxDtls")
    for transfer in transfers:
        key = key_of(transfer, "Refs/EndToEndId")
        if not key or (back and not reverses and found(transfer, "RtrInf") is None):
            continue
        amount = sum_of(transfer, "Amt", "AmtDtls/TxAmt/Amt")
        if amount is None and len(transfers) == 1:
            amount = sum_of(entry, "Amt")
        if amount is None:
            raise StatementBroken(
                _("The statement books %(key)s without its amount.") % {"key": key}
            )
        minor, currency = amount
        yield Line(
            key=key,
            provider_number=text_of(transfer, *NUMBER) or text_of(entry, "AcctSvcrRef"),
            trade_number="",
            amount=minor,
            currency=currency,
            at=_moment(entry),
            back=back,
        )


def _moment(entry: Element) -> datetime:
    """A day alone is its first moment, UTC."""
    text = text_of(entry, "BookgDt/DtTm", "BookgDt/Dt", "ValDt/DtTm", "ValDt/Dt")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise StatementBroken(
            _("An entry of the statement has no day of booking.")
        ) from None
    if len(text) <= len("2026-11-16"):
        moment = datetime.combine(moment.date(), time())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
