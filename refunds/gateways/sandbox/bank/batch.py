"""A batch as the bank reads it: pain.001 by its official schema, or the plain table."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

import sepaxml  # type: ignore[import-untyped]
import xmlschema
from defusedxml import ElementTree  # type: ignore[import-untyped]

PAIN_001 = "pain.001.001.09"
NS = {"p": f"urn:iso:std:iso:20022:tech:xsd:{PAIN_001}"}
DIGITS = {"CNY": 2, "EUR": 2, "USD": 2, "HKD": 2, "GBP": 2, "SGD": 2, "JPY": 0}
COUNTRY = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+")


class Unreadable(ValueError):
    """No batch at all; the words say why."""


@dataclass(frozen=True)
class Transfer:
    key: str
    account: str
    holder: str
    amount: str
    currency: str

    @property
    def minor(self) -> int:
        """0 for what is no amount in a currency that the bank keeps."""
        try:
            value = Decimal(self.amount).scaleb(DIGITS[self.currency])
        except (InvalidOperation, KeyError):
            return 0
        return int(value) if value == value.to_integral_value() and value > 0 else 0

    @property
    def refusal(self) -> str:
        """The reason code that the bank refuses this one with, or nothing."""
        if self.currency not in DIGITS:
            return "AM03"
        if not self.minor:
            return "AM12"
        return "" if account_exists(self.account) else "AC01"


@dataclass(frozen=True)
class Batch:
    number: str
    debtor: str
    transfers: tuple[Transfer, ...]
    encoding: str = ""

    @property
    def is_table(self) -> bool:
        return bool(self.encoding)


def read_batch(content: bytes) -> Batch:
    """Raises Unreadable."""
    if content.lstrip()[:1] == b"<":
        return _read_xml(content)
    return _read_table(content)


def account_exists(number: str) -> bool:
    """By the check digits where it is an IBAN: 98 less the rest that they complete."""
    if not COUNTRY.fullmatch(number):
        return number.isascii() and number.isdigit() and 8 <= len(number) <= 32
    body = number[4:] + number[:2] + "00"
    rest = 0
    for sign in body:
        for digit in str(int(sign, 36)):
            rest = (rest * 10 + int(digit)) % 97
    return number[2:4] == f"{98 - rest:02d}"


def _read_xml(content: bytes) -> Batch:
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
        _schema().validate(content.decode())
    except xmlschema.XMLSchemaException as error:
        raise Unreadable(f"Not {PAIN_001}: {error}") from None
    except (ElementTree.ParseError, ValueError) as error:
        raise Unreadable(f"No XML: {error}") from None
    message = root.find("p:CstmrCdtTrfInitn", NS)
    return Batch(
        number=message.findtext("p:GrpHdr/p:MsgId", "", NS),
        debtor=_account(message.find("p:PmtInf/p:DbtrAcct/p:Id", NS)),
        transfers=tuple(_transfers(message)),
    )


def _transfers(message: Any) -> Iterator[Transfer]:
    for each in message.iterfind("p:PmtInf/p:CdtTrfTxInf", NS):
        amount = each.find("p:Amt/p:InstdAmt", NS)
        yield Transfer(
            key=each.findtext("p:PmtId/p:EndToEndId", "", NS),
            account=_account(each.find("p:CdtrAcct/p:Id", NS)),
            holder=each.findtext("p:Cdtr/p:Nm", "", NS),
            amount=amount.text if amount is not None else "",
            currency=amount.get("Ccy", "") if amount is not None else "",
        )


def _account(element: Any) -> str:
    if element is None:
        return ""
    found = element.findtext("p:IBAN", "", NS) or element.findtext(
        "p:Othr/p:Id", "", NS
    )
    return str(found)


@lru_cache(maxsize=1)
def _schema() -> Any:
    folder = Path(sepaxml.__file__).parent / "schemas"
    return xmlschema.XMLSchema(str(folder / f"{PAIN_001}.xsd"))


def _read_table(content: bytes) -> Batch:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise Unreadable("Neither UTF-8 nor GB 18030.")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    try:
        transfers = tuple(_of_row(row) for row in rows)
        (number,) = {row["批次号"].strip() for row in rows}
        (debtor,) = {row["付款账号"].strip() for row in rows}
    except (KeyError, ValueError, AttributeError) as error:
        raise Unreadable(f"No table of transfers: {error!r}") from None
    return Batch(number, debtor, transfers, encoding=encoding)


def _of_row(row: Mapping[str, str]) -> Transfer:
    return Transfer(
        key=row["业务参考号"].strip(),
        account=row["收款账号"].strip(),
        holder=row["收款户名"].strip(),
        amount=row["金额"].strip(),
        currency=row["币种"].strip(),
    )
