"""The sandbox's Stripe as its documentation has it: keys, sums, lists, states."""

import json
from typing import Any

import pytest

from refunds.gateways.sandbox.server import Sandbox
from refunds.gateways.sandbox.stripe.credentials import FILE, ensure_credentials
from refunds.gateways.sandbox.stripe.route import CREATE, Stripe
from tests.refunds.gateways.sandbox.stripe.caller import INTENT, Caller, refusal

DAY = 24 * 3600


def turn(sandbox: Sandbox, outcome: str, *, key: str = "K1") -> None:
    (route,) = (route for route in sandbox.routes if isinstance(route, Stripe))
    with sandbox.ledger.transaction() as books:
        refund = books.refund("stripe", key=key)
        assert refund is not None
        books.change(route.turn(refund, outcome, books=books))


def listed(caller: Caller, **params: Any) -> list[dict[str, Any]]:
    found = caller.get("/v1/refunds", payment_intent=INTENT, **params).json()
    rows: list[dict[str, Any]] = found["data"]
    return rows


def test_the_same_key_brings_the_same_answer_and_moves_once(
    sandbox: Sandbox, caller: Caller
) -> None:
    first, again = caller.refund(), caller.refund()
    assert (first.status_code, first.content) == (200, again.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert sandbox.ledger.moved_minor() == 19_99


def test_the_same_key_with_another_sum_is_refused(
    sandbox: Sandbox, caller: Caller
) -> None:
    caller.refund()
    assert refusal(caller.refund(20_00)) == (400, "idempotency_error", "")
    assert sandbox.ledger.moved_minor() == 19_99


def test_a_key_is_forgotten_after_a_day(sandbox: Sandbox, caller: Caller) -> None:
    caller.refund()
    sandbox.clock.advance(DAY - 60)
    caller.refund()
    assert sandbox.ledger.moved_minor() == 19_99
    sandbox.clock.advance(60)
    caller.refund()
    assert sandbox.ledger.moved_minor() == 2 * 19_99
    assert [row["metadata"]["key"] for row in listed(caller)] == ["K1", "K1"]


def test_while_a_call_is_answered_its_key_is_in_use(
    sandbox: Sandbox, caller: Caller
) -> None:
    sandbox.faults.add("slow:0.5", method=CREATE)
    caller._http.timeout = 0.2
    with pytest.raises(Exception, match="timed out"):
        caller.refund()
    caller._http.timeout = 5
    assert refusal(caller.refund()) == (409, "idempotency_key_in_use", "")
    assert sandbox.ledger.moved_minor() == 19_99


@pytest.mark.parametrize(
    ("fault", "moved"), [("stored_500_before", 0), ("stored_500_after", 19_99)]
)
def test_a_500_is_kept_under_its_key(
    fault: str, moved: int, sandbox: Sandbox, caller: Caller
) -> None:
    sandbox.faults.add(fault, method=CREATE)
    first, again = caller.refund(), caller.refund()
    assert (first.status_code, again.status_code) == (500, 500)
    assert sandbox.ledger.moved_minor() == moved
    assert len(listed(caller)) == bool(moved)


def test_what_is_found_wrong_before_the_work_is_not_kept(caller: Caller) -> None:
    assert caller.refund("x").status_code == 400
    assert caller.refund().status_code == 200
    assert caller.refund(200_00, key="K2").status_code == 400
    assert refusal(caller.refund(1, key="K2"))[1] == "idempotency_error"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"amount": "19.99"}, (400, "parameter_invalid_integer", "amount")),
        ({"amount": 0}, (400, "parameter_invalid_integer", "amount")),
        ({"amount": -1}, (400, "parameter_invalid_integer", "amount")),
        ({"amount": "١"}, (400, "parameter_invalid_integer", "amount")),
        ({"amount": 100_01}, (400, "invalid_request_error", "amount")),
        ({"payment_intent": "pi_2"}, (404, "resource_missing", "payment_intent")),
        ({"payment_intent": None}, (400, "parameter_missing", "charge")),
        ({"charge": "ch_1"}, (400, "parameter_missing", "charge")),
        (
            {"payment_intent": None, "charge": "pi_1"},
            (404, "resource_missing", "charge"),
        ),
        ({"reason": "because"}, (400, "invalid_request_error", "reason")),
        ({"refund": "all"}, (400, "parameter_unknown", "refund")),
        ({"metadata[a]": "x" * 501}, (400, "invalid_request_error", "metadata")),
    ],
)
def test_what_cannot_be_meant_is_refused(
    changes: dict[str, Any],
    expected: tuple[int, str, str],
    sandbox: Sandbox,
    caller: Caller,
) -> None:
    form = {"payment_intent": INTENT, "amount": 19_99} | changes
    assert refusal(caller.post("/v1/refunds", form, key="K1")) == expected
    assert sandbox.ledger.moved_minor() == 0


