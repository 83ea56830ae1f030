"""What WeChat Pay does with a refund, a question about one, and one that it parked."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.rows import Refund, Trade
from refunds.gateways.sandbox.wechat_pay.codes import Refused, invalid, wrong
from refunds.gateways.sandbox.wechat_pay.refunds import (
    ABNORMAL,
    CLOSED,
    ROUTE,
    begun,
    take_funds,
    text_of,
)

Fields = Mapping[str, Any]
KEY = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}", re.ASCII)
WINDOW = timedelta(days=365)
SPACING = timedelta(seconds=60)
MOST = 50
BANK_TYPES = (
    *("CMB_DEBIT", "COMM_DEBIT", "ABC_DEBIT", "CCB_DEBIT", "ICBC_DEBIT", "BOC_DEBIT"),
    *("PAB_DEBIT", "SPDB_DEBIT", "CITIC_DEBIT", "CEB_DEBIT", "CMBC_DEBIT", "CIB_DEBIT"),
    *("GDB_DEBIT", "PSBC_DEBIT", "NBCB_DEBIT"),
)


def refund(content: Fields, *, books: Books, now: datetime) -> tuple[Trade, Refund]:
    """The same number is the same refund, for ever, whatever became of it."""
    key = _text(content, "out_refund_no")
    if not KEY.fullmatch(key):
        raise wrong("out_refund_no")
    _text(content, "reason", longest=80)
    amount, total = _amounts(content)
    trade = _trade(content, books)
    if total != trade.total_minor or trade.currency != "CNY":
        raise invalid("订单金额或退款金额与之前请求不一致，请核实后再试")
    earlier = books.refund(ROUTE, key=key)
    if earlier is None:
        return trade, _booked(trade, key, amount, books=books, now=now)
    if (earlier.trade_no, earlier.amount_minor) != (trade.trade_no, amount):
        raise invalid("订单金额或退款金额与之前请求不一致，请核实后再试")
    return trade, earlier


def query(key: str, *, books: Books) -> tuple[Trade, Refund]:
    found = books.refund(ROUTE, key=key)
    if found is None:
        raise Refused(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
    trade = books.trade(trade_no=found.trade_no, route=ROUTE)
    assert trade is not None
    return trade, found


def abnormal(
    number: str, content: Fields, *, books: Books, now: datetime
) -> tuple[Trade, Refund]:
    """`content` with its fields in the clear. Only what is parked can be sent on."""
    found = books.refund(ROUTE, number=number)
    if found is None or found.key != _text(content, "out_refund_no"):
        raise Refused(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
    if found.status != ABNORMAL:
        raise invalid("退款单状态不是退款异常")
    kind = _text(content, "type")
    if kind == "USER_BANK_CARD":
        _check_card(content)
    elif kind != "MERCHANT_BANK_CARD":
        raise wrong("type")
    card = _text(content, "bank_account")[-4:]
    to_payer = kind == "USER_BANK_CARD"
    traits = {
        **found.traits,
        "channel": "OTHER_BANKCARD" if to_payer else "MERCHANT_BANK_CARD",
        "account": f"{_text(content, 'bank_type')} {card}",
        "real_name": _text(content, "real_name"),
    }
    sent_on = begun(replace(found, traits=traits), at=now)
    changed = replace(sent_on, moved=to_payer)
    books.change(changed)
    return query(changed.key, books=books)


def _booked(
    trade: Trade, key: str, amount: int, *, books: Books, now: datetime
) -> Refund:
    before = [r for r in books.refunds_of(trade) if r.status != CLOSED]
    _check_refundable(trade, amount, before, now=now)
    count = len(books.refunds(ROUTE)) + 1
    wanted = Refund(
        route=ROUTE,
        trade_no=trade.trade_no,
        key=key,
        amount_minor=amount,
        at=now,
        status="PROCESSING",
        number=f"5030{re.sub(r'[^0-9]', '', text_of(now))[:14]}{count:09d}",
        moved=False,
        traits={
            name: trade.traits[name]
            for name in ("payer_refund", "channel", "account")
            if name in trade.traits
        },
    )
    if take_funds(books, amount):
        wanted = begun(wanted, at=now)
    elif trade.traits.get("short_of_funds") != "waits":
        raise Refused(403, "NOT_ENOUGH")
    books.book(wanted)
    return wanted


def _check_refundable(
    trade: Trade, amount: int, before: list[Refund], *, now: datetime
) -> None:
    if trade.traits.get("payer") == "gone":
        raise Refused(403, "USER_ACCOUNT_ABNORMAL")
    if now > trade.paid_at + WINDOW:
        raise invalid("订单已超过可退款的最大期限")
    gone = sum(refund.amount_minor for refund in before)
    if gone >= trade.total_minor:
        raise invalid("订单已全额退款")
    if gone + amount > trade.total_minor:
        raise invalid("累计退款金额大于支付金额")
    if len(before) >= MOST:
        raise invalid("部分退款次数超过上限")
    if before and now - before[-1].at < SPACING:
        raise Refused(429, "FREQUENCY_LIMITED")


def _check_card(content: Fields) -> None:
    if _text(content, "bank_type") not in BANK_TYPES:
        raise wrong("bank_type")
    if not re.fullmatch(r"\d{12,19}", _text(content, "bank_account"), re.ASCII):
        raise wrong("bank_account")
    if not _text(content, "real_name"):
        raise wrong("real_name")


def _trade(content: Fields, books: Books) -> Trade:
    names = {
        "trade_no": _text(content, "transaction_id"),
        "out_trade_no": _text(content, "out_trade_no"),
    }
    if not any(names.values()):
        raise wrong("transaction_id")
    trade = books.trade(**names, route=ROUTE)
    if trade is None:
        raise Refused(404, "RESOURCE_NOT_EXISTS", "订单不存在")
    return trade


def _amounts(content: Fields) -> tuple[int, int]:
    """Whole fen: JSON's `1.0` and `true` are none."""
    amount = content.get("amount")
    if not isinstance(amount, dict) or amount.get("currency") != "CNY":
        raise wrong("amount")
    numbers = amount.get("refund"), amount.get("total")
    refund, total = numbers
    if type(refund) is not int or type(total) is not int or min(refund, total) < 1:
        raise wrong("amount")
    return refund, total


def _text(content: Fields, name: str, *, longest: int = 512) -> str:
    value = content.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise wrong(name)
    return value
