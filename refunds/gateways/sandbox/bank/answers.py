"""The bank's answer to a batch: pain.002.001.12, or the plain table of results."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from refunds.gateways.sandbox.bank.batch import PAIN_001

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
COLUMNS = (
    "批次号",
    "业务参考号",
    "币种",
    "金额",
    "状态",
    "原因代码",
    "银行流水号",
    "说明",
)
WORDS = {"ACTC": "处理中", "ACSC": "成功", "RJCT": "失败", "RTRN": "退票"}
FINAL = ("ACSC", "RJCT", "RTRN")


@dataclass(frozen=True)
class Said:
    """What the answer says of one transfer; `amount` as the batch wrote it."""

    key: str
    status: str
    amount: str
    currency: str
    reason: str = ""
    number: str = ""


def table(number: str, said: Sequence[Said], *, encoding: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in said:
        words = WORDS[each.status]
        cells = (number, each.key, each.currency, each.amount, words, each.reason)
        writer.writerow((*cells, f"\t{each.number}", words))
    return out.getvalue().encode(encoding)


def pain_002(
    number: str,
    said: Sequence[Said],
    *,
    now: datetime,
    refusal: str = "",
    amounts: bool = True,
    listed: bool = True,
) -> bytes:
    """`refusal`: all of it is refused. Where some are settled or refused and others not
    yet, those are not listed. `amounts`, `listed`: whether the answer has them."""
    status = "RJCT" if refusal else _group_status(said)
    document = Element("Document", xmlns=NAMESPACE)
    report = SubElement(document, "CstmrPmtStsRpt")
    moment = now.replace(microsecond=0).isoformat()
    _put(report, "GrpHdr/MsgId", f"A{now:%Y%m%d%H%M%S%f}")
    _put(report[0], "CreDtTm", moment)
    group = SubElement(report, "OrgnlGrpInfAndSts")
    _put(group, "OrgnlMsgId", number)
    _put(group, "OrgnlMsgNmId", PAIN_001)
    _put(group, "GrpSts", status)
    if refusal:
        _put(group, "StsRsnInf/Rsn/Cd", refusal)
    shown = [s for s in said if status != "PART" or s.status in FINAL]
    if shown and listed and not refusal:
        part = SubElement(report, "OrgnlPmtInfAndSts")
        _put(part, "OrgnlPmtInfId", number)
        for each in shown:
            _put_transfer(part, each, amounts=amounts)
    written: bytes = tostring(document, encoding="utf-8", xml_declaration=True)
    return written


def _put_transfer(part: Element, said: Said, *, amounts: bool) -> None:
    element = SubElement(part, "TxInfAndSts")
    _put(element, "OrgnlEndToEndId", said.key)
    # pain.002 knows no returns; those stand on the statement.
    _put(element, "TxSts", "ACSC" if said.status == "RTRN" else said.status)
    if said.status == "RJCT":
        _put(element, "StsRsnInf/Rsn/Cd", said.reason)
    if said.number:
        _put(element, "AcctSvcrRef", said.number)
    if amounts:
        amount = _put(element, "OrgnlTxRef/Amt/InstdAmt", said.amount)
        amount.set("Ccy", said.currency)


def _group_status(said: Sequence[Said]) -> str:
    found = {"ACSC" if each.status == "RTRN" else each.status for each in said}
    return found.pop() if len(found) == 1 else "PART"


def _put(parent: Element, path: str, text: str) -> Element:
    for name in path.split("/"):
        parent = SubElement(parent, name)
    parent.text = text
    return parent
