"""Nothing is tried for ever, nothing is lost: what can't go on, comes to a person."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from accounts.models import Contract, Membership, Payment
from refunds.errors import NotPermitted, RefundError
from refunds.gateways.alipay import Alipay
from refunds.gateways.base import Parameters, Result
from refunds.models import LegState, Merchant, RefundRequest, Threshold
from refunds.payouts.findings import decide_finding, find_out
from refunds.payouts.release import move_agreed_on, release
from refunds.payouts.retry import retry
from refunds.states import State
from tests.people import Case, People, make_case
from tests.refunds.answering import answering
from tests.refunds.payouts.till import (
    QUERY,
    REFUND,
    Till,
    balances,
    leg_of,
    state_of,
)

AMOUNT = 10_000_00


def test_a_refund_accepted_but_never_seen_comes_to_a_person(
    released: RefundRequest, till: Till
) -> None:
    till.fails("not_yet", method=QUERY, times=None)
    till.work_for(rounds=30, hours=1)
    assert leg_of(released).state == LegState.NEEDS_ACTION
    assert till.moved() == [(leg_of(released).key, leg_of(released).amount)]


def test_a_call_that_never_arrives_is_repeated_less_and_less(
    released: RefundRequest, till: Till
) -> None:
    till.fails("http_500_before", times=None)
    till.work_for(rounds=45, seconds=40)
    assert 2 <= till.calls(REFUND) <= 8


def test_already_done_that_nobody_knows_of_is_not_sent_again_and_again(
    released: RefundRequest, till: Till
) -> None:
    till.fails("sub_code:ACQ.TRADE_HAS_CLOSE", times=None)
    till.work_for(rounds=30, seconds=20)
    assert till.calls(REFUND) <= 2


@pytest.mark.parametrize(
    "body",
    [
        b"\x00\x01",
        b'{"a":' * 9_000,
        b"\xff\xfe\xfd",
        b"",
        b"[]",
        b'{"alipay_trade_refund_response":{}}',
        b'{"alipay_trade_refund_response":[],"sign":"AAAA"}',
        b'{"alipay_trade_refund_response":{},"sign":"\xe9"}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_garbage_from_the_wire_is_unknown_and_stops_nobody(
    body: bytes, released: RefundRequest, till: Till, settings: Settings
) -> None:
    with answering(body) as url:
        till.moves_to(url)
        till.work()
    assert leg_of(released).state == LegState.UNKNOWN


def test_a_code_longer_than_our_column_needs_a_person(
    released: RefundRequest, till: Till
) -> None:
    till.fails("sub_code:ACQ." + "X" * 70)
    till.work()
    assert leg_of(released).state == LegState.NEEDS_ACTION


def test_a_key_file_that_is_missing_is_said_and_loses_nothing(
    released: RefundRequest, till: Till, settings: Settings, people: People
) -> None:
    merchant = Merchant.objects.get(route="alipay")
    merchant.set_secrets({"private_key": "env:NOT_SET", "public_key": ""})
    merchant.save()
    till.work_for(rounds=2, minutes=1)
    assert leg_of(released).state in (LegState.HELD, LegState.NEEDS_ACTION)


def test_one_leg_that_breaks_does_not_stop_the_next(
    released: RefundRequest,
    till: Till,
    case: Case,
    people: People,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = make_case(people, at=till.at)
    release(other.agreed(), by=people.finance, at=till.at)
    other.known_to(till.sandbox)
    first = leg_of(released)
    submit = Alipay.submit

    def breaks_once(self: Alipay, parameters: Parameters, *, now: datetime) -> Result:
        if parameters["out_request_no"] == first.key:
            raise RuntimeError("something nobody thought of")
        return submit(self, parameters, now=now)

    monkeypatch.setattr(Alipay, "submit", breaks_once)
    till.work()
    assert leg_of(other.request).state == LegState.PROCESSING


def test_a_leg_that_was_never_sent_goes_at_once_after_the_retry(
    case: Case, till: Till, people: People
) -> None:
    request = case.agreed()
    case.known_to(till.sandbox)
    Payment.objects.update(route_open=False)
    release(request, by=people.finance, at=till.at)
    till.work_for(rounds=2, seconds=31)
    assert state_of(request) is State.PAYOUT_BLOCKED
    Payment.objects.update(route_open=True)
    retry(request, by=people.finance, at=till.at)
    till.work_for(rounds=4, seconds=31)
    assert state_of(request) is State.REFUNDED


def test_a_retry_does_not_send_along_a_route_marked_closed(
    case: Case, till: Till, people: People
) -> None:
    request = case.agreed()
    case.known_to(till.sandbox)
    Payment.objects.update(route_open=False)
    release(request, by=people.finance, at=till.at)
    till.work_for(rounds=2, seconds=31)
    assert state_of(request) is State.PAYOUT_BLOCKED
    with suppress(RefundError):
        retry(request, by=people.finance, at=till.at)
    till.work_for(rounds=4, seconds=31)
    assert till.moved() == []
    assert till.calls(REFUND) == 0


def test_a_retry_does_not_send_another_currency(
    case: Case, till: Till, people: People
) -> None:
    """Alipay gives back yuan only; the same digits in dollars would go as yuan."""
    Contract.objects.update(currency="USD")
    Payment.objects.update(currency="USD")
    case.service.contract.refresh_from_db()
    request = case.agreed()
    case.known_to(till.sandbox)
    release(request, by=people.finance, at=till.at)
    till.work_for(rounds=2, seconds=31)
    assert state_of(request) is State.PAYOUT_BLOCKED
    with suppress(RefundError):
        retry(request, by=people.finance, at=till.at)
    till.work_for(rounds=4, seconds=31)
    assert till.moved() == []


def test_a_payment_in_another_currency_gives_nothing_back(
    case: Case, till: Till, people: People
) -> None:
    request = case.agreed()
    case.known_to(till.sandbox)
    Payment.objects.update(currency="USD")
    with pytest.raises(RefundError):
        release(request, by=people.finance, at=till.at)


def test_those_who_wait_for_finance_do_not_stand_in_the_way(
    case: Case, till: Till, people: People
) -> None:
    large = case.agreed()
    agreed = make_case(people, at=till.at + timedelta(minutes=1)).agreed()
    Threshold.objects.update(release_below=1000)
    RefundRequest.objects.filter(pk=agreed.pk).update(agreed_amount=100)
    assert move_agreed_on(at=till.at) == 1
    assert state_of(agreed) is State.PAYING
    assert state_of(large) is State.AGREED


def test_finance_can_close_a_route_after_an_unknown_outcome_and_a_retry(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.fails("sub_code:ACQ.SOMETHING_NEVER_HEARD_OF")
    till.fails("sub_code:ACQ.BUYER_NOT_EXIST", times=None)
    till.work()
    for _again in range(3):
        retry(released, by=people.finance, at=till.at)
        till.work_for(rounds=4, hours=13)
        if leg_of(released).state == LegState.ROUTE_CLOSED:
            break
    assert leg_of(released).state == LegState.ROUTE_CLOSED


def test_money_that_moved_otherwise_than_asked_is_never_free_again(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.fails("wrong_amount", method=QUERY)
    till.work_for(rounds=2, seconds=11)
    assert leg_of(released).code == "evidence_differs"
    till.fails("not_yet", method=QUERY)
    till.fails("sub_code:ACQ.TRADE_HAS_FINISHED")
    retry(released, by=people.finance, at=till.at)
    till.work_for(rounds=5, minutes=61)
    assert till.moved() == [(leg_of(released).key, leg_of(released).amount)]
    assert balances() in ({(AMOUNT, 0)}, {(0, AMOUNT)})


def test_a_leg_that_always_breaks_comes_to_a_person(
    released: RefundRequest, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(self: Alipay, parameters: Parameters, *, now: datetime) -> Result:
        raise RuntimeError("something nobody thought of")

    till.work()
    monkeypatch.setattr(Alipay, "query", breaks)
    till.work_for(rounds=12, hours=3)
    assert leg_of(released).state == LegState.NEEDS_ACTION


def test_what_two_people_found_unmoved_goes_again_under_a_new_key(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.fails("sub_code:ACQ.SOMETHING_NEVER_HEARD_OF")
    till.work()
    first = leg_of(released)
    finding = find_out(
        first, by=people.finance, at=till.at, moved=False, words="Asked the route."
    )
    assert balances() == {(AMOUNT, 0)}
    decide_finding(finding, by=people.approver, at=till.at, agreed=True)
    assert balances() == {(0, 0)}
    retry(released, by=people.finance, at=till.at)
    till.work_for(rounds=3, seconds=11)
    assert till.moved() == [(first.key.replace("A1", "A2"), AMOUNT)]
    assert balances() == {(0, AMOUNT)}
    assert state_of(released) is State.REFUNDED


def test_finance_of_the_customer_does_not_touch_its_payouts(
    case: Case, till: Till, people: People
) -> None:
    request = case.agreed()
    Membership.objects.create(
        customer=people.customer, user=people.finance, role="member"
    )
    with pytest.raises(NotPermitted):
        release(request, by=people.finance, at=till.at)


def test_what_keeps_breaking_in_our_own_program_comes_to_a_person(
    released: RefundRequest, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The money moved; every look at it ends in a fault nobody thought of."""
    till.work()
    moved = till.moved()

    def breaks(*_leg: object, **_rest: object) -> None:
        raise RuntimeError("something nobody thought of")

    monkeypatch.setattr("refunds.payouts.send.apply", breaks)
    till.work_for(rounds=6, hours=7)
    leg = leg_of(released)
    assert (leg.state, leg.code) == (LegState.NEEDS_ACTION, "keeps_breaking")
    assert state_of(released) is State.PAYOUT_BLOCKED
    assert (till.moved(), balances()) == (moved, {(AMOUNT, 0)})
