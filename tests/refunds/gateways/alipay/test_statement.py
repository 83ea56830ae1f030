"""Alipay's bill of a day: fetched in two calls, read from a zip in GBK."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import httpx
import pytest

from refunds.gateways.alipay import Alipay
from refunds.gateways.alipay.statement import COLUMNS
from refunds.gateways.base import Parameters, StatementBroken, StatementMissing
from refunds.gateways.sandbox.alipay.rules import BEIJING
from refunds.gateways.sandbox.keys import Keys
from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.answering import answering, envelope
from tests.refunds.gateways.alipay.merchant import (
    BILL,
    KEY,
    TRADE,
    at,
    submit,
)

DOWNLOAD = "alipay.bill"


@pytest.fixture
def today(gateway: Sandbox, alipay: Alipay, parameters: Parameters) -> date:
    """The day of one refund, which is over now."""
    submit(alipay, parameters)
    day = gateway.clock.now().astimezone(BEIJING).date()
    gateway.clock.advance(timedelta(days=2).total_seconds())
    return day


def fetch(alipay: Alipay, gateway: Sandbox, day: date) -> bytes:
    return alipay.fetch_statement(day, now=gateway.clock.now())


def zipped(text: str, *, name: str = "2088_20261120_业务明细.csv") -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr(name, text.encode("gb18030"))
    return out.getvalue()


def bill(*rows: str, head: str = ",".join(COLUMNS), end: str = "") -> str:
    lines = ["#支付宝业务明细查询", head, *rows, "#---业务明细列表结束---", end]
    return "\r\n".join(lines)


ROW = "T1\t,退款,2026-11-20 10:00:00,-19.99,RF1\t"


def test_a_refund_is_a_row_of_its_day(
    alipay: Alipay, gateway: Sandbox, today: date
) -> None:
    (line,) = alipay.read_statement(fetch(alipay, gateway, today))
    assert (line.key, line.amount, line.currency, line.back) == (
        KEY,
        19_99,
        "CNY",
        False,
    )
    assert line.trade_number == line.provider_number == TRADE
    booked = gateway.ledger.refunds()[0].at.replace(microsecond=0)
    assert line.at == booked
    assert alipay.read_statement(fetch(alipay, gateway, today - timedelta(1))) == []
    methods = [call.method for call in gateway.ledger.calls()]
    assert methods[1:3] == [BILL, DOWNLOAD]


def test_a_payment_is_no_refund(alipay: Alipay, gateway: Sandbox) -> None:
    paid_on = gateway.ledger.trades()[0].paid_at.astimezone(BEIJING).date()
    assert alipay.read_statement(fetch(alipay, gateway, paid_on)) == []


def test_there_is_none_before_the_next_morning_at_nine(
    alipay: Alipay, gateway: Sandbox
) -> None:
    now = gateway.clock.now().astimezone(BEIJING)
    with pytest.raises(StatementMissing):
        alipay.fetch_statement(now.date(), now=now)
    assert gateway.ledger.calls() == []
    nine = (now + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    gateway.clock.advance((nine - now).total_seconds() - 60)
    with pytest.raises(StatementMissing, match="bill_not_exist"):
        fetch(alipay, gateway, now.date())
    gateway.clock.advance(61)
    assert fetch(alipay, gateway, now.date())


def test_its_address_is_good_for_thirty_seconds(
    alipay: Alipay, gateway: Sandbox, today: date
) -> None:
    asked = {"bill_type": "trade", "bill_date": today.isoformat()}
    _said, answer = alipay._client.call(BILL, asked, now=datetime.now(UTC))
    assert answer
    url = answer["bill_download_url"]
    assert httpx.get(url, trust_env=False).content[:2] == b"PK"
    gateway.clock.advance(31)
    assert httpx.get(url, trust_env=False).status_code == 403


@pytest.mark.parametrize(
    ("fault", "method"),
    [
        ("sub_code:isv.invalid-signature", BILL),
        ("bad_signature", BILL),
        ("timeout_before_commit", BILL),
        ("html_error_page", BILL),
        ("http_502_after", DOWNLOAD),
        ("reset_mid_answer", DOWNLOAD),
        ("timeout_after_commit", DOWNLOAD),
    ],
)
def test_what_does_not_come_is_missing(
    fault: str, method: str, alipay: Alipay, gateway: Sandbox, today: date
) -> None:
    gateway.faults.add(fault, method=method)
    with pytest.raises(StatementMissing):
        fetch(alipay, gateway, today)


@pytest.mark.parametrize("fault", ["truncated_json", "html_error_page"])
def test_what_comes_damaged_is_broken_and_kept(
    fault: str, alipay: Alipay, gateway: Sandbox, today: date
) -> None:
    gateway.faults.add(fault, method=DOWNLOAD)
    content = fetch(alipay, gateway, today)
    with pytest.raises(StatementBroken) as broken:
        alipay.read_statement(content)
    assert broken.value.content == content


@pytest.mark.parametrize(
    ("fault", "amounts"),
    [("row_missing", []), ("row_twice", [19_99, 19_99]), ("row_amount", [20_00])],
)
def test_the_sandbox_writes_wrong_lists_on_demand(
    fault: str, amounts: list[int], alipay: Alipay, gateway: Sandbox, today: date
) -> None:
    gateway.faults.add(fault, method=DOWNLOAD)
    lines = alipay.read_statement(fetch(alipay, gateway, today))
    assert [line.amount for line in lines] == amounts


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        zipped(bill(ROW), name="other.csv"),
        zipped(bill(ROW), name="2088_业务明细(汇总).csv"),
        zipped("#nothing"),
        zipped(bill(ROW).replace("结束", "")),
        zipped(bill(ROW, head="支付宝交易号,业务类型")),
        zipped(bill(ROW.replace("-19.99", "much"))),
        zipped(bill(ROW.replace("-19.99", "0.00"))),
        zipped(bill(ROW.replace("-19.99", "-0.001"))),
        zipped(bill(ROW.replace("2026-11-20", "20 Nov"))),
        zipped(bill("T1,退款,2026-11-20 10:00:00")),
        zipped(bill(ROW, end="#退款合计：2笔，商家实收退款共-39.98元")),
    ],
    ids=range(13),
)
def test_what_can_not_be_read_is_broken(content: bytes, offline: Alipay) -> None:
    with pytest.raises(StatementBroken) as broken:
        offline.read_statement(content)
    assert broken.value.content == content


def test_letters_that_are_not_gbk_are_broken(offline: Alipay) -> None:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("业务明细.csv", b"\xff\xff\xff")
    with pytest.raises(StatementBroken):
        offline.read_statement(out.getvalue())


def test_what_came_back_to_us_is_told_apart(offline: Alipay) -> None:
    back = ROW.replace("-19.99", "19.99")
    lines = offline.read_statement(zipped(bill(ROW, back, end="#退款合计：2笔")))
    assert [(line.amount, line.back) for line in lines] == [
        (19_99, False),
        (19_99, True),
    ]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "https://127.0.0.1:9/bill", "", "http://[::1"]
)
def test_an_address_unlike_ours_is_not_followed(
    url: str, offline: Alipay, keys: Keys
) -> None:
    inner = f'{{"code":"10000","bill_download_url":"{url}"}}'
    name = BILL.replace(".", "_") + "_response"
    with (
        answering(envelope(name, inner, keys.gateway_private)) as address,
        pytest.raises(StatementMissing),
    ):
        at(offline, address).fetch_statement(
            date(2026, 11, 20), now=datetime(2026, 11, 22, tzinfo=UTC)
        )
