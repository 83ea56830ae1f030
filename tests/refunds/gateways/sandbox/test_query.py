"""`alipay.trade.fastpay.refund.query`: what may be known of a refund, and when."""

import pytest

from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.gateways.sandbox.merchant import NOW, QUERY, TRADE, Merchant


def test_a_refund_is_visible_after_ten_seconds(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    merchant.refund("19.99")
    sandbox.clock.advance(9.9)
    early = merchant.query()
    assert early.fields["code"] == "10000"
    assert "refund_status" not in early.fields
    sandbox.clock.advance(0.1)
    answer = merchant.query(query_options=["gmt_refund_pay"])
    assert answer.is_genuine
    assert dict(answer.fields) | {"msg": ""} == {
        "code": "10000",
        "msg": "",
        "trade_no": TRADE,
        "out_trade_no": "P-1",
        "out_request_no": "RF1A1",
        "total_amount": "100.00",
        "refund_amount": "19.99",
        "refund_status": "REFUND_SUCCESS",
        "gmt_refund_pay": "2026-11-20 20:00:00",
    }


def test_an_unknown_key_is_no_error_and_no_refund(merchant: Merchant) -> None:
    answer = merchant.query("RF9A9")
    assert answer.fields == {"code": "10000", "msg": "Success"}


@pytest.mark.parametrize(
    ("business", "sub_code"),
    [
        ({"trade_no": "another", "out_request_no": "RF1A1"}, "ACQ.TRADE_NOT_EXIST"),
        ({"out_request_no": "RF1A1"}, "ACQ.INVALID_PARAMETER"),
        ({"trade_no": TRADE}, "ACQ.INVALID_PARAMETER"),
    ],
)
def test_a_query_that_names_nothing_is_refused(
    business: dict[str, str], sub_code: str, merchant: Merchant
) -> None:
    assert merchant.call(QUERY, business).sub_code == sub_code


def test_a_query_moves_nothing(merchant: Merchant, sandbox: Sandbox) -> None:
    merchant.query()
    assert sandbox.ledger.refunds() == []


@pytest.mark.parametrize("outcome", ["S", "F"])
def test_the_way_to_the_bank_card_is_known_later(
    outcome: str, merchant: Merchant, sandbox: Sandbox
) -> None:
    sandbox.ledger.put_trade(
        trade_no="card",
        out_trade_no="P-2",
        total_minor=100,
        paid_at=NOW,
        card_return=outcome,
    )
    merchant.refund("0.50", trade_no="card")
    states = []
    for seconds in (10, 50):
        sandbox.clock.advance(seconds)
        answer = merchant.query(trade_no="card", query_options=["deposit_back_info"])
        states.append(answer.fields["deposit_back_info"]["dback_status"])
        assert answer.fields["refund_status"] == "REFUND_SUCCESS"
    assert states == ["P", outcome]
