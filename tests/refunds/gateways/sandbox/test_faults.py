"""Each fault: what the caller sees, and that the ledger moved, or didn't."""

import time

import httpx
import pytest

from refunds.gateways.sandbox.faults import UnknownFault, parse_fault
from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.gateways.sandbox.merchant import QUERY, REFUND, TRADE, Merchant

HOLD = 0.2


def post_refund(merchant: Merchant, key: str = "RF1A1") -> httpx.Response:
    business = {"trade_no": TRADE, "refund_amount": "19.99", "out_request_no": key}
    return merchant.post(merchant.parameters(REFUND, business))


def settle_by_query_and_same_key(merchant: Merchant, sandbox: Sandbox) -> bool:
    """What a caller does about an unknown outcome: whether the query knew it."""
    sandbox.clock.advance(10)
    found = merchant.query().fields.get("refund_status") == "REFUND_SUCCESS"
    repeat = merchant.refund("19.99")
    assert repeat.fields["fund_change"] == ("N" if found else "Y")
    assert sandbox.ledger.moved_minor() == 1999
    return found


@pytest.mark.parametrize(
    "fault",
    [f"timeout_after_commit:{HOLD}", "reset_mid_answer"],
)
def test_a_connection_broken_after_booking_has_moved_money_once(
    fault: str, merchant: Merchant, sandbox: Sandbox
) -> None:
    sandbox.faults.add(fault, method=REFUND)
    with pytest.raises(httpx.TransportError):
        post_refund(merchant)
    assert sandbox.ledger.moved_minor() == 1999
    assert sandbox.ledger.calls()[0].fault == fault
    assert settle_by_query_and_same_key(merchant, sandbox)


