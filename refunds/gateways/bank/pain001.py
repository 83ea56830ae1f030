"""The batch as pain.001.001.09 (customer credit transfer initiation).

Written by hand: `sepaxml` writes SEPA transfers in euro to IBANs alone, with a message
number of its own each time. Its official schema checks what was written here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import sepaxml  # type: ignore[import-untyped]
import xmlschema

from accounts.minor_units import to_decimal
from refunds.gateways.bank.numbers import BankCode, bank_code, compact, is_iban
from refunds.gateways.base import Instruction, Payee

SCHEMA = "pain.001.001.09"
NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"
LONGEST_NAME, LONGEST_TEXT = 140, 140


@dataclass(frozen=True)
class Debtor:
    """Our own account."""

    holder: str
    account: str
    code: BankCode


def write(
    number: str, instructions: Sequence[Instruction], *, debtor: Debtor, now: datetime
) -> bytes:
    """Each transfer booked by itself, so that a statement names each of them."""
    currency = instructions[0].currency
    document = Element("Document", xmlns=NAMESPACE)
    message = SubElement(document, "CstmrCdtTrfInitn")
    header = SubElement(message, "GrpHdr")
    _put(header, "MsgId", number)
    _put(header, "CreDtTm", now.replace(microsecond=0).isoformat())
    _put_totals(header, instructions)
    _put(header, "InitgPty/Nm", _clean(debtor.holder, LONGEST_NAME))
    group = SubElement(message, "PmtInf")
    _put(group, "PmtInfId", number)
    _put(group, "PmtMtd", "TRF")
    _put(group, "BtchBookg", "false")
    _put_totals(group, instructions)
    is_sepa = currency == "EUR" and is_iban(debtor.account)
    if is_sepa:
        _put(group, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _put(group, "ReqdExctnDt/Dt", now.date().isoformat())
    _put(group, "Dbtr/Nm", _clean(debtor.holder, LONGEST_NAME))
    _put_account(group, "DbtrAcct", debtor.account)
    _put_bank(group, "DbtrAgt", debtor.code, needed=True)
    _put(group, "ChrgBr", "SLEV" if is_sepa else "SHAR")
    for instruction in instructions:
        _put_transfer(group, instruction)
    written: bytes = tostring(document, encoding="utf-8", xml_declaration=True)
    _schema().validate(written.decode())
    return written


def _put_transfer(group: Element, instruction: Instruction) -> None:
    payee = instruction.payee
    if payee is None:
        raise ValueError(f"{instruction.key} names no account to go to.")
    transfer = SubElement(group, "CdtTrfTxInf")
    _put(transfer, "PmtId/EndToEndId", instruction.key)
    amount = to_decimal(instruction.amount, currency=instruction.currency)
    _put(transfer, "Amt/InstdAmt", amount).set("Ccy", instruction.currency)
    _put_payee(transfer, payee)
    _put(transfer, "RmtInf/Ustrd", _clean(instruction.reason, LONGEST_TEXT))


def _put_payee(transfer: Element, payee: Payee) -> None:
    _put_bank(transfer, "CdtrAgt", bank_code(payee.bank_code) or BankCode())
    _put(transfer, "Cdtr/Nm", _clean(payee.holder, LONGEST_NAME))
    _put_account(transfer, "CdtrAcct", payee.number)


def _put_totals(parent: Element, instructions: Sequence[Instruction]) -> None:
    _put(parent, "NbOfTxs", str(len(instructions)))
    total = sum(each.amount for each in instructions)
    _put(parent, "CtrlSum", to_decimal(total, currency=instructions[0].currency))


def _put_account(parent: Element, name: str, number: str) -> None:
    path = "Id/IBAN" if is_iban(number) else "Id/Othr/Id"
    _put(parent, f"{name}/{path}", compact(number))


def _put_bank(
    parent: Element, name: str, code: BankCode, *, needed: bool = False
) -> None:
    if code.bic:
        _put(parent, f"{name}/FinInstnId/BICFI", code.bic)
    elif code.cnaps:
        bank = _put(parent, f"{name}/FinInstnId/ClrSysMmbId")
        _put(bank, "ClrSysId/Cd", "CNAPS")
        _put(bank, "MmbId", code.cnaps)
    elif needed:
        _put(parent, f"{name}/FinInstnId/Othr/Id", "NOTPROVIDED")


def _put(parent: Element, path: str, text: str | None = None) -> Element:
    for name in path.split("/"):
        parent = SubElement(parent, name)
    parent.text = text
    return parent


def _clean(text: str, longest: int) -> str:
    """XML has no place for control characters; banks none for line breaks."""
    line = " ".join(text.split())
    return "".join(sign for sign in line if sign.isprintable())[:longest]


@lru_cache(maxsize=1)
def _schema() -> Any:
    """Read at the first batch: it costs a fifth of a second."""
    folder = Path(sepaxml.__file__).parent / "schemas"
    return xmlschema.XMLSchema(str(folder / f"{SCHEMA}.xsd"))
