"""What the gateway accepts and refuses at the door, and how it signs answers."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.gateways.sandbox.merchant import REFUND, TRADE, Merchant

BUSINESS = {"trade_no": TRADE, "refund_amount": "19.99", "out_request_no": "RF1A1"}


@pytest.mark.parametrize("shape", ["post", "post_form", "get"])
def test_a_call_may_come_in_three_shapes(
    shape: str, merchant: Merchant, sandbox: Sandbox
) -> None:
    answer = merchant.read(
        getattr(merchant, shape)(
            merchant.parameters(
                REFUND, {**BUSINESS, "refund_reason": "断网 & 退款=50%+赔偿"}
            )
        )
    )
    assert answer.fields["code"] == "10000"
    assert answer.is_genuine
    assert sandbox.ledger.moved_minor() == 1999


@pytest.mark.parametrize(
    ("changes", "code", "sub_code"),
    [
        ({"app_id": "2021000000000002"}, "40002", "isv.invalid-app-id"),
        ({"app_id": ""}, "40001", "isv.missing-app-id"),
        ({"sign_type": "RSA"}, "40002", "isv.invalid-signature-type"),
        ({"sign_type": ""}, "40001", "isv.missing-signature-type"),
        ({"charset": "gbk"}, "40002", "isv.invalid-charset"),
        ({"format": "XML"}, "40002", "isv.invalid-format"),
        ({"version": ""}, "40001", "isv.missing-version"),
        ({"version": "2.0"}, "40002", "isv.invalid-parameter"),
        ({"timestamp": ""}, "40001", "isv.missing-timestamp"),
        ({"timestamp": "2026-11-20T20:00:00"}, "40002", "isv.invalid-timestamp"),
        ({"timestamp": "2026-11-20 12:00:00"}, "40002", "isv.invalid-timestamp"),
        ({"biz_content": "{"}, "40002", "isv.invalid-parameter"),
        ({"biz_content": "[]"}, "40002", "isv.invalid-parameter"),
    ],
)
def test_a_wrong_parameter_is_refused_with_its_code(
    changes: dict[str, str],
    code: str,
    sub_code: str,
    merchant: Merchant,
    sandbox: Sandbox,
) -> None:
    answer = merchant.read(
        merchant.post(merchant.parameters(REFUND, BUSINESS, **changes))
    )
    assert (answer.fields["code"], answer.sub_code) == (code, sub_code)
    assert answer.name == "alipay_trade_refund_response"
    assert answer.is_genuine
    assert sandbox.ledger.refunds() == []
    assert sandbox.ledger.calls()[0].answered == f"{code} {sub_code}"


@pytest.mark.parametrize(
    ("signature", "sub_code"),
    [
        ("", "isv.missing-signature"),
        ("AAAA", "isv.invalid-signature"),
    ],
)
def test_a_wrong_signature_is_refused(
    signature: str, sub_code: str, merchant: Merchant, sandbox: Sandbox
) -> None:
    parameters = merchant.parameters(REFUND, BUSINESS) | {"sign": signature}
    assert merchant.read(merchant.post(parameters)).sub_code == sub_code
    assert sandbox.ledger.refunds() == []


def test_what_was_changed_after_signing_is_refused(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    parameters = merchant.parameters(REFUND, BUSINESS)
    parameters["biz_content"] = parameters["biz_content"].replace("19.99", "99.99")
    assert merchant.read(merchant.post(parameters)).sub_code == "isv.invalid-signature"
    assert sandbox.ledger.refunds() == []


def test_an_unknown_method_is_answered_under_the_general_name(
    merchant: Merchant,
) -> None:
    answer = merchant.call("alipay.trade.pay", {})
    assert answer.name == "error_response"
    assert answer.sub_code == "isv.invalid-method"
    assert answer.is_genuine


def test_a_parameter_given_twice_is_refused(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    query = httpx.QueryParams(merchant.parameters(REFUND, BUSINESS))
    url = f"{sandbox.url}/gateway.do?{query}&app_id=2021000000000001"
    answer = merchant.read(httpx.get(url, trust_env=False))
    assert answer.sub_code == "isv.invalid-parameter"
    assert sandbox.ledger.refunds() == []


@pytest.mark.parametrize("minutes", [-15, 15])
def test_a_quarter_of_an_hour_of_skew_is_tolerated(
    minutes: int, merchant: Merchant
) -> None:
    sent = datetime.now(UTC) + timedelta(hours=8, minutes=minutes)
    stamp = sent.strftime("%Y-%m-%d %H:%M:%S")
    parameters = merchant.parameters(REFUND, BUSINESS, timestamp=stamp)
    assert merchant.read(merchant.post(parameters)).fields["code"] == "10000"


def test_a_caller_may_follow_the_moved_clock_or_the_machines(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    sandbox.clock.advance(86_400)
    assert merchant.refund("1.00").fields["code"] == "10000"
    stamp = sandbox.clock.now() + timedelta(hours=8)
    parameters = merchant.parameters(
        REFUND, BUSINESS, timestamp=stamp.strftime("%Y-%m-%d %H:%M:%S")
    )
    assert merchant.read(merchant.post(parameters)).sub_code == (
        "ACQ.DISCORDANT_REPEAT_REQUEST"
    )


def test_answers_change_their_spelling_and_stay_genuine(merchant: Merchant) -> None:
    answers = [merchant.refund("1.00") for _ in range(3)]
    plain, long, escaped = (answer.inner for answer in answers)
    assert "Success" in plain
    assert '王}\\"{***' in plain
    assert "接口" in long
    assert r"https:\/\/" in long
    assert r"\u63a5" in escaped
    assert all(answer.is_genuine for answer in answers)