def test_a_connection_held_before_booking_has_moved_nothing(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    sandbox.faults.add(f"timeout_before_commit:{HOLD}", method=REFUND)
    with pytest.raises(httpx.TransportError):
        post_refund(merchant)
    assert sandbox.ledger.moved_minor() == 0
    assert sandbox.ledger.calls()[0].answered == "nothing"
    assert not settle_by_query_and_same_key(merchant, sandbox)


def test_a_caller_who_waits_less_sees_a_timeout_and_the_money_moved(
    sandbox: Sandbox, merchant: Merchant
) -> None:
    sandbox.faults.add("timeout_after_commit", method=REFUND)
    business = {"trade_no": TRADE, "refund_amount": "19.99", "out_request_no": "RF1A1"}
    parameters = merchant.parameters(REFUND, business)
    with httpx.Client(trust_env=False) as http, pytest.raises(httpx.ReadTimeout):
        http.post(f"{sandbox.url}/gateway.do", data=parameters, timeout=HOLD)
    assert sandbox.ledger.moved_minor() == 1999
    assert sandbox.ledger.calls()[0].answered == "nothing"


@pytest.mark.parametrize(
    ("fault", "status", "starts_with"),
    [
        ("truncated_json", 200, '{"alipay_trade_refund_response":'),
        ("html_error_page", 200, "<!DOCTYPE html>"),
        ("http_502_after", 502, "<!DOCTYPE html>"),
    ],
)
def test_an_answer_damaged_after_booking_has_moved_money_once(
    fault: str, status: int, starts_with: str, merchant: Merchant, sandbox: Sandbox
) -> None:
    sandbox.faults.add(fault, method=REFUND)
    response = post_refund(merchant)
    assert response.status_code == status
    assert response.text.startswith(starts_with)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|Invalid"):
        response.json()
    assert sandbox.ledger.moved_minor() == 1999
    assert settle_by_query_and_same_key(merchant, sandbox)


def test_a_500_before_booking_has_moved_nothing(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    sandbox.faults.add("http_500_before", method=REFUND)
    assert post_refund(merchant).status_code == 500
    assert sandbox.ledger.moved_minor() == 0
    assert not settle_by_query_and_same_key(merchant, sandbox)


@pytest.mark.parametrize(
    ("fault", "code", "sub_code"),
    [
        ("system_error_after", "40004", "ACQ.SYSTEM_ERROR"),
        ("code_20000_after", "20000", "isp.unknow-error"),
    ],
)
def test_an_error_answered_after_booking_has_moved_money_once(
    fault: str, code: str, sub_code: str, merchant: Merchant, sandbox: Sandbox
) -> None:
    sandbox.faults.add(fault, method=REFUND)
    answer = merchant.refund("19.99")
    assert (answer.fields["code"], answer.sub_code) == (code, sub_code)
    assert answer.is_genuine
    assert sandbox.ledger.moved_minor() == 1999
    assert settle_by_query_and_same_key(merchant, sandbox)


@pytest.mark.parametrize(
    "fault", ["bad_signature", "missing_signature", "wrong_key_signature"]
)
@pytest.mark.parametrize("method", [REFUND, QUERY])
def test_an_answer_that_is_not_genuine_has_moved_money_all_the_same(
    fault: str, method: str, merchant: Merchant, sandbox: Sandbox
) -> None:
    sandbox.faults.add(fault, method=method)
    refunded, queried = merchant.refund("19.99"), merchant.query()
    struck = refunded if method == REFUND else queried
    assert struck.fields["code"] == "10000"
    assert not struck.is_genuine
    assert (struck.signature is None) == (fault == "missing_signature")
    assert sandbox.ledger.moved_minor() == 1999


def test_a_slow_answer_is_a_good_one(merchant: Merchant, sandbox: Sandbox) -> None:
    sandbox.faults.add(f"slow:{HOLD}", method=REFUND)
    started = time.perf_counter()
    assert merchant.refund("19.99").fields["fund_change"] == "Y"
    assert time.perf_counter() - started >= HOLD
    assert sandbox.ledger.moved_minor() == 1999


@pytest.mark.parametrize(
    ("sub_code", "code"),
    [
        ("ACQ.SELLER_BALANCE_NOT_ENOUGH", "40004"),
        ("ACQ.TRADE_HAS_FINISHED", "40004"),
        ("ACQ.NEVER_HEARD_OF", "40004"),
        ("aop.unknow-error", "20000"),
        ("isv.app-call-limited", "40005"),
        ("isv.insufficient-isv-permissions", "40006"),
    ],
)
def test_a_chosen_code_is_answered_and_nothing_moves(
    sub_code: str, code: str, merchant: Merchant, sandbox: Sandbox
) -> None:
    sandbox.faults.add(f"sub_code:{sub_code}", method=REFUND)
    answer = merchant.refund("19.99")
    assert (answer.fields["code"], answer.sub_code) == (code, sub_code)
    assert answer.is_genuine
    assert sandbox.ledger.moved_minor() == 0
    assert merchant.refund("19.99").fields["fund_change"] == "Y"


def test_a_query_may_report_another_amount(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    merchant.refund("19.99")
    sandbox.clock.advance(10)
    sandbox.faults.add("wrong_amount", method=QUERY)
    assert merchant.query().fields["refund_amount"] == "20.00"
    assert merchant.query().fields["refund_amount"] == "19.99"


def test_a_query_may_not_know_yet(merchant: Merchant, sandbox: Sandbox) -> None:
    merchant.refund("19.99")
    sandbox.clock.advance(10)
    sandbox.faults.add("not_yet", method=QUERY, times=2)
    states = [merchant.query().fields.get("refund_status") for _ in range(3)]
    assert states == [None, None, "REFUND_SUCCESS"]


@pytest.mark.parametrize(
    ("times", "skip", "struck"),
    [
        (1, 0, [True, False, False, False]),
        (2, 0, [True, True, False, False]),
        (1, 2, [False, False, True, False]),
        (None, 1, [False, True, True, True]),
    ],
)
def test_a_fault_strikes_as_often_as_asked_and_only_its_method(
    times: int | None,
    skip: int,
    struck: list[bool],
    merchant: Merchant,
    sandbox: Sandbox,
) -> None:
    sandbox.faults.add("sub_code:ACQ.X", method=REFUND, times=times, skip=skip)
    seen = []
    for _ in struck:
        assert merchant.query().fields["code"] == "10000"
        seen.append(merchant.refund("19.99").sub_code == "ACQ.X")
    assert seen == struck


def test_a_call_refused_at_the_door_uses_up_no_fault(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    sandbox.faults.add("http_500_before", method=REFUND)
    parameters = merchant.parameters(REFUND, {}) | {"sign": "AAAA"}
    assert merchant.read(merchant.post(parameters)).sub_code == "isv.invalid-signature"
    assert len(sandbox.faults.waiting()) == 1


@pytest.mark.parametrize(
    "words",
    ["fire", "slow", "sub_code", "slow:soon", "slow:-1", "slow:nan", "not_yet:3", ""],
)
def test_a_fault_that_makes_no_sense_is_refused(words: str) -> None:
    with pytest.raises(UnknownFault):
        parse_fault(words, method=REFUND, own={"not_yet": False, "sub_code": True})
