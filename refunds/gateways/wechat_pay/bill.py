"""The bill of refunds: a CSV in yuan, a back-tick before each value, a summary below.

A refund stands on the day that it was asked for, and as it stood then: the bill proves
that there is one, not how it ended. Source: pay.weixin.qq.com, format-trade.html.
"""

import csv
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from io import StringIO
from zoneinfo import ZoneInfo

from refunds.gateways.base import Line, StatementBroken

BEIJING = ZoneInfo("Asia/Shanghai")
READY_AT = time(10, 0, tzinfo=BEIJING)
# What was asked for; bills from before there was that column have the other alone.
AMOUNTS = ("申请退款金额", "退款金额")
SUMMARY = "总交易单数"
CAME_TO_NOTHING = "FAIL"


def is_ready(day: date, *, now: datetime) -> bool:
    """Bills of a day can be had on the next one from ten o'clock on."""
    return now >= datetime.combine(day + timedelta(days=1), READY_AT)


def read_bill(content: bytes) -> list[Line]:
    """Raises StatementBroken. An empty file is a day without refunds."""
    if not content.strip():
        return []
    try:
        rows = list(csv.reader(StringIO(content.decode("utf-8-sig"))))
        return list(_lines([row for row in rows if row]))
    except StatementBroken as broken:
        raise StatementBroken(str(broken), content) from None
    except (ValueError, LookupError, InvalidOperation, csv.Error) as fault:
        raise StatementBroken(f"The bill can't be read: {fault}.", content) from fault


def _lines(rows: list[list[str]]) -> Iterator[Line]:
    names = [_bare(name) for name in rows[0]]
    ends = [place for place, row in enumerate(rows) if _bare(row[0]) == SUMMARY]
    if len(ends) != 1 or len(rows) != ends[0] + 2:
        raise StatementBroken("The bill has no summary at its end.")
    details, told = rows[1 : ends[0]], _bare(rows[-1][0])
    if not told.isdecimal() or int(told) != len(details):
        raise StatementBroken(
            f"The bill counts {told} refunds and lists {len(details)}."
        )
    for row in details:
        values = dict(zip(names, map(_bare, row), strict=True))
        if values["退款状态"] != CAME_TO_NOTHING:
            yield _line(values)


def _line(values: dict[str, str]) -> Line:
    amount = next(values[name] for name in AMOUNTS if values.get(name))
    asked_at = datetime.strptime(values["退款申请时间"], "%Y-%m-%d %H:%M:%S").replace(
        tzinfo=BEIJING
    )
    return Line(
        key=values["商户退款单号"],
        provider_number=values["微信退款单号"],
        trade_number=values["微信订单号"],
        amount=_fen(amount),
        currency=values["货币种类"],
        at=asked_at,
    )


def _fen(yuan: str) -> int:
    fen = Decimal(yuan) * 100
    if not fen.is_finite() or fen != fen.to_integral_value() or fen <= 0:
        raise StatementBroken(f"{yuan} is no amount of yuan.")
    return int(fen)


def _bare(value: str) -> str:
    return value.strip().removeprefix("`").strip()
