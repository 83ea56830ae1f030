"""The WeChat Pay adapter over real HTTP: what an answer proves, and what none does."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from refunds.gateways.base import (
    Instruction,
    OnlineGateway,
    Outcome,
    Parameters,
    Payee,
    Reason,
    Redirects,
)
from refunds.gateways.wechat_pay import WeChatPay
from tests.refunds.gateways.wechat_pay.platform import (
    AT,
    FOUND,
    KEY,
    TRADE,
    Said,
    access_to,
)

INSTRUCTION = Instruction(
    key=KEY,
    trade_number=TRADE,
    amount=19_99,
    currency="CNY",
    reason="RF-2026-000001",
    paid=12_000_00,
)
PAYEE = Payee("王小明", "6222 0202 0011 2230", "ICBC", "102100099996")


@pytest.fixture
def parameters(wechat: WeChatPay) -> Parameters:
    return wechat.parameters(INSTRUCTION)


def error(code: str) -> dict[str, str]:
    return {"code": code, "message": "未受理"}


def test_it_is_a_route_with_an_api_that_can_send_elsewhere(wechat: WeChatPay) -> None:
    assert isinstance(wechat, OnlineGateway)
    assert isinstance(wechat, Redirects)


def test_what_is_sent_is_named_as_they_name_it(parameters: Parameters) -> None:
    assert parameters == {
        "transaction_id": TRADE,
        "out_refund_no": KEY,
        "reason": "RF-2026-000001",
        "amount": {"refund": 19_99, "total": 12_000_00, "currency": "CNY"},
    }


def test_a_reason_is_cut_at_eighty_letters_and_left_out_if_empty(
    wechat: WeChatPay,
) -> None:
    long = wechat.parameters(replace(INSTRUCTION, reason="退" * 81))
    assert long["reason"] == "退" * 80
    assert "reason" not in wechat.parameters(replace(INSTRUCTION, reason=""))


@pytest.mark.parametrize(
    ("change", "days", "expected"),
    [
        ({}, 365, []),
        ({}, 365.001, [Reason.ROUTE_CLOSED]),
        ({"currency": "USD"}, 1, [Reason.DATA]),
        ({"payee": PAYEE}, 400, []),
        ({"payee": replace(PAYEE, bank_code="COBADEFF")}, 1, [Reason.NEEDS_PERSON]),
    ],
)
def test_what_is_impossible_is_known_without_a_network(
    change: dict[str, Any], days: float, expected: list[Reason], wechat: WeChatPay
) -> None:
    paid_at = AT - timedelta(days=days)
    instruction = replace(INSTRUCTION, **change)
    assert wechat.check(instruction, paid_at=paid_at, now=AT) == expected


@pytest.mark.parametrize("status", ["SUCCESS", "PROCESSING", "CLOSED", "ABNORMAL"])
def test_accepted_is_under_way_whatever_status_it_names(
    status: str, wechat: WeChatPay, said: Said, parameters: Parameters
) -> None:
    said.says(200, FOUND | {"status": status})
    result = wechat.submit(parameters, now=AT)
    assert (result.outcome, result.signature_ok) == (Outcome.PROCESSING, True)
    assert result.provider_number == FOUND["refund_id"]
    assert said.asked == ["POST /v3/refund/domestic/refunds"]


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        ("SUCCESS", Outcome.SUCCEEDED, None),
        ("PROCESSING", Outcome.PROCESSING, None),
        ("CLOSED", Outcome.FAILED, None),
        ("ABNORMAL", Outcome.REJECTED, Reason.NEEDS_PERSON),
        ("LATER_INVENTED", Outcome.UNKNOWN, None),
        (None, Outcome.UNKNOWN, None),
    ],
)
def test_a_query_tells_how_it_stands(
    status: str | None,
    outcome: Outcome,
    reason: Reason | None,
    wechat: WeChatPay,
    said: Said,
    parameters: Parameters,
) -> None:
    said.says(200, FOUND | {"status": status})
    result = wechat.query(parameters, now=AT)
    assert (result.outcome, result.reason) == (outcome, reason)
    assert (result.amount, result.currency) == (19_99, "CNY")
    assert (result.key, result.trade_number) == (KEY, TRADE)
    assert said.asked == [f"GET /v3/refund/domestic/refunds/{KEY}"]


@pytest.mark.parametrize("status", ["CLOSED", "ABNORMAL", "PROCESSING"])
def test_what_is_said_of_another_refund_proves_nothing_of_ours(
    status: str, wechat: WeChatPay, said: Said, parameters: Parameters
) -> None:
    """A genuine answer, sent a second time by somebody in between."""
    said.says(200, FOUND | {"status": status, "out_refund_no": "RF2026000002L1A1"})
    assert wechat.query(parameters, now=AT).outcome is Outcome.UNKNOWN
    assert wechat.submit(parameters, now=AT).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("amount", [None, [], {"refund": 19.99}, {"refund": True}, {}])
def test_an_amount_that_is_no_whole_number_is_none(
    amount: object, wechat: WeChatPay, said: Said, parameters: Parameters
) -> None:
    said.says(200, FOUND | {"amount": amount})
    assert wechat.query(parameters, now=AT).amount is None


@pytest.mark.parametrize(
    ("http", "code", "outcome", "reason"),
    [
        (202, "ACCEPTED", Outcome.UNKNOWN, None),
        (302, "", Outcome.UNKNOWN, None),
        (400, "PARAM_ERROR", Outcome.REJECTED, Reason.DATA),
        (400, "INVALID_REQUEST", Outcome.REJECTED, Reason.ALREADY_DONE),
        (401, "SIGN_ERROR", Outcome.REJECTED, Reason.CONFIG),
        (403, "NOT_ENOUGH", Outcome.REJECTED, Reason.BALANCE),
        (403, "USER_ACCOUNT_ABNORMAL", Outcome.REJECTED, Reason.ROUTE_CLOSED),
        (403, "NO_AUTH", Outcome.REJECTED, Reason.NEEDS_PERSON),
        (403, "REQUEST_BLOCKED", Outcome.REJECTED, Reason.NEEDS_PERSON),
        (404, "MCH_NOT_EXISTS", Outcome.REJECTED, Reason.CONFIG),
        (404, "RESOURCE_NOT_EXISTS", Outcome.REJECTED, Reason.DATA),
        (403, "FREQUENCY_LIMITED", Outcome.UNKNOWN, None),
        (408, "", Outcome.UNKNOWN, None),
        (429, "FREQUENCY_LIMITED", Outcome.UNKNOWN, None),
        (429, "RATELIMIT_EXCEEDED", Outcome.UNKNOWN, None),
        (429, "USER_ACCOUNT_ABNORMAL", Outcome.UNKNOWN, None),
        (500, "SYSTEM_ERROR", Outcome.UNKNOWN, None),
        (500, "USER_ACCOUNT_ABNORMAL", Outcome.UNKNOWN, None),
        (503, "SERVICE_UNAVAILABLE", Outcome.UNKNOWN, None),
        (400, "NEVER_HEARD_OF", Outcome.REJECTED, Reason.UNLISTED),
        (404, "", Outcome.REJECTED, Reason.UNLISTED),
    ],
)
@pytest.mark.parametrize("signed", [True, False])
def test_what_a_refusal_of_a_refund_means(
    http: int,
    code: str,
    outcome: Outcome,
    reason: Reason | None,
    signed: bool,  # noqa: FBT001
    wechat: WeChatPay,
    said: Said,
    parameters: Parameters,
) -> None:
    """Of a query it says nothing, but that there is no such refund."""
    said.says(http, error(code), signed=signed)
    result = wechat.submit(parameters, now=AT)
    assert (result.outcome, result.reason) == (outcome, reason)
    assert (len(said.asked), result.http_status) == (1, http)
    asked = wechat.query(parameters, now=AT)
    missing = code == "RESOURCE_NOT_EXISTS"
    assert asked.outcome is (Outcome.NOT_SEEN if missing else Outcome.UNKNOWN)
    assert asked.reason in (None, Reason.CONFIG)


@pytest.mark.parametrize("http", [200, 202, 403])
def test_a_signature_that_is_there_has_to_be_right_and_on_success_there_has_to_be_one(
    http: int, wechat: WeChatPay, said: Said, parameters: Parameters
) -> None:
    said.says(http, FOUND | error("USER_ACCOUNT_ABNORMAL"), at=AT - timedelta(hours=1))
    for ask in (wechat.submit, wechat.query):
        result = ask(parameters, now=AT)
        assert (result.outcome, result.signature_ok) == (Outcome.UNKNOWN, False)
    said.headers = {}
    if http < 300:
        result = wechat.query(parameters, now=AT)
        assert (result.outcome, result.signature_ok) == (Outcome.UNKNOWN, False)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{", b"<html>", b"\xff{}", b"1"]
)
def test_a_success_that_is_no_object_proves_nothing(
    body: bytes, wechat: WeChatPay, said: Said, parameters: Parameters
) -> None:
    said.says(200, {})
    said.body = body
    for ask in (wechat.submit, wechat.query):
        assert ask(parameters, now=AT).outcome is Outcome.UNKNOWN


def test_a_redirect_is_not_followed(
    wechat: WeChatPay, said: Said, parameters: Parameters
) -> None:
    said.says(307, {}, signed=False)
    said.headers = {"Location": "/elsewhere"}
    assert wechat.submit(parameters, now=AT).outcome is Outcome.UNKNOWN
    assert len(said.asked) == 1


def test_where_nothing_listens_nothing_was_sent(parameters: Parameters) -> None:
    alone = WeChatPay(access_to("http://127.0.0.1:9"))
    sent = alone.submit(parameters, now=AT)
    assert (sent.outcome, sent.reason) == (Outcome.REJECTED, Reason.NOT_SENT)
    assert alone.query(parameters, now=AT).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "secrets",
    [
        {"private_key": ""},
        {"private_key": "rubbish"},
        {"platform_key": ""},
        {"platform_key": "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----"},
    ],
)
def test_without_its_keys_nothing_is_sent_and_the_configuration_is_named(
    secrets: dict[str, str], said: Said, wechat: WeChatPay, parameters: Parameters
) -> None:
    lame = WeChatPay(access_to(wechat._access.address, **secrets))
    result = lame.submit(parameters, now=AT)
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.CONFIG)
    assert next(iter(secrets)) in result.message
    assert lame.probe(now=AT).reason is Reason.CONFIG
    assert said.asked == []


def test_the_self_check_asks_for_a_refund_that_is_not_there(
    wechat: WeChatPay, said: Said
) -> None:
    said.says(404, error("RESOURCE_NOT_EXISTS"))
    found = wechat.probe(now=AT)
    assert (found.outcome, found.signature_ok) == (Outcome.NOT_SEEN, True)
    said.says(401, error("SIGN_ERROR"), signed=False)
    assert wechat.probe(now=AT).reason is Reason.CONFIG
    short = WeChatPay(access_to(wechat._access.address, api_v3_key="short"))
    assert "api_v3_key" in short.probe(now=AT).message


def test_every_spelling_of_a_success_is_verified(
    wechat: WeChatPay, said: Said, parameters: Parameters
) -> None:
    """F19."""
    said.says(200, FOUND | {"user_received_account": '招商银行}"{\\/信用卡0403'})
    plain = json.loads(said.body)
    assert plain["user_received_account"] == '招商银行}"{\\/信用卡0403'
    assert wechat.query(parameters, now=AT).signature_ok is True