def test_no_more_goes_back_than_came(sandbox: Sandbox, caller: Caller) -> None:
    assert caller.refund(60_00).status_code == 200
    assert refusal(caller.refund(40_01, key="K2"))[0] == 400
    form = {"charge": "ch_1"}  # All that is left, by the charge's own number.
    assert caller.post("/v1/refunds", form, key="K3").json()["amount"] == 40_00
    assert refusal(caller.refund(1, key="K4"))[1] == "charge_already_refunded"
    assert sandbox.ledger.moved_minor() == 100_00
    sandbox.clock.advance(60)
    turn(sandbox, "failed:declined")
    assert caller.refund(60_00, key="K5").status_code == 200


def test_a_list_comes_newest_first_page_by_page(caller: Caller) -> None:
    for number in range(5):
        caller.refund(number + 1, key=f"K{number}")
    first = caller.get("/v1/refunds", payment_intent=INTENT, limit=3).json()
    assert ([row["amount"] for row in first["data"]], first["has_more"]) == (
        [5, 4, 3],
        True,
    )
    after = first["data"][-1]["id"]
    rest = caller.get("/v1/refunds", limit=3, starting_after=after).json()
    assert ([row["amount"] for row in rest["data"]], rest["has_more"]) == (
        [2, 1],
        False,
    )
    assert refusal(caller.get("/v1/refunds", starting_after="re_x"))[0] == 400
    assert refusal(caller.get("/v1/refunds", limit=101))[0] == 400
    assert refusal(caller.get("/v1/refunds", payment_intent="pi_2"))[0] == 404


def test_a_refund_is_pending_and_then_it_succeeded(
    sandbox: Sandbox, caller: Caller
) -> None:
    made = caller.refund().json()
    assert (made["status"], made["pending_reason"]) == ("pending", "processing")
    sandbox.clock.advance(5)
    found = caller.get(f"/v1/refunds/{made['id']}").json()
    assert found["status"] == "succeeded"
    assert "pending_reason" not in found
    assert found["destination_details"]["card"]["reference_status"] == "pending"
    sandbox.clock.advance(DAY)
    card = listed(caller)[0]["destination_details"]["card"]
    assert len(card["reference"]) == 23


def test_only_what_needs_the_payer_can_be_canceled(
    sandbox: Sandbox, caller: Caller
) -> None:
    path = f"/v1/refunds/{caller.refund().json()['id']}/cancel"
    assert caller.post(path, {}).status_code == 400
    turn(sandbox, "requires_action")
    assert sandbox.ledger.moved_minor() == 0
    assert caller.post(path, {}).json()["status"] == "canceled"


def test_money_that_fails_to_arrive_comes_back_to_us(
    sandbox: Sandbox, caller: Caller
) -> None:
    with sandbox.ledger.transaction() as books:
        books.set_funds("stripe", 19_99)
    made = caller.refund().json()
    sandbox.clock.advance(60)
    turn(sandbox, "failed:declined")
    with sandbox.ledger.transaction() as books:
        assert books.funds("stripe") == 19_99
    failed = listed(caller)[0]
    assert (failed["status"], failed["failure_reason"]) == ("failed", "declined")
    assert failed["balance_transaction"] == made["balance_transaction"]
    rows = caller.get("/v1/balance_transactions").json()["data"]
    assert sorted((row["type"], row["amount"]) for row in rows) == [
        ("refund", -19_99),
        ("refund_failure", 19_99),
    ]
    for outcome in ("succeeded", "failed"):
        with pytest.raises(ValueError, match="final"):
            turn(sandbox, outcome)


@pytest.mark.parametrize("outcome", ["", "S", "lost", "succeeded:x"])
def test_another_turn_is_refused_in_words(
    outcome: str, sandbox: Sandbox, caller: Caller
) -> None:
    caller.refund()
    with pytest.raises(ValueError, match="failed:REASON"):
        turn(sandbox, outcome)


@pytest.mark.parametrize("key", ["", "sk_live_1", "sk_test_1", "pk_test_1"])
def test_only_its_own_test_key_is_taken(
    key: str, sandbox: Sandbox, caller: Caller
) -> None:
    caller.key = key
    assert caller.refund().status_code == 401
    assert caller.get("/v1/refunds").status_code == 401
    assert sandbox.ledger.moved_minor() == 0


def test_it_does_not_start_with_a_live_key(sandbox: Sandbox) -> None:
    path = sandbox.state_dir / FILE
    assert path.stat().st_mode & 0o077 == 0
    kept = json.loads(path.read_text())
    path.write_text(json.dumps(kept | {"secret_key": "sk_live_1"}))
    with pytest.raises(ValueError, match="live"):
        ensure_credentials(sandbox.state_dir)


def test_other_paths_are_unknown(caller: Caller) -> None:
    assert caller.get("/v1/charges").status_code == 404
    assert caller.get("/v1/refunds/re_1").status_code == 404
