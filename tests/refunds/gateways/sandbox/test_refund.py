"""`alipay.trade.refund`: what moves money, what doesn't, and what is said about it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.gateways.sandbox.merchant import (
    NOW,
    ORDER,
    REFUND,
    TRADE,
    Merchant,
)


def test_the_first_call_moves_money_and_a_repeat_does_not(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    first, repeat = merchant.refund("19.99"), merchant.refund("19.99")
    assert first.fields["fund_change"] == "Y"
    assert repeat.fields["fund_change"] == "N"
    assert repeat.fields["refund_fee"] == "19.99"
    assert sandbox.ledger.moved_minor() == 1999
    assert [call.key for call in sandbox.ledger.calls()] == ["RF1A1", "RF1A1"]


def test_the_fee_is_the_sum_over_the_trade(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    merchant.refund("10.00", "RF1A1")
    sandbox.clock.advance(3)
    options = ["refund_detail_item_list"]
    second = merchant.refund("0.01", "RF2A1", query_options=options)
    assert second.fields["refund_fee"] == "10.01"
    assert second.fields["send_back_fee"] == "0.01"


def test_two_equal_partial_refunds_are_both_paid(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    merchant.refund("30.00", "RF1A1")
    sandbox.clock.advance(3)
    assert merchant.refund("30.00", "RF2A1").fields["fund_change"] == "Y"
    assert sandbox.ledger.moved_minor() == 6000


def test_two_refunds_of_a_trade_keep_three_seconds_apart(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    merchant.refund("10.00", "RF1A1")
    sandbox.clock.advance(2.9)
    early = merchant.refund("10.00", "RF2A1")
    assert (early.fields["code"], early.sub_code) == (
        "40005",
        "isv.method-call-limited",
    )
    sandbox.clock.advance(0.1)
    assert merchant.refund("10.00", "RF2A1").fields["fund_change"] == "Y"
    assert sandbox.ledger.moved_minor() == 2000


@pytest.mark.parametrize(
    ("business", "sub_code"),
    [
        ({"refund_amount": "100.01"}, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"),
        ({"out_request_no": ""}, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"),
        ({"refund_amount": "0.00"}, "ACQ.REASON_TRADE_REFUND_FEE_ERR"),
        ({"refund_amount": "1.001"}, "ACQ.INVALID_PARAMETER"),
        ({"refund_amount": "-1.00"}, "ACQ.INVALID_PARAMETER"),
        ({"refund_amount": None}, "ACQ.INVALID_PARAMETER"),
        ({"out_request_no": "x" * 65}, "ACQ.INVALID_PARAMETER"),
        ({"refund_reason": "因" * 257}, "ACQ.INVALID_PARAMETER"),
        ({"query_options": "all"}, "ACQ.INVALID_PARAMETER"),
        ({"trade_no": ""}, "ACQ.INVALID_PARAMETER"),
        ({"trade_no": "another"}, "ACQ.TRADE_NOT_EXIST"),
        ({"trade_no": "another", "out_trade_no": ORDER}, "ACQ.TRADE_NOT_EXIST"),
        ({"trade_no": "", "out_trade_no": "P-2"}, "ACQ.TRADE_NOT_EXIST"),
    ],
)
def test_what_breaks_a_rule_moves_nothing(
    business: dict[str, object], sub_code: str, merchant: Merchant, sandbox: Sandbox
) -> None:
    good = {"trade_no": TRADE, "refund_amount": "19.99", "out_request_no": "RF1A1"}
    answer = merchant.call(REFUND, {**good, **business})
    assert (answer.fields["code"], answer.sub_code) == ("40004", sub_code)
    assert sandbox.ledger.refunds() == []


def test_the_same_key_with_another_amount_is_discordant(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    merchant.refund("19.99")
    assert merchant.refund("20.00").sub_code == "ACQ.DISCORDANT_REPEAT_REQUEST"
    assert sandbox.ledger.moved_minor() == 1999


def test_the_rest_can_be_refunded_to_the_cent_and_then_the_trade_is_closed(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    merchant.refund("99.99", "RF1A1")
    sandbox.clock.advance(3)
    over = merchant.refund("0.02", "RF2A1")
    assert over.sub_code == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    assert merchant.refund("0.01", "RF2A1").fields["refund_fee"] == "100.00"
    sandbox.clock.advance(3)
    assert merchant.refund("0.01", "RF3A1").sub_code == "ACQ.TRADE_HAS_CLOSE"
    assert merchant.refund("0.01", "RF2A1").fields["fund_change"] == "N"
    assert sandbox.ledger.moved_minor() == 10_000


def test_a_full_refund_without_a_key_goes_under_our_order(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    business = {"out_trade_no": ORDER, "refund_amount": 100}
    assert merchant.call(REFUND, business).fields["fund_change"] == "Y"
    assert merchant.call(REFUND, business).fields["fund_change"] == "N"
    assert [refund.key for refund in sandbox.ledger.refunds()] == [ORDER]


def test_the_window_ends_twelve_months_after_payment(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    merchant.refund("10.00", "RF1A1")
    sandbox.clock.advance(timedelta(days=355).total_seconds())
    assert merchant.refund("10.00", "RF2A1").fields["fund_change"] == "Y"
    sandbox.clock.advance(1)
    late = merchant.refund("10.00", "RF3A1")
    assert late.sub_code == "ACQ.TRADE_HAS_FINISHED"
    assert merchant.refund("10.00", "RF1A1").fields["fund_change"] == "N"
    assert sandbox.ledger.moved_minor() == 2000


def test_the_window_of_a_leap_day_ends_on_the_28th(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    sandbox.ledger.put_trade(
        trade_no="leap",
        out_trade_no="P-2",
        total_minor=100,
        paid_at=NOW.replace(year=2024, month=2, day=29),
    )
    answer = merchant.refund("1.00", trade_no="leap")
    assert answer.sub_code == "ACQ.TRADE_HAS_FINISHED"


def test_refunds_at_once_never_exceed_the_trade(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    keys = ["RF1A1", "RF2A1"] * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda key: merchant.refund("60.00", key), keys))
    moved = [a for a in answers if a.fields.get("fund_change") == "Y"]
    assert len(moved) == 1
    assert sandbox.ledger.moved_minor() == 6000
    assert len(sandbox.ledger.calls()) == 8
