"""The control port: a JSON door for tests, a page for people, closed to other sites."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.gateways.sandbox.merchant import QUERY, REFUND, TRADE, Merchant


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.control_url, trust_env=False) as client:
        yield client


def test_a_trade_is_put_and_replaced(control: httpx.Client, sandbox: Sandbox) -> None:
    trade = {
        "trade_no": "T2",
        "out_trade_no": "P-2",
        "total_minor": 500,
        "paid_at": "2026-11-01T10:00:00+08:00",
    }
    assert control.put("/trades", json=trade).json()["refunded_minor"] == 0
    assert control.put("/trades", json=trade | {"total_minor": 700}).is_success
    assert {t.trade_no: t.total_minor for t in sandbox.ledger.trades()} == {
        TRADE: 10_000,
        "T2": 700,
    }


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"total_minor": 0}, "total_minor"),
        ({"total_minor": 1.5}, "total_minor"),
        ({"trade_no": ""}, "trade_no"),
        ({"paid_at": "2026-11-01T10:00:00"}, "time zone"),
        ({"paid_at": "yesterday"}, "isoformat"),
        ({"out_trade_no": "P-1"}, "UNIQUE"),
        ({"route": "cheque"}, "route: expected one of alipay"),
        ({"currency": 1}, "currency"),
    ],
)
def test_a_trade_that_makes_no_sense_is_refused(
    change: dict[str, object], told: str, control: httpx.Client
) -> None:
    trade = {
        "trade_no": "T2",
        "out_trade_no": "P-2",
        "total_minor": 500,
        "paid_at": "2026-11-01T10:00:00+08:00",
    }
    answer = control.put("/trades", json=trade | change)
    assert answer.status_code == 400
    assert told in answer.json()["error"]


def test_ledger_and_calls_tell_what_happened(
    control: httpx.Client, merchant: Merchant
) -> None:
    merchant.refund("19.99")
    ledger = control.get("/ledger").json()
    assert ledger["moved_minor"] == 1999
    assert ledger["trades"][0]["refunded_minor"] == 1999
    assert ledger["trades"][0]["status"] == "TRADE_SUCCESS"
    assert ledger["refunds"] == [
        {
            "route": "alipay",
            "trade_no": TRADE,
            "key": "RF1A1",
            "amount_minor": 1999,
            "at": "2026-11-20T12:00:00+00:00",
            "status": "REFUND_SUCCESS",
            "number": "",
            "moved": True,
            "traits": {},
        }
    ]
    assert control.get("/calls").json()["calls"] == [
        {
            "at": "2026-11-20T12:00:00+00:00",
            "method": REFUND,
            "key": "RF1A1",
            "fault": "",
            "answered": "10000",
        }
    ]


def test_a_fully_refunded_trade_is_closed(
    control: httpx.Client, merchant: Merchant
) -> None:
    merchant.refund("100.00")
    trade = control.get("/ledger").json()["trades"][0]
    assert trade["status"] == "TRADE_CLOSED"


def test_faults_are_set_shown_and_removed(
    control: httpx.Client, merchant: Merchant
) -> None:
    wanted: dict[str, Any] = {
        "method": REFUND,
        "fault": "sub_code:ACQ.X",
        "times": "always",
        "skip": 1,
    }
    assert control.post("/faults", json=wanted).json() == wanted
    assert merchant.refund("19.99").sub_code == ""
    assert merchant.refund("19.99").sub_code == "ACQ.X"
    assert control.get("/faults").json()["faults"] == [wanted | {"skip": 0}]
    assert control.delete("/faults").is_success
    assert merchant.refund("19.99").sub_code == ""


@pytest.mark.parametrize(
    "content",
    [
        b'{"method": "alipay.trade.refund", "fault": "fire"}',
        b'{"method": "alipay.trade.refund", "fault": "not_yet"}',
        b'{"method": "alipay.trade.pay", "fault": "bad_signature"}',
        b'{"method": "alipay.trade.refund", "fault": "bad_signature", "times": 0}',
        b'{"method": "alipay.trade.refund", "fault": "bad_signature", "skip": -1}',
        b'{"fault": "bad_signature"}',
        b"[]",
        b"{",
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(
    content: bytes, control: httpx.Client, sandbox: Sandbox
) -> None:
    assert control.post("/faults", content=content).status_code == 400
    assert sandbox.faults.waiting() == []


def test_the_clock_moves_ahead_only(control: httpx.Client) -> None:
    answer = control.post("/clock", json={"advance_seconds": 60.5})
    assert answer.json() == {"status": "ok", "now": "2026-11-20T12:01:00.500000+00:00"}
    for wrong in (-1, "60", None, True, 1e12):
        refused = control.post("/clock", json={"advance_seconds": wrong})
        assert refused.status_code == 400
    assert control.get("/health").json()["now"] == "2026-11-20T12:01:00.500000+00:00"


def test_reset_forgets_everything(
    control: httpx.Client, merchant: Merchant, sandbox: Sandbox
) -> None:
    merchant.refund("19.99")
    sandbox.clock.advance(60)
    sandbox.faults.add("not_yet", method=QUERY)
    assert control.post("/reset").json()["now"] == "2026-11-20T12:00:00+00:00"
    assert control.get("/ledger").json() == {
        "trades": [],
        "refunds": [],
        "moved_minor": 0,
    }
    assert sandbox.ledger.calls() == []
    assert sandbox.faults.waiting() == []


def test_the_page_shows_what_there_is_and_escapes_it(
    control: httpx.Client, merchant: Merchant, sandbox: Sandbox
) -> None:
    merchant.refund("19.99", "<b>RF1A1</b>")
    sandbox.faults.add("slow:2", method=REFUND, times=None)
    page = control.get("/").text
    for words in (
        TRADE,
        "&lt;b&gt;RF1A1&lt;/b&gt;",
        "王}&quot;{***",
        "slow:2",
        "always",
    ):
        assert words in page


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example:8002"}, {"Origin": "https://evil.example"}]
)
def test_another_sites_page_is_turned_away(
    headers: dict[str, str], control: httpx.Client, sandbox: Sandbox
) -> None:
    assert control.post("/reset", headers=headers).status_code == 403
    assert len(sandbox.ledger.trades()) == 1


def test_vendor_paths_and_control_paths_are_apart(
    control: httpx.Client, sandbox: Sandbox
) -> None:
    assert control.post("/gateway.do").status_code == 404
    assert httpx.get(f"{sandbox.url}/ledger", trust_env=False).status_code == 404
