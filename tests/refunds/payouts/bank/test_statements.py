"""The account's statement settles what it books, and brings back what came back."""

from dataclasses import replace

import pytest

from refunds.gateways.base import Line
from refunds.models import LegState, PayoutCall, RefundRequest
from refunds.payouts.bank_files import settle_from_lines
from refunds.payouts.batches import file_gateway
from refunds.payouts.retry import retry
from refunds.states import State
from tests.refunds.payouts.bank.counter import Counter
from tests.refunds.payouts.till import balances, kinds_of, leg_of, legs_of, state_of

AMOUNT = 10_000_00


@pytest.fixture
def booked(owed: RefundRequest, counter: Counter) -> RefundRequest:
    """Settled by the bank; the statement says so."""
    counter.send()
    counter.till.later(hours=1)
    assert counter.settle() == [leg_of(owed).key]
    return owed


def lines_of(counter: Counter) -> list[Line]:
    statement = counter.statement(counter.at.date())
    return file_gateway(counter.merchant).read_statement(statement)


def test_a_debit_under_our_key_is_success(
    booked: RefundRequest, counter: Counter
) -> None:
    leg = leg_of(booked)
    assert (leg.state, leg.provider_number) == ("succeeded", f"BK{leg.key}")
    assert state_of(booked) is State.REFUNDED
    assert balances() == {(0, AMOUNT)}


def test_reading_it_again_tells_nothing_new(
    booked: RefundRequest, counter: Counter
) -> None:
    told, calls = kinds_of(booked), PayoutCall.objects.count()
    assert counter.settle() == []
    assert kinds_of(booked) == told
    assert PayoutCall.objects.count() == calls


def test_returned_days_later_the_request_is_open_again(
    booked: RefundRequest, counter: Counter
) -> None:
    """F17."""
    counter.till.later(days=4)
    counter.turn(leg_of(booked), "returned:AC04")
    key = leg_of(booked).key
    assert counter.settle() == [key]
    leg = leg_of(booked)
    assert (leg.state, leg.code) == (LegState.REVERSED, "returned")
    assert balances() == {(0, 0)}
    assert state_of(booked) is State.PAYOUT_BLOCKED
    assert kinds_of(booked)[-2:] == ["payout_reversed", "reopen"]
    assert counter.settle() == []
    retry(booked, by=counter.finance, at=counter.at)
    counter.send()
    counter.till.later(hours=1)
    assert counter.settle() == [legs_of(booked)[1].key]
    assert counter.till.moved() == [(legs_of(booked)[1].key, AMOUNT)]


def test_out_and_back_on_one_statement(owed: RefundRequest, counter: Counter) -> None:
    counter.send()
    counter.till.later(hours=1)
    counter.turn(leg_of(owed), "returned:AC06")
    out, back = lines_of(counter)
    assert (out.back, back.back) == (False, True)
    settle_from_lines(counter.merchant, [back, out], at=counter.at)
    assert leg_of(owed).state == LegState.REVERSED
    assert kinds_of(owed)[-4:] == [
        "payout_succeeded",
        "settle",
        "payout_reversed",
        "reopen",
    ]
    assert counter.settle() == []


def test_less_came_back_than_went_out(booked: RefundRequest, counter: Counter) -> None:
    """A bank keeps its fee: a person says what became of it, and is asked once."""
    [line] = lines_of(counter)
    back = replace(line, back=True, amount=AMOUNT - 5_00, provider_number="BK1R")
    assert settle_from_lines(counter.merchant, [line, back], at=counter.at)
    leg = leg_of(booked)
    assert (leg.state, leg.code) == (LegState.NEEDS_ACTION, "evidence_differs")
    assert balances() == {(AMOUNT, 0)}
    assert settle_from_lines(counter.merchant, [line, back], at=counter.at) == []


def test_another_amount_or_currency_is_no_success(
    owed: RefundRequest, counter: Counter
) -> None:
    counter.send()
    counter.till.later(hours=1)
    [line] = lines_of(counter)
    wrong = replace(line, currency="USD")
    settle_from_lines(counter.merchant, [wrong], at=counter.at)
    leg = leg_of(owed)
    assert (leg.state, leg.code) == (LegState.NEEDS_ACTION, "evidence_differs")
    assert settle_from_lines(counter.merchant, [line], at=counter.at) == [leg.key]
    assert leg_of(owed).state == LegState.SUCCEEDED


def test_a_line_under_a_key_that_never_went_out_moves_nothing(
    owed: RefundRequest, counter: Counter
) -> None:
    counter.till.work()
    forged = Line(leg_of(owed).key, "X1", "", AMOUNT, "CNY", counter.at)
    keyless = replace(forged, key="")
    assert settle_from_lines(counter.merchant, [forged, keyless], at=counter.at) == []
    assert leg_of(owed).state == LegState.PREPARED


def test_a_debit_of_what_was_refused_is_left_to_reconciliation(
    owed: RefundRequest, counter: Counter
) -> None:
    batch = counter.send()
    counter.turn(leg_of(owed), "RJCT:AC01")
    counter.take(counter.answer(batch))
    line = Line(leg_of(owed).key, "X1", "", AMOUNT, "CNY", counter.at)
    assert settle_from_lines(counter.merchant, [line], at=counter.at) == []
    assert leg_of(owed).state == LegState.FAILED
