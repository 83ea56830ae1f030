"""The sandbox's WeChat Pay, called by a caller with signing code of its own."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

from refunds.gateways.sandbox.server import Sandbox
from refunds.gateways.sandbox.wechat_pay.keys import (
    MCHID,
    MERCHANT_SERIAL,
    SERIAL,
    ensure_wechat_keys,
)
from tests.refunds.gateways.sandbox.merchant import NOW

TRADE, KEY = "4200000001", "RF1A1"
REFUNDS = "/v3/refund/domestic/refunds"


class Caller:
    def __init__(self, sandbox: Sandbox) -> None:
        folder = sandbox.state_dir
        key = load_pem_private_key(
            (folder / "wechat_pay_merchant_private.pem").read_bytes(), None
        )
        platform = load_pem_public_key(
            (folder / "wechat_pay_platform_public.pem").read_bytes()
        )
        assert isinstance(key, RSAPrivateKey)
        assert isinstance(platform, RSAPublicKey)
        self.key, self.platform, self.sandbox = key, platform, sandbox
        self.http = httpx.Client(base_url=sandbox.url, trust_env=False, verify=False)

    def refund(self, fen: int = 1_00, key: str = KEY, **more: Any) -> httpx.Response:
        money = {"refund": fen, "total": 100_00, "currency": "CNY"}
        content = {"transaction_id": TRADE, "out_refund_no": key, "amount": money}
        return self.call("POST", REFUNDS, content | more)

    def query(self, key: str = KEY) -> httpx.Response:
        return self.call("GET", f"{REFUNDS}/{key}")

    def card(self, number: str, **more: Any) -> httpx.Response:
        content = {
            "out_refund_no": KEY,
            "type": "USER_BANK_CARD",
            "bank_type": "ICBC_DEBIT",
            "bank_account": self.seal("6222020200112230"),
            "real_name": self.seal("王小明"),
        }
        path = f"{REFUNDS}/{number}/apply-abnormal-refund"
        return self.call("POST", path, content | more)

    def seal(self, text: str) -> str:
        sha1 = hashes.SHA1()
        oaep = OAEP(mgf=MGF1(sha1), algorithm=sha1, label=None)
        return base64.b64encode(self.platform.encrypt(text.encode(), oaep)).decode()

    def call(
        self, verb: str, target: str, content: object = None, **changes: str
    ) -> httpx.Response:
        """`changes` are made to what is told after signing."""
        body = json.dumps(content) if content is not None else ""
        at = str(int(self.sandbox.clock.now().timestamp()))
        at = changes.pop("signed_at", at)
        text = f"{verb}\n{target}\n{at}\nabc\n{body}\n".encode()
        raw = self.key.sign(text, PKCS1v15(), hashes.SHA256())
        parts = {
            "mchid": MCHID,
            "serial_no": MERCHANT_SERIAL,
            "nonce_str": "abc",
            "timestamp": at,
            "signature": base64.b64encode(raw).decode(),
            **changes,
        }
        told = ",".join(f'{name}="{value}"' for name, value in parts.items())
        headers = {
            "Authorization": f"WECHATPAY2-SHA256-RSA2048 {told}",
            "Content-Type": "application/json",
            "Wechatpay-Serial": SERIAL,
        }
        return self.http.request(verb, target, headers=headers, content=body)


@pytest.fixture(scope="module")
def wechat_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wechat")
    ensure_wechat_keys(folder)
    return folder


@pytest.fixture
def caller(sandbox: Sandbox, wechat_keys: Path) -> Iterator[Caller]:
    """100.00 were paid ten days ago."""
    for file in wechat_keys.iterdir():
        (sandbox.state_dir / file.name).write_bytes(file.read_bytes())
    sandbox.ledger.put_trade(
        route="wechat_pay",
        trade_no=TRADE,
        out_trade_no="P-1",
        total_minor=100_00,
        paid_at=NOW - timedelta(days=10),
    )
    caller = Caller(sandbox)
    with caller.http:
        yield caller


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


def turn(caller: Caller, outcome: str) -> None:
    (route,) = (r for r in caller.sandbox.routes if r.name == "wechat_pay")
    with caller.sandbox.ledger.transaction() as books:
        refund = books.refund("wechat_pay", key=KEY)
        assert refund
        books.change(route.turn(refund, outcome, books=books))


def test_a_refund_takes_a_minute_and_is_signed(caller: Caller) -> None:
    said = caller.refund()
    assert said.json()["status"] == "PROCESSING"
    stamp, nonce = said.headers["Wechatpay-Timestamp"], said.headers["Wechatpay-Nonce"]
    caller.platform.verify(
        base64.b64decode(said.headers["Wechatpay-Signature"]),
        f"{stamp}\n{nonce}\n".encode() + said.content + b"\n",
        PKCS1v15(),
        hashes.SHA256(),
    )
    assert said.headers["Wechatpay-Serial"] == SERIAL
    caller.sandbox.clock.advance(60)
    found = caller.query().json()
    assert (found["status"], found["amount"]["refund"]) == ("SUCCESS", 1_00)
    assert found["success_time"].endswith("+08:00")


def test_the_same_number_is_the_same_refund(caller: Caller) -> None:
    first = caller.refund().json()["refund_id"]
    assert caller.refund().json()["refund_id"] == first
    assert code(caller.refund(2_00)) == (400, "INVALID_REQUEST")
    assert caller.sandbox.ledger.moved_minor() == 1_00


def test_refunds_of_one_order_are_a_minute_apart(caller: Caller) -> None:
    caller.refund()
    assert code(caller.refund(key="RF2A1")) == (429, "FREQUENCY_LIMITED")
    caller.sandbox.clock.advance(60)
    assert caller.refund(key="RF2A1").status_code == 200


def test_more_than_was_paid_or_fifty_parts_are_refused(caller: Caller) -> None:
    assert code(caller.refund(100_01)) == (400, "INVALID_REQUEST")
    caller.refund(99_01)
    caller.sandbox.clock.advance(61)
    assert code(caller.refund(1_00, key="RF2A1")) == (400, "INVALID_REQUEST")
    with caller.sandbox.ledger.transaction() as books:
        (first,) = books.refunds("wechat_pay")
        for part in range(49):
            books.book(replace(first, key=f"P{part}", amount_minor=1))
    assert code(caller.refund(1, key="RF3A1")) == (400, "INVALID_REQUEST")


def test_after_a_year_it_is_too_late(caller: Caller) -> None:
    caller.sandbox.clock.advance(timedelta(days=355, seconds=1).total_seconds())
    assert code(caller.refund()) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    "more",
    [
        {"amount": {"refund": 1_00, "total": 100_01, "currency": "CNY"}},
        {"amount": {"refund": 1.0, "total": 100_00, "currency": "CNY"}},
        {"amount": {"refund": True, "total": 100_00, "currency": "CNY"}},
        {"amount": {"refund": 0, "total": 100_00, "currency": "CNY"}},
        {"amount": {"refund": 1_00, "total": 100_00, "currency": "USD"}},
        {"amount": 1},
        {"out_refund_no": "RF 1"},
        {"out_refund_no": "x" * 65},
        {"reason": "退" * 81},
        {"transaction_id": ""},
    ],
)
def test_a_request_that_does_not_fit_is_refused(
    more: dict[str, Any], caller: Caller
) -> None:
    assert caller.refund(**more).status_code == 400
    assert caller.sandbox.ledger.refunds() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"signature": "AAAA"}, (401, "SIGN_ERROR")),
        ({"nonce_str": "abd"}, (401, "SIGN_ERROR")),
        ({"serial_no": "00"}, (401, "SIGN_ERROR")),
        ({"mchid": "1900000002"}, (404, "MCH_NOT_EXISTS")),
        ({"signed_at": str(int(NOW.timestamp()) - 301)}, (401, "SIGN_ERROR")),
        ({"signed_at": str(int(NOW.timestamp()) + 301)}, (401, "SIGN_ERROR")),
        ({"signed_at": "soon"}, (401, "SIGN_ERROR")),
        ({"more": "x"}, (401, "SIGN_ERROR")),
    ],
)
def test_who_does_not_sign_rightly_is_refused(
    changes: dict[str, str], expected: tuple[int, str], caller: Caller
) -> None:
    assert code(caller.call("GET", f"{REFUNDS}/{KEY}", **changes)) == expected


def test_what_is_parked_goes_to_a_card_once(caller: Caller) -> None:
    number = caller.refund().json()["refund_id"]
    assert code(caller.card(number)) == (400, "INVALID_REQUEST")
    turn(caller, "ABNORMAL")
    assert code(caller.card("503")) == (404, "RESOURCE_NOT_EXISTS")
    assert code(caller.card(number, bank_account="AAAA")) == (400, "PARAM_ERROR")
    assert code(caller.card(number, bank_type="HSBC_DEBIT")) == (400, "PARAM_ERROR")
    assert caller.card(number).json()["status"] == "PROCESSING"
    assert code(caller.card(number)) == (400, "INVALID_REQUEST")
    caller.sandbox.clock.advance(60)
    found = caller.query().json()
    assert (found["status"], found["channel"]) == ("SUCCESS", "OTHER_BANKCARD")
    assert found["user_received_account"] == "ICBC_DEBIT 2230"


def test_our_money_there_is_counted(caller: Caller) -> None:
    with caller.sandbox.ledger.transaction() as books:
        books.set_funds("wechat_pay", 1_50)
    assert code(caller.refund(2_00)) == (403, "NOT_ENOUGH")
    caller.refund(1_50)
    turn(caller, "CLOSED")
    assert caller.sandbox.ledger.moved_minor() == 0
    with caller.sandbox.ledger.transaction() as books:
        assert books.funds("wechat_pay") == 1_50


def test_it_tells_how_it_ended_when_it_ends_and_no_other_way(caller: Caller) -> None:
    caller.sandbox.notify["wechat_pay"] = "http://127.0.0.1:9/"
    caller.refund()
    (first,) = caller.sandbox.ledger.deliveries()
    assert first.due_at == NOW + timedelta(seconds=60)
    turn(caller, "ABNORMAL")
    first, second = caller.sandbox.ledger.deliveries()
    assert (first.due_at, second.due_at) == (None, NOW)
    assert "ABNORMAL" in second.event
    assert KEY.encode() not in second.body


def test_what_waits_for_money_tells_that_it_was_paid_once_there_is_some(
    caller: Caller,
) -> None:
    caller.sandbox.notify["wechat_pay"] = "http://127.0.0.1:9/"
    with caller.sandbox.ledger.transaction() as books:
        trade = books.trade(trade_no=TRADE, route="wechat_pay")
        assert trade
        books.put_trade(replace(trade, traits={"short_of_funds": "waits"}))
        books.set_funds("wechat_pay", 0)
    caller.refund()
    with caller.sandbox.ledger.transaction() as books:
        books.set_funds("wechat_pay", None)
    caller.query()
    closed, paid = caller.sandbox.ledger.deliveries()
    assert (closed.due_at, paid.due_at) == (None, NOW + timedelta(seconds=60))
    assert "SUCCESS" in paid.event
