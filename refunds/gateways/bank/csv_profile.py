"""The plain CSV of banks in mainland China: the batch, and the file of its results.

GB 18030 unless said otherwise, every cell quoted. Long numbers stand behind a tab, as
such banks write them, so that a spreadsheet keeps all their digits; what a spreadsheet
would take for a formula stands behind an apostrophe.
"""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.minor_units import to_decimal
from refunds.gateways.bank.codes import refusal
from refunds.gateways.bank.numbers import compact
from refunds.gateways.bank.pain001 import Debtor
from refunds.gateways.bank.reading import read_sum
from refunds.gateways.base import Instruction, Outcome, Result, StatementBroken

HEADINGS = (
    "批次号",
    "序号",
    "业务参考号",
    "付款账号",
    "付款户名",
    "收款账号",
    "收款户名",
    "收款银行",
    "收款行号",
    "币种",
    "金额",
    "用途",
    "日期",
)
ANSWERED = ("批次号", "业务参考号", "币种", "金额", "状态", "原因代码", "银行流水号")
SETTLED, RETURNED, REFUSED, WAITING = "成功", "退票", "失败", "处理中"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(
    number: str,
    instructions: Sequence[Instruction],
    *,
    debtor: Debtor,
    now: datetime,
    encoding: str,
) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for position, each in enumerate(instructions, start=1):
        if each.payee is None:
            raise ValueError(f"{each.key} names no account to go to.")
        cells = (
            number,
            str(position),
            each.key,
            _digits(debtor.account),
            _plain(debtor.holder),
            _digits(each.payee.number),
            _plain(each.payee.holder),
            _plain(each.payee.bank_name),
            _digits(each.payee.bank_code),
            each.currency,
            to_decimal(each.amount, currency=each.currency),
            _plain(each.reason),
            now.date().isoformat(),
        )
        writer.writerow(cells)
    return out.getvalue().encode(encoding)


def read(content: bytes, *, encoding: str) -> tuple[str, list[Result]]:
    """The batch's number and a Result per row; raises StatementBroken."""
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except (UnicodeDecodeError, csv.Error):
        raise StatementBroken(
            _("This is no answer of the bank: neither XML nor a table in %(encoding)s.")
            % {"encoding": encoding},
            content,
        ) from None
    missing = [name for name in ANSWERED if not rows or name not in rows[0]]
    if missing:
        raise StatementBroken(
            _("The file has no column %(column)s, or no rows.")
            % {"column": missing[0]},
            content,
        )
    cells = [{name: (row.get(name) or "").strip() for name in ANSWERED} for row in rows]
    numbers = {row["批次号"] for row in cells}
    if len(numbers) != 1 or "" in numbers:
        raise StatementBroken(_("The file is about more than one batch."), content)
    return numbers.pop(), [_result(row) for row in cells]


def _result(row: dict[str, str]) -> Result:
    status, code = row["状态"], row["原因代码"]
    key, number = row["业务参考号"], row["银行流水号"]
    if not key or status not in (SETTLED, RETURNED, REFUSED, WAITING):
        raise StatementBroken(
            _("A row has no reference, or a status that is not known: %(status)s.")
            % {"status": status or "–"}
        )
    if status == REFUSED:
        outcome, reason = refusal(code)
        return Result(outcome, reason, code=code or REFUSED, key=key)
    outcome = {
        SETTLED: Outcome.SUCCEEDED,
        RETURNED: Outcome.REVERSED,
        WAITING: Outcome.PROCESSING,
    }[status]
    minor, currency = read_sum(row["金额"], row["币种"])
    return Result(
        outcome,
        code=code or status,
        provider_number=number,
        amount=minor,
        currency=currency,
        key=key,
    )


def _digits(number: str) -> str:
    plain = compact(number)
    return f"\t{plain}" if plain else ""


def _plain(text: str) -> str:
    line = " ".join(text.split())
    return f"'{line}" if line.startswith(FORMULA) else line
