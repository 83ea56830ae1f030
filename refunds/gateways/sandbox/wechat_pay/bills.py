"""The bill of refunds of a day: CSV in yuan with back-ticks, as it stood the next
morning at ten, and never changed after."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.rows import Refund
from refunds.gateways.sandbox.wechat_pay.codes import Refused, wrong
from refunds.gateways.sandbox.wechat_pay.keys import MCHID
from refunds.gateways.sandbox.wechat_pay.refunds import (
    ABNORMAL,
    BEIJING,
    CLOSED,
    ROUTE,
    SUCCESS,
)

DOWNLOAD = "/wechat/billdownload/file"
READY_AT = time(10, 0, tzinfo=BEIJING)
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
STATUSES = {SUCCESS: "SUCCESS", CLOSED: "FAIL", ABNORMAL: "PROCESSING"}
NAMES = (
    *("交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号"),
    *("商户订单号", "用户标识", "交易类型", "交易状态", "付款银行", "货币种类"),
    *("应结订单金额", "代金券金额", "退款申请时间", "退款成功时间", "微信退款单号"),
    *("商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态"),
    *("商品名称", "商户数据包", "手续费", "费率", "订单金额", "申请退款金额"),
    "费率备注",
)
SUMMARY_NAMES = (
    *("总交易单数", "应结订单总金额", "退款总金额", "充值券退款总金额"),
    *("手续费总金额", "订单总金额", "申请退款总金额"),
)
FAULTS = ("row_missing", "row_twice", "row_wrong_amount", "row_unknown")


def place(
    query: Mapping[str, str], *, host: str, books: Books, now: datetime
) -> dict[str, str]:
    """Where the bill is to be had, and its hash."""
    if query.get("bill_type") != "REFUND":
        raise wrong("bill_type")
    day = day_of(query, "bill_date")
    if now < datetime.combine(day + timedelta(days=1), READY_AT):
        raise Refused(400, "STATEMENT_CREATING")
    if not _of_day(day, books):
        raise Refused(400, "NO_STATEMENT_EXIST")
    return {
        "hash_type": "SHA1",
        "hash_value": _sha1(file_of(day, books=books)),
        "download_url": f"http://{host}{DOWNLOAD}?token={day}",
    }


def file_of(day: date, *, books: Books, fault: str = "") -> bytes:
    refunds = changed(_of_day(day, books), fault)
    rows = [_row(refund, books, day) for refund in refunds]
    total = sum(refund.amount_minor for refund in refunds)
    summary = [str(len(rows)), "0.00", yuan(total), "0.00", "0.00", "0.00", yuan(total)]
    lines = [
        ",".join(NAMES),
        *(",".join(f"`{row[name]}" for name in NAMES) for row in rows),
        ",".join(SUMMARY_NAMES),
        ",".join(f"`{value}" for value in summary),
    ]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def changed(refunds: list[Refund], fault: str) -> list[Refund]:
    """A bill with a row that is wrong; its hash fits, because it is computed anew."""
    match fault, refunds:
        case "row_missing", [_first, *rest]:
            return rest
        case "row_twice", [first, *rest]:
            return [first, first, *rest]
        case "row_wrong_amount", [first, *rest]:
            values = vars(first) | {"amount_minor": first.amount_minor + 1}
            return [Refund(**values), *rest]
        case "row_unknown", [first, *rest]:
            values = vars(first) | {"key": "PORTAL1", "number": "50300000000000001"}
            return [first, *rest, Refund(**values)]
        case _:
            return refunds


def day_of(query: Mapping[str, str], name: str = "token") -> date:
    """Raises Refused."""
    try:
        return date.fromisoformat(query.get(name, ""))
    except ValueError:
        raise wrong(name) from None


def yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _of_day(day: date, books: Books) -> list[Refund]:
    return [
        refund
        for refund in books.refunds(ROUTE)
        if refund.at.astimezone(BEIJING).date() == day
    ]


def _row(refund: Refund, books: Books, day: date) -> dict[str, str]:
    trade = books.trade(trade_no=refund.trade_no, route=ROUTE)
    assert trade is not None
    status, success_at = _as_of(refund, day)
    return dict.fromkeys(NAMES, "") | {
        "交易时间": trade.paid_at.astimezone(BEIJING).strftime(TIME_FORMAT),
        "商户号": MCHID,
        "微信订单号": trade.trade_no,
        "商户订单号": trade.out_trade_no,
        "交易类型": "NATIVE",
        "交易状态": "REFUND",
        "付款银行": "OTHERS",
        "货币种类": trade.currency,
        "应结订单金额": yuan(trade.total_minor),
        "代金券金额": "0.00",
        "退款申请时间": refund.at.astimezone(BEIJING).strftime(TIME_FORMAT),
        "退款成功时间": success_at,
        "微信退款单号": refund.number,
        "商户退款单号": refund.key,
        "退款金额": yuan(refund.traits.get("payer_refund", refund.amount_minor)),
        "充值券退款金额": "0.00",
        "退款类型": "ORIGINAL",
        "退款状态": status,
        "商品名称": "实时音视频服务",
        "手续费": "0.00000",
        "费率": "0.60%",
        "订单金额": yuan(trade.total_minor),
        "申请退款金额": yuan(refund.amount_minor),
    }


def _as_of(refund: Refund, day: date) -> tuple[str, str]:
    """Status and moment of success as they were when the bill was made."""
    made_at = datetime.combine(day + timedelta(days=1), READY_AT)
    ended = refund.traits.get("ended_at")
    ended_at = datetime.fromisoformat(ended) if ended else None
    if ended_at is None or ended_at > made_at:
        return "PROCESSING", ""
    status = STATUSES.get(refund.status, "PROCESSING")
    success = ended_at.astimezone(BEIJING).strftime(TIME_FORMAT)
    return status, success if status == "SUCCESS" else ""
