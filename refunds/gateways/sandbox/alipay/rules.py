"""What Alipay does with a refund and with a question about one; money in fen."""

import re
from datetime import datetime, timedelta, timezone

from refunds.gateways.sandbox.alipay.codes import Fields, Refused
from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.rows import Refund, Trade

BEIJING = timezone(timedelta(hours=8))
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
SPACING = timedelta(seconds=3)
QUERY_DELAY = timedelta(seconds=10)
CARD_DELAY = timedelta(minutes=1)
SUCCESS = {"code": "10000", "msg": "Success"}
AMOUNT = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?", re.ASCII)


def refund(business: Fields, *, books: Books, now: datetime) -> Fields:
    trade = _trade(business, books)
    amount = _amount(business)
    key = _text(business, "out_request_no")
    _text(business, "refund_reason", longest=256)
    if not key and amount != trade.total_minor:
        raise Refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
    wanted = Refund(
        trade_no=trade.trade_no,
        key=key or trade.out_trade_no,
        amount_minor=amount,
        at=now,
    )
    before = books.refunds_of(trade)
    earlier = _find(before, wanted.key)
    if earlier is None:
        _check_refundable(trade, wanted, before)
        books.book(wanted)
    elif earlier.amount_minor != amount:
        raise Refused("ACQ.DISCORDANT_REPEAT_REQUEST")
    return _refunded(
        business,
        trade,
        refund=earlier or wanted,
        total_refunded=_sum(books.refunds_of(trade)),
        fund_change="N" if earlier else "Y",
    )


def query(business: Fields, *, books: Books, now: datetime) -> Fields:
    """Without `refund_status` while nothing is known, or not yet."""
    trade = _trade(business, books)
    key = _text(business, "out_request_no")
    if not key:
        raise Refused("ACQ.INVALID_PARAMETER")
    found = _find(books.refunds_of(trade), key)
    if found is None or now - found.at < QUERY_DELAY:
        return SUCCESS
    options = _options(business)
    fields = {
        **SUCCESS,
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "out_request_no": found.key,
        "total_amount": yuan(trade.total_minor),
        "refund_amount": yuan(found.amount_minor),
        "refund_status": found.status,
    }
    if "gmt_refund_pay" in options:
        fields["gmt_refund_pay"] = _beijing(found.at)
    return {
        **fields,
        **_details(found, options),
        **_card(trade, found, options=options, now=now),
    }


def trade_status(trade: Trade, refunds: list[Refund]) -> str:
    return "TRADE_CLOSED" if _sum(refunds) >= trade.total_minor else "TRADE_SUCCESS"


def yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def window_end(paid_at: datetime) -> datetime:
    """Twelve calendar months after payment, by the date in Beijing."""
    paid = paid_at.astimezone(BEIJING)
    if (paid.month, paid.day) == (2, 29):
        paid = paid.replace(day=28)
    return paid.replace(year=paid.year + 1)


def _check_refundable(trade: Trade, wanted: Refund, before: list[Refund]) -> None:
    if wanted.at > window_end(trade.paid_at):
        raise Refused("ACQ.TRADE_HAS_FINISHED")
    if trade_status(trade, before) == "TRADE_CLOSED":
        raise Refused("ACQ.TRADE_HAS_CLOSE")
    if _sum(before) + wanted.amount_minor > trade.total_minor:
        raise Refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
    if before and wanted.at - before[-1].at < SPACING:
        raise Refused("isv.method-call-limited")


def _refunded(
    business: Fields,
    trade: Trade,
    *,
    refund: Refund,
    total_refunded: int,
    fund_change: str,
) -> Fields:
    """`refund_fee` is the sum over the trade, never this refund's amount."""
    return {
        **SUCCESS,
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "buyer_logon_id": trade.traits.get("buyer_logon_id", "138****0000"),
        "fund_change": fund_change,
        "refund_fee": yuan(total_refunded),
        "gmt_refund_pay": _beijing(refund.at),
        **_details(refund, _options(business)),
    }


def _details(refund: Refund, options: list[object]) -> Fields:
    if "refund_detail_item_list" not in options:
        return {}
    amount = yuan(refund.amount_minor)
    return {
        "refund_detail_item_list": [
            {"fund_channel": "ALIPAYACCOUNT", "amount": amount}
        ],
        "send_back_fee": amount,
    }


def _card(
    trade: Trade, refund: Refund, *, options: list[object], now: datetime
) -> Fields:
    """The second leg, from Alipay to the bank card: P, then S or F."""
    to_card = refund.traits.get("card_return") or trade.traits.get("card_return")
    if "deposit_back_info" not in options or not to_card:
        return {}
    known_at = refund.at + CARD_DELAY
    info = {
        "has_deposit_back": "true",
        "dback_status": "P",
        "dback_amount": yuan(refund.amount_minor),
        "est_bank_receipt_time": _beijing(known_at),
    }
    if now >= known_at:
        info |= {
            "dback_status": to_card,
            "bank_ack_time": _beijing(known_at),
        }
    return {"deposit_back_info": info}


def _trade(business: Fields, books: Books) -> Trade:
    trade_no = _text(business, "trade_no")
    out_trade_no = _text(business, "out_trade_no")
    if not trade_no and not out_trade_no:
        raise Refused("ACQ.INVALID_PARAMETER")
    trade = books.trade(trade_no=trade_no, out_trade_no=out_trade_no)
    if trade is None:
        raise Refused("ACQ.TRADE_NOT_EXIST")
    return trade


def _amount(business: Fields) -> int:
    match = AMOUNT.fullmatch(_text(business, "refund_amount"))
    if match is None:
        raise Refused("ACQ.INVALID_PARAMETER")
    whole, cents = match.groups("")
    amount = int(whole) * 100 + int(cents.ljust(2, "0"))
    if amount == 0:
        raise Refused("ACQ.REASON_TRADE_REFUND_FEE_ERR")
    return amount


def _text(business: Fields, name: str, *, longest: int = 64) -> str:
    value = business.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise Refused("ACQ.INVALID_PARAMETER")
    return value


def _options(business: Fields) -> list[object]:
    options = business.get("query_options", [])
    if not isinstance(options, list):
        raise Refused("ACQ.INVALID_PARAMETER")
    return options


def _find(refunds: list[Refund], key: str) -> Refund | None:
    return next((r for r in refunds if r.key == key), None)


def _sum(refunds: list[Refund]) -> int:
    return sum(refund.amount_minor for refund in refunds)


def _beijing(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime(TIME_FORMAT)
