"""Alipay's bill of a day: a zip of CSV files in GBK; which of its rows are refunds.

Source: opendocs.alipay.com, `alipay.data.dataservice.bill.downloadurl.query`. A refund
is a row with a negative sum, under our key in 退款批次号/请求号.
"""

import csv
import re
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from refunds.gateways.alipay.amounts import fen_of
from refunds.gateways.alipay.window import moment_of
from refunds.gateways.base import Line, StatementBroken

LARGEST = 64 * 1024 * 1024
REFUND = "退款"
TRADE, KIND, DONE = "支付宝交易号", "业务类型", "完成时间"
AMOUNT, KEY = "订单金额（元）", "退款批次号/请求号"
COLUMNS = (TRADE, KIND, DONE, AMOUNT, KEY)
END = "业务明细列表结束"
TOTAL = re.compile(r"退款合计：(\d+)笔")


def refunds_in(content: bytes) -> list[Line]:
    """Raises StatementBroken."""
    text = _details(content)
    if END not in text:
        raise StatementBroken("the list of details has no end", content)
    head, *rows = _table(text) or [[]]
    if missing := [name for name in COLUMNS if name not in head]:
        raise StatementBroken(f"no column {', '.join(missing)}", content)
    lines = [
        _line(dict(zip(head, row, strict=False)), content)
        for row in rows
        if len(row) > head.index(KIND) and row[head.index(KIND)] == REFUND
    ]
    told = TOTAL.search(text)
    if told and int(told[1]) != len(lines):
        words = f"{told[1]} refunds by its total, {len(lines)} by its rows"
        raise StatementBroken(words, content)
    return lines


def _details(content: bytes) -> str:
    """The text of the file of details; the other one has only sums."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            found = [i for i in archive.infolist() if "明细" in _name(i)]
            details = [i for i in found if "汇总" not in _name(i)]
            if len(details) != 1 or details[0].file_size > LARGEST:
                raise StatementBroken("no single file of details", content)
            return archive.read(details[0]).decode("gb18030")
    except (BadZipFile, UnicodeDecodeError, NotImplementedError, RuntimeError) as fault:
        raise StatementBroken(str(fault) or repr(fault), content) from fault


def _name(info: ZipInfo) -> str:
    """Alipay writes names in GBK without saying so; a zip without the mark is read as
    CP437."""
    if info.flag_bits & 0x800:
        return info.filename
    return info.filename.encode("cp437").decode("gb18030", errors="replace")


def _table(text: str) -> list[list[str]]:
    """The heading and its rows, without the remarks around them and without the tabs
    that keep a spreadsheet from rounding numbers."""
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [[cell.strip() for cell in row] for row in csv.reader(lines)]


def _line(row: dict[str, str], content: bytes) -> Line:
    try:
        at = moment_of(row[DONE])
    except (KeyError, ValueError):
        at = None
    amount = fen_of(row.get(AMOUNT))
    if at is None or not amount:
        raise StatementBroken(f"can't read the refund {row}", content)
    return Line(
        key=row.get(KEY, ""),
        provider_number=row[TRADE],
        trade_number=row[TRADE],
        amount=abs(amount),
        currency="CNY",
        at=at,
        back=amount > 0,
    )
