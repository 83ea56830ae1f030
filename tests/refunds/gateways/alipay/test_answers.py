"""The Alipay adapter over real HTTP: what each answer proves, and what none does."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from refunds.gateways.alipay import Alipay
from refunds.gateways.base import Outcome, Parameters, Reason
from refunds.gateways.sandbox.keys import Keys
from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.answering import (
    QUERY_RESPONSE,
    REFUND_RESPONSE,
    answering,
    envelope,
    found,
)
from tests.refunds.gateways.alipay.merchant import (
    KEY,
    QUERY,
    REFUND,
    TRADE,
    at,
    query,
    submit,
)


def test_a_refund_is_under_way_and_then_found(
    alipay: Alipay, gateway: Sandbox, parameters: Parameters
) -> None:
    sent = submit(alipay, parameters)
    assert (sent.outcome, sent.signature_ok, sent.amount) == (
        Outcome.PROCESSING,
        True,
        None,
    )
    assert query(alipay, parameters).outcome is Outcome.NOT_SEEN
    gateway.clock.advance(11)
    seen = query(alipay, parameters)
    assert seen.outcome is Outcome.SUCCEEDED
    assert (seen.amount, seen.currency) == (19_99, "CNY")
    assert (seen.key, seen.trade_number) == (KEY, TRADE)
    assert gateway.ledger.moved_minor() == 19_99


def test_the_same_key_again_is_under_way_and_moves_nothing(
    alipay: Alipay, gateway: Sandbox, parameters: Parameters
) -> None:
    assert [submit(alipay, parameters).outcome for _again in range(3)] == [
        Outcome.PROCESSING
    ] * 3
    assert gateway.ledger.moved_minor() == 19_99


def test_a_query_changes_nothing(
    alipay: Alipay, gateway: Sandbox, parameters: Parameters
) -> None:
    for _again in range(3):
        assert query(alipay, parameters).outcome is Outcome.NOT_SEEN
    assert gateway.ledger.refunds() == []


@pytest.mark.parametrize("turn", range(3))
def test_every_spelling_of_an_answer_is_verified(
    turn: int, alipay: Alipay, gateway: Sandbox, parameters: Parameters
) -> None:
    """F19: plain; Chinese, braces, quotes, escaped slashes; everything escaped."""
    for _earlier in range(turn):
        query(alipay, parameters)
    assert submit(alipay, parameters).signature_ok
    gateway.clock.advance(11)
    spellings = {query(alipay, parameters).answer for _again in range(3)}
    assert len(spellings) == 3
    assert {query(alipay, parameters).signature_ok for _again in range(3)} == {True}


@pytest.mark.parametrize(
    ("fault", "status", "signature_ok"),
    [
        ("bad_signature", 200, False),
        ("wrong_key_signature", 200, False),
        ("missing_signature", 200, None),
        ("truncated_json", 200, None),
        ("html_error_page", 200, None),
        ("http_502_after", 502, None),
        ("http_500_before", 500, None),
        ("reset_mid_answer", None, None),
        ("timeout_after_commit", None, None),
        ("timeout_before_commit", None, None),
        ("system_error_after", 200, True),
        ("code_20000_after", 200, True),
    ],
)
@pytest.mark.parametrize("method", [REFUND, QUERY])
def test_what_proves_nothing_is_unknown(
    method: str,
    fault: str,
    status: int | None,
    signature_ok: bool | None,  # noqa: FBT001
    alipay: Alipay,
    gateway: Sandbox,
    parameters: Parameters,
) -> None:
    gateway.faults.add(fault, method=method)
    act = submit if method == REFUND else query
    result = act(alipay, parameters)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, None)
    assert (result.http_status, result.signature_ok) == (status, signature_ok)


def test_where_nothing_listens_nothing_was_sent(
    offline: Alipay, parameters: Parameters
) -> None:
    sent = submit(offline, parameters)
    assert (sent.outcome, sent.reason) == (Outcome.REJECTED, Reason.NOT_SENT)
    assert query(offline, parameters).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("fields", "outcome", "amount"),
    [
        ({}, Outcome.SUCCEEDED, 19_99),
        ({"refund_amount": "20.00"}, Outcome.SUCCEEDED, 20_00),
        ({"refund_amount": "19.9"}, Outcome.SUCCEEDED, 19_90),
        ({"refund_amount": "nothing"}, Outcome.SUCCEEDED, None),
        ({"refund_amount": "NaN"}, Outcome.SUCCEEDED, None),
        ({"refund_amount": ""}, Outcome.SUCCEEDED, None),
        ({"refund_status": "REFUND_PROCESSING"}, Outcome.NOT_SEEN, None),
        ({"refund_status": ""}, Outcome.NOT_SEEN, None),
        ({"code": "50000"}, Outcome.UNKNOWN, None),
        ({"refund_amount": "19.999"}, Outcome.SUCCEEDED, None),
        ({"refund_amount": "Infinity"}, Outcome.SUCCEEDED, None),
    ],
)
def test_what_a_signed_query_proves(
    fields: dict[str, str],
    outcome: Outcome,
    amount: int | None,
    offline: Alipay,
    keys: Keys,
    parameters: Parameters,
) -> None:
    body = envelope(QUERY_RESPONSE, found(**fields), keys.gateway_private)
    with answering(body) as url:
        result = query(at(offline, url), parameters)
    assert (result.outcome, result.amount) == (outcome, amount)


def test_a_genuine_answer_to_something_else_is_no_answer(
    offline: Alipay, keys: Keys, parameters: Parameters
) -> None:
    """A recorded answer of one method, played back to another."""
    body = envelope(REFUND_RESPONSE, found(), keys.gateway_private)
    with answering(body) as url:
        assert query(at(offline, url), parameters).outcome is Outcome.UNKNOWN


def test_only_the_signed_object_is_read(
    offline: Alipay, keys: Keys, parameters: Parameters
) -> None:
    """The name twice: a signed refusal, and success that nobody signed."""
    refused = json.dumps({"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"})
    signed = envelope(QUERY_RESPONSE, refused, keys.gateway_private).decode()
    for forged in (
        f'{{"{QUERY_RESPONSE}":{found()},{signed[1:]}',
        f'{signed[:-1]},"{QUERY_RESPONSE}":{found()}}}',
    ):
        with answering(forged.encode()) as url:
            result = query(at(offline, url), parameters)
        assert result.outcome is Outcome.UNKNOWN


def test_a_key_of_somebody_else_is_never_believed(
    offline: Alipay, parameters: Parameters
) -> None:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    for name in (QUERY_RESPONSE, "error_response"):
        with answering(envelope(name, found(), key)) as url:
            result = query(at(offline, url), parameters)
        assert (result.outcome, result.signature_ok) == (Outcome.UNKNOWN, False)


@pytest.mark.parametrize("status", [201, 204, 302, 403, 429, 503])
def test_another_status_than_200_is_unknown_whatever_it_says(
    status: int, offline: Alipay, keys: Keys, parameters: Parameters
) -> None:
    body = envelope(REFUND_RESPONSE, '{"code":"40004"}', keys.gateway_private)
    with answering(b"" if status == 204 else body, status=status) as url:
        result = submit(at(offline, url), parameters)
    assert (result.outcome, result.http_status) == (Outcome.UNKNOWN, status)


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({"dback_status": "P"}, Outcome.SUCCEEDED),
        ({"dback_status": "S"}, Outcome.SUCCEEDED),
        ({"has_deposit_back": "false"}, Outcome.SUCCEEDED),
        ({"dback_status": "F", "dback_amount": "19.99"}, Outcome.REJECTED),
    ],
)
def test_what_the_bank_did_not_take_needs_a_person(
    told: dict[str, str],
    outcome: Outcome,
    offline: Alipay,
    keys: Keys,
    parameters: Parameters,
) -> None:
    inner = json.dumps(json.loads(found()) | {"deposit_back_info": told})
    body = envelope(QUERY_RESPONSE, inner, keys.gateway_private)
    with answering(body) as url:
        result = query(at(offline, url), parameters)
    failed = outcome is Outcome.REJECTED
    assert result.outcome is outcome
    assert result.reason is (Reason.NEEDS_PERSON if failed else None)
    assert result.code == ("dback_F" if failed else "10000")
