"""The bill of a day's refunds: two calls to fetch it, a hash to believe it by."""

from datetime import date, datetime, timedelta
from itertools import count

import pytest

from refunds.gateways.base import (
    Access,
    Line,
    Outcome,
    StatementBroken,
    StatementMissing,
)
from refunds.gateways.sandbox.routes import all_merchants
from refunds.gateways.sandbox.server import Sandbox
from refunds.gateways.sandbox.wechat_pay.refunds import ended
from refunds.gateways.wechat_pay import WeChatPay
from tests.refunds.gateways.wechat_pay.platform import AT, TRADE, Said

DAY = date(2026, 11, 16)  # In Beijing, at the tests' moment.
BILL, DOWNLOAD = "wechat_pay.tradebill", "wechat_pay.billdownload"


@pytest.fixture
def paying(sandbox: Sandbox) -> WeChatPay:
    sandbox.ledger.put_trade(
        route="wechat_pay",
        trade_no=TRADE,
        out_trade_no="P-1",
        total_minor=100_00,
        paid_at=datetime.fromisoformat("2026-11-01T00:00:00Z"),
    )
    merchants = all_merchants(sandbox.state_dir, url=sandbox.url)
    (ours,) = (m for m in merchants if m.route == "wechat_pay")
    return WeChatPay(
        Access(ours.number, ours.address, ours.settings, ours.secrets, timeout=1)
    )


@pytest.fixture
def at(paying: WeChatPay, sandbox: Sandbox, now: datetime) -> datetime:
    """19.99 and 0.01 were refunded; it is eleven o'clock the next day."""
    for amount, part in zip((19_99, 1), count(1), strict=False):
        parameters = {
            "transaction_id": TRADE,
            "out_refund_no": f"RF1L{part}A1",
            "amount": {"refund": amount, "total": 100_00, "currency": "CNY"},
        }
        sent_at = now + timedelta(minutes=2 * part)
        sandbox.clock.advance(120)
        assert paying.submit(parameters, now=sent_at).outcome is Outcome.PROCESSING
    sandbox.clock.advance(timedelta(hours=24, minutes=56).total_seconds())
    return now + timedelta(hours=25)


def read(paying: WeChatPay, at: datetime, *, day: date = DAY) -> list[Line]:
    return paying.read_statement(paying.fetch_statement(day, now=at))


def test_each_refund_is_a_line_in_fen_under_our_key(
    paying: WeChatPay, at: datetime, now: datetime, sandbox: Sandbox
) -> None:
    first, second = read(paying, at)
    assert (first.key, first.amount, second.key, second.amount) == (
        *("RF1L1A1", 19_99),
        *("RF1L2A1", 1),
    )
    assert (first.trade_number, first.currency, first.back) == (TRADE, "CNY", False)
    assert first.provider_number == sandbox.ledger.refunds()[0].number
    assert abs(first.at - now - timedelta(minutes=2)) < timedelta(seconds=20)
    assert [call.method for call in sandbox.ledger.calls()[-2:]] == [BILL, DOWNLOAD]


def test_what_was_closed_before_the_bill_was_made_is_not_on_it(
    paying: WeChatPay, at: datetime, sandbox: Sandbox, now: datetime
) -> None:
    with sandbox.ledger.transaction() as books:
        first, second = books.refunds("wechat_pay")
        books.change(ended(first, "CLOSED", at=now))
        books.change(ended(second, "CLOSED", at=at + timedelta(days=6)))
    assert [line.key for line in read(paying, at)] == ["RF1L2A1"]


def test_a_day_without_refunds_is_empty_once_bills_are_made_and_missing_before(
    paying: WeChatPay, at: datetime
) -> None:
    assert read(paying, at, day=DAY - timedelta(days=1)) == []
    with pytest.raises(StatementMissing, match="STATEMENT_CREATING"):
        read(paying, at, day=DAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("fault", "method"),
    [("wrong_hash", BILL), ("row_twice", DOWNLOAD), ("row_missing", DOWNLOAD)],
)
def test_a_bill_whose_hash_does_not_fit_is_broken_and_kept(
    fault: str, method: str, paying: WeChatPay, at: datetime, sandbox: Sandbox
) -> None:
    sandbox.faults.add(fault, method=method)
    with pytest.raises(StatementBroken, match="hash") as broken:
        read(paying, at)
    assert "商户退款单号".encode() in broken.value.content


@pytest.mark.parametrize(
    ("fault", "method"),
    [
        ("http_502_after", BILL),
        ("bad_signature", BILL),
        ("reset_mid_answer", DOWNLOAD),
        ("http_500_before", DOWNLOAD),
    ],
)
def test_a_bill_that_does_not_come_is_missing(
    fault: str, method: str, paying: WeChatPay, at: datetime, sandbox: Sandbox
) -> None:
    sandbox.faults.add(fault, method=method)
    with pytest.raises(StatementMissing):
        read(paying, at)


def test_nothing_signed_is_sent_to_another_machine(
    wechat: WeChatPay, said: Said
) -> None:
    for url in ("http://evil.example/bill", "https://127.0.0.1/bill", "", "//x"):
        said.says(200, {"hash_type": "SHA1", "hash_value": "0", "download_url": url})
        with pytest.raises(StatementMissing, match="elsewhere"):
            wechat.fetch_statement(DAY, now=AT)


@pytest.mark.parametrize(
    "damage",
    [
        lambda bill: bill[: len(bill) // 2],
        lambda bill: bill.replace(b"`2,", b"`3,"),
        lambda bill: bill.replace(b"`19.99", b"`19.999"),
        lambda bill: bill.replace(b"`19.99", b"`NaN"),
        lambda bill: bill.replace(b"`19.99", b"`-19.99"),
        lambda bill: bill.replace("退款状态".encode(), "状态".encode()),
        lambda bill: bill.replace(b"`2026-11-16", b"`soon"),
        lambda bill: bill.decode("utf-8-sig").encode("gb18030"),
        lambda _bill: b"<html>",
        lambda _bill: b"\x00\xff",
        lambda bill: bill + bill,
    ],
)
def test_a_bill_that_can_t_be_read_is_broken(
    damage: object, paying: WeChatPay, at: datetime
) -> None:
    assert callable(damage)
    bill = damage(paying.fetch_statement(DAY, now=at))
    with pytest.raises(StatementBroken) as broken:
        paying.read_statement(bill)
    assert broken.value.content == bill


def test_an_empty_bill_is_a_day_without_refunds(wechat: WeChatPay) -> None:
    assert wechat.read_statement(b"") == wechat.read_statement(b"\r\n") == []
