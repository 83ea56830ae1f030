"""What Stripe's answers prove: every refusal, every status, and what is no answer."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from refunds.gateways.base import Access, Instruction, Outcome, Reason, Result
from refunds.gateways.stripe import Stripe
from tests.refunds.gateways.stripe.replies import (
    KEY,
    PAYMENT,
    SECRET_KEY,
    replying,
    stripe_at,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PARAMETERS = {
    "payment_intent": PAYMENT,
    "amount": 19_99,
    "reason": "requested_by_customer",
    "metadata": {"key": KEY, "request": "RF-2026-000001"},
}


def a_refund(**fields: Any) -> dict[str, Any]:
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 19_99,
        "charge": "ch_1",
        "currency": "usd",
        "metadata": {"key": KEY},
        "payment_intent": PAYMENT,
        "status": "succeeded",
        **fields,
    }


def a_list(*rows: Any, more: bool = False) -> bytes:
    content = {"object": "list", "url": "/v1/refunds", "data": rows, "has_more": more}
    return json.dumps(content).encode()


def submitted(body: bytes, *, status: int = 200, **headers: str) -> Result:
    with replying(body, status=status, headers=headers) as server:
        result = stripe_at(server.url).submit(PARAMETERS, now=NOW)
    assert len(server.heard) == 1  # No retry of the SDK's own.
    return result


def queried(*pages: bytes, status: int = 200, asked: Any = PARAMETERS) -> Result:
    with replying(*pages, status=status) as server:
        return stripe_at(server.url).query(asked, now=NOW)


def refusal(code: str = "", **fields: str) -> bytes:
    said = {"type": "invalid_request_error", "message": "Words.", **fields}
    return json.dumps({"error": said | ({"code": code} if code else {})}).encode()


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (400, "charge_already_refunded", Reason.ALREADY_DONE),
        (400, "charge_disputed", Reason.NEEDS_PERSON),
        (400, "refund_disputed_payment", Reason.NEEDS_PERSON),
        (400, "payment_intent_unexpected_state", Reason.NEEDS_PERSON),
        (404, "resource_missing", Reason.DATA),
        (400, "parameter_invalid_integer", Reason.DATA),
        (400, "balance_insufficient", Reason.BALANCE),
        (402, "balance_insufficient", Reason.BALANCE),
        (429, "rate_limit", Reason.RATE),
        (429, "", Reason.RATE),
        (400, "rate_limit", Reason.RATE),
        (401, "", Reason.CONFIG),
        (401, "api_key_expired", Reason.CONFIG),
        (403, "more_permissions_required", Reason.CONFIG),
        (400, "something_never_heard_of", Reason.UNLISTED),
        (402, "card_declined", Reason.UNLISTED),
    ],
)
def test_every_refusal_has_its_way_on(status: int, code: str, reason: Reason) -> None:
    result = submitted(refusal(code), status=status)
    assert (result.outcome, result.reason) == (Outcome.REJECTED, reason)
    assert (result.code, result.http_status) == (
        code or "invalid_request_error",
        status,
    )
    assert (result.message, result.answer) == ("Words.", refusal(code).decode())


def test_more_than_is_left_is_told_in_words_alone() -> None:
    result = submitted(refusal(param="amount"), status=400)
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.DATA)
    assert submitted(refusal(param="x"), status=400).reason is Reason.UNLISTED


def test_the_same_key_with_other_parameters_needs_a_person() -> None:
    result = submitted(refusal(type="idempotency_error"), status=400)
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.NEEDS_PERSON)
    assert result.code == "idempotency_error"


@pytest.mark.parametrize("status", [409, 500, 502, 503])
def test_a_conflict_and_a_fault_of_theirs_prove_nothing(status: int) -> None:
    for body in (refusal("x"), b"<html>", b""):
        result = submitted(body, status=status)
        assert (result.outcome, result.reason) == (Outcome.UNKNOWN, None)


def test_a_fault_that_is_kept_under_the_key_needs_a_person() -> None:
    replayed = {"Idempotent-Replayed": "true"}
    result = submitted(refusal(type="api_error"), status=500, **replayed)
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.NEEDS_PERSON)
    assert result.code == "stored_500"


@pytest.mark.parametrize("status", [200, 302, 400, 404, 500])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b"7",
        b'"refund"',
        b"{}",
        b'{"error":"x"}',
        b'{"object":"refund","status":"succeeded"}',
        b'{"object":"refund","status":"failed","metadata":[]}',
        b'{"object":7,"metadata":{"key":"another"},"status":"failed"}',
        b"\xff\xfe",
        b'{"id":"re_1","object":"refund","amount":1999,"status":"succ',
        b"[" * 5000,
    ],
)
def test_what_is_no_answer_proves_nothing(body: bytes, status: int) -> None:
    sent = submitted(body, status=status, Location="http://127.0.0.1:9/")
    assert (sent.outcome, sent.reason) == (Outcome.UNKNOWN, None)
    found = queried(body, status=status)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, None)


@pytest.mark.parametrize(
    ("fields", "outcome", "reason", "code"),
    [
        ({"status": "succeeded"}, Outcome.SUCCEEDED, None, "succeeded"),
        ({"status": "pending"}, Outcome.PROCESSING, None, "pending"),
        (
            {"status": "pending", "pending_reason": "insufficient_funds"},
            Outcome.PROCESSING,
            None,
            "insufficient_funds",
        ),
        (
            {"status": "requires_action"},
            Outcome.REJECTED,
            Reason.NEEDS_PERSON,
            "requires_action",
        ),
        ({"status": "canceled"}, Outcome.FAILED, None, "canceled"),
        (
            {"status": "failed", "failure_reason": "unknown"},
            Outcome.FAILED,
            None,
            "unknown",
        ),
        *(
            (
                {"status": "failed", "failure_reason": why},
                Outcome.FAILED,
                Reason.ROUTE_CLOSED,
                why,
            )
            for why in (
                "lost_or_stolen_card",
                "expired_or_canceled_card",
                "declined",
            )
        ),
        ({"status": "never_heard_of"}, Outcome.UNKNOWN, None, "never_heard_of"),
    ],
)
def test_every_status_has_its_meaning(
    fields: dict[str, Any], outcome: Outcome, reason: Reason | None, code: str
) -> None:
    found = queried(a_list(a_refund(**fields)))
    assert (found.outcome, found.reason, found.code) == (outcome, reason, code)
    sent = submitted(json.dumps(a_refund(**fields)).encode())
    at_best = Outcome.PROCESSING if outcome is Outcome.SUCCEEDED else outcome
    assert (sent.outcome, sent.reason, sent.code) == (at_best, reason, code)


def test_a_refund_is_told_with_what_we_compare() -> None:
    found = queried(a_list(a_refund(currency="jpy", amount=5000)))
    assert (found.amount, found.currency, found.key) == (5000, "JPY", KEY)
    assert (found.trade_number, found.provider_number) == (PAYMENT, "re_1")
    by_charge = {name: PARAMETERS[name] for name in ("amount", "metadata")}
    found = queried(a_list(a_refund()), asked=by_charge | {"charge": "ch_1"})
    assert found.trade_number == "ch_1"


@pytest.mark.parametrize("amount", [19.99, "1999", None, True])
def test_an_amount_that_is_no_whole_number_is_none(amount: Any) -> None:
    assert queried(a_list(a_refund(amount=amount))).amount is None


def test_the_reference_of_the_payers_bank_is_told_once_there_is_one() -> None:
    card = {"type": "refund", "reference": "24000000000000000000001"}
    details = {"type": "card", "card": card}
    found = queried(a_list(a_refund(destination_details=details)))
    assert found.provider_number == "24000000000000000000001"


def test_it_is_found_by_metadata_alone_on_whatever_page() -> None:
    """Never by amount, and not by a key that merely begins like ours."""
    others = [
        a_refund(id=f"re_{n}", metadata=metadata)
        for n, metadata in enumerate(
            ({}, {"key": KEY + "0"}, {"key": KEY[:-1]}, {"request": KEY}, None)
        )
    ]
    assert queried(a_list(*others)).outcome is Outcome.NOT_SEEN
    assert queried(a_list()).outcome is Outcome.NOT_SEEN
    with replying(a_list(*others, more=True), a_list(a_refund(id="re_9"))) as server:
        found = stripe_at(server.url).query(PARAMETERS, now=NOW)
    assert (found.outcome, found.provider_number) == (Outcome.SUCCEEDED, "re_9")
    assert "starting_after=re_4" in server.heard[1].path


def test_half_a_list_does_not_prove_that_it_is_not_there() -> None:
    first = a_list(a_refund(metadata={}), more=True)
    for rest in (b"<html>", b"{}", a_list(more=True), a_list("re_2")):
        assert queried(first, rest).outcome is Outcome.UNKNOWN
    assert queried(first).outcome is Outcome.UNKNOWN  # And again, without an end.


def test_two_that_live_need_a_person_but_what_failed_before_does_not_count() -> None:
    """A key is forgotten after a day: the same one may have moved money twice."""
    failed = a_refund(id="re_0", status="failed")
    twice = queried(a_list(a_refund(), a_refund(id="re_2")))
    assert (twice.outcome, twice.reason) == (Outcome.REJECTED, Reason.NEEDS_PERSON)
    assert (twice.code, twice.message) == ("several_refunds", "re_1, re_2")
    found = queried(a_list(a_refund(), failed))
    assert (found.outcome, found.provider_number) == (Outcome.SUCCEEDED, "re_1")
    assert queried(a_list(failed)).outcome is Outcome.FAILED


@pytest.mark.parametrize("status", [400, 401, 404, 429])
def test_a_query_that_is_refused_says_nothing_of_the_refund(status: int) -> None:
    assert queried(refusal("x"), status=status).outcome is Outcome.UNKNOWN


def test_an_answer_about_another_refund_proves_nothing() -> None:
    other = a_refund(metadata={"key": "RF2026000002L1A1"}, status="failed")
    assert submitted(json.dumps(other).encode()).outcome is Outcome.UNKNOWN


def test_a_refused_connection_proves_that_nothing_was_sent() -> None:
    stripe = stripe_at("http://127.0.0.1:9")
    sent, found = (ask(PARAMETERS, now=NOW) for ask in (stripe.submit, stripe.query))
    assert (sent.outcome, sent.reason) == (Outcome.REJECTED, Reason.NOT_SENT)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.NOT_SENT)
    assert stripe.probe(now=NOW).reason is Reason.NOT_SENT


@pytest.mark.parametrize("key", ["", "pk_test_1", "sk_live_1", "rk_live_1", "密钥"])
def test_a_key_that_cannot_be_meant_sends_nothing(key: str) -> None:
    """A live key above all: it never goes to a sandbox."""
    with replying(b"{}") as server:
        stripe = stripe_at(server.url, secret_key=key)
        for result in (stripe.submit(PARAMETERS, now=NOW), stripe.probe(now=NOW)):
            assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.CONFIG)
            assert not key or key not in result.message
        assert stripe.query(PARAMETERS, now=NOW).outcome is Outcome.UNKNOWN
    assert server.heard == []


def test_the_self_check_asks_for_one_refund_of_any_payment() -> None:
    with replying(a_list()) as server:
        assert stripe_at(server.url).probe(now=NOW).outcome is Outcome.NOT_SEEN
    assert server.heard[0].path == "/v1/refunds?limit=1"
    for nonsense in (b"{}", b"<html>", b"[]"):
        with replying(nonsense) as server:
            assert stripe_at(server.url).probe(now=NOW).outcome is Outcome.UNKNOWN
    with replying(refusal("api_key_expired"), status=401) as server:
        assert stripe_at(server.url).probe(now=NOW).reason is Reason.CONFIG


@pytest.mark.parametrize(
    ("trade_number", "currency", "amount", "reasons"),
    [
        ("pi_1", "USD", 1, []),
        ("ch_1", "CNY", 1, []),
        ("py_1", "HKD", 1, []),
        ("pi_1", "JPY", 5001, []),
        ("pi_1", "KWD", 5_120, []),
        ("pi_1", "KWD", 5_124, [Reason.DATA]),
        ("pi_1", "ISK", 500, [Reason.DATA]),
        ("pi_1", "UGX", 500, [Reason.DATA]),
        ("pi_1", "MGA", 500, [Reason.DATA]),
        ("2026102722001400001", "USD", 1, [Reason.DATA]),
    ],
)
def test_what_cannot_be_sent_is_found_without_a_network(
    trade_number: str, currency: str, amount: int, reasons: list[Reason]
) -> None:
    instruction = Instruction(KEY, trade_number, amount, currency, "RF-1", 100_00)
    stripe = Stripe(Access("acct_1", "", {}, {"secret_key": SECRET_KEY}, 1.0))
    assert stripe.check(instruction, paid_at=NOW, now=NOW) == reasons


def test_the_payment_is_named_as_its_number_begins() -> None:
    stripe = stripe_at("")
    for number, named in (("pi_1", "payment_intent"), ("ch_1", "charge")):
        instruction = Instruction(KEY, number, 19_99, "USD", "RF-1", 100_00)
        found = stripe.parameters(instruction)
        assert (found[named], found["amount"]) == (number, 19_99)
        assert found["metadata"] == {"key": KEY, "request": "RF-1"}
        assert found["reason"] == "requested_by_customer"
        assert len(found) == 4
