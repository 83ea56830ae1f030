"""The account's statement of a day: camt.053.001.08, a statement per currency."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, tostring
from zoneinfo import ZoneInfo

from refunds.gateways.sandbox.bank.batch import DIGITS
from refunds.gateways.sandbox.rows import Refund

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
BEIJING = ZoneInfo("Asia/Shanghai")
BEGAN_WITH = 100_000_000_00


@dataclass(frozen=True)
class Entry:
    transfer: Refund
    at: datetime
    back: bool

    @property
    def currency(self) -> str:
        return str(self.transfer.traits["currency"])

    @property
    def minor(self) -> int:
        return self.transfer.amount_minor if self.back else -self.transfer.amount_minor


def entries(transfers: Sequence[Refund]) -> list[Entry]:
    """Everything that the account ever booked, in the order of time."""
    return sorted(_entries(transfers), key=lambda entry: entry.at)


def _entries(transfers: Sequence[Refund]) -> Iterator[Entry]:
    for transfer in transfers:
        for name, back in (("settled_at", False), ("returned_at", True)):
            if moment := transfer.traits.get(name):
                at = datetime.fromisoformat(moment).astimezone(BEIJING)
                yield Entry(transfer, at, back)


def camt_053(
    booked: Sequence[Entry], day: date, *, account: str, now: datetime
) -> bytes:
    document = Element("Document", xmlns=NAMESPACE)
    message = SubElement(document, "BkToCstmrStmt")
    moment = now.replace(microsecond=0).isoformat()
    header = SubElement(message, "GrpHdr")
    _put(header, "MsgId", f"S{now:%Y%m%d%H%M%S%f}")
    _put(header, "CreDtTm", moment)
    for currency in sorted({entry.currency for entry in booked} or {"CNY"}):
        own = [entry for entry in booked if entry.currency == currency]
        statement = SubElement(message, "Stmt")
        _put(statement, "Id", f"{day:%Y%m%d}{currency}")
        _put(statement, "CreDtTm", moment)
        holder = SubElement(statement, "Acct")
        _put(holder, "Id/Othr/Id", account)
        _put(holder, "Ccy", currency)
        before = BEGAN_WITH + sum(e.minor for e in own if e.at.date() < day)
        today = [entry for entry in own if entry.at.date() == day]
        _put_balance(statement, "OPBD", before, currency, day)
        after = before + sum(entry.minor for entry in today)
        _put_balance(statement, "CLBD", after, currency, day)
        for entry in today:
            _put_entry(statement, entry)
    written: bytes = tostring(document, encoding="utf-8", xml_declaration=True)
    return written


def _put_balance(
    statement: Element, kind: str, minor: int, currency: str, day: date
) -> None:
    balance = SubElement(statement, "Bal")
    _put(balance, "Tp/CdOrPrtry/Cd", kind)
    _put_amount(balance, abs(minor), currency)
    _put(balance, "CdtDbtInd", "DBIT" if minor < 0 else "CRDT")
    _put(balance, "Dt/Dt", day.isoformat())


def _put_entry(statement: Element, entry: Entry) -> None:
    transfer, way = entry.transfer, "CRDT" if entry.back else "DBIT"
    number = f"{transfer.number}R" if entry.back else transfer.number
    element = SubElement(statement, "Ntry")
    _put_amount(element, transfer.amount_minor, entry.currency)
    _put(element, "CdtDbtInd", way)
    _put(element, "Sts/Cd", "BOOK")
    _put(element, "BookgDt/DtTm", entry.at.isoformat(timespec="seconds"))
    _put(element, "AcctSvcrRef", number)
    _put(element, "BkTxCd/Prtry/Cd", "RTRN" if entry.back else "XFER")
    details = SubElement(SubElement(element, "NtryDtls"), "TxDtls")
    references = SubElement(details, "Refs")
    _put(references, "AcctSvcrRef", number)
    _put(references, "EndToEndId", transfer.key)
    _put_amount(details, transfer.amount_minor, entry.currency)
    _put(details, "CdtDbtInd", way)
    if entry.back:
        _put(details, "RtrInf/Rsn/Cd", str(transfer.traits["reason"]))


def _put_amount(parent: Element, minor: int, currency: str) -> None:
    amount = Decimal(minor).scaleb(-DIGITS[currency])
    _put(parent, "Amt", f"{amount:f}").set("Ccy", currency)


def _put(parent: Element, path: str, text: str) -> Element:
    for name in path.split("/"):
        parent = SubElement(parent, name)
    parent.text = text
    return parent
