"""What WeChat Pay parked and the first card did not take goes to a second one."""

from contextlib import suppress
from typing import Any

import pytest

from refunds.errors import RefundError
from refunds.models import PayoutAccount, RefundRequest
from refunds.payouts.accounts import approve_account, check_account, name_account
from tests.people import People
from tests.refunds.payouts.another_account import TYPED
from tests.refunds.payouts.till import Till, leg_of
from tests.refunds.payouts.wechat_pay.counter import (
    assert_paid_once,
    assert_waits_for_a_person,
    turn,
)


def name_and_approve(
    request: RefundRequest, people: People, till: Till, **typed: Any
) -> PayoutAccount:
    proof = request.evidence.earliest("pk")
    account = name_account(
        request, by=people.owner, at=till.at, **{**TYPED, "proof": proof, **typed}
    )
    check_account(account, by=people.finance, at=till.at, words="Holder fits.")
    approve_account(account, by=people.approver, at=till.at)
    return account


@pytest.fixture
def refused_by_a_card(
    released: RefundRequest, till: Till, people: People
) -> RefundRequest:
    till.work()
    turn(till, "ABNORMAL")
    till.later(seconds=61)
    till.work()
    assert_waits_for_a_person(released, "ABNORMAL")
    name_and_approve(released, people, till)
    till.work()
    turn(till, "ABNORMAL")
    till.later(seconds=61)
    till.work_for(rounds=3, hours=1)
    assert_waits_for_a_person(released, "ABNORMAL")
    return released


def test_a_second_card_is_approved_and_the_money_goes_there(
    refused_by_a_card: RefundRequest, till: Till, people: People
) -> None:
    second = name_and_approve(
        refused_by_a_card, people, till, number="6222 0202 0011 2233 452"
    )
    assert leg_of(refused_by_a_card).account == second
    till.work_for(rounds=3, seconds=61)
    assert_paid_once(refused_by_a_card, till)


def test_the_card_that_refused_is_not_named_again(
    refused_by_a_card: RefundRequest, till: Till, people: People
) -> None:
    proof = refused_by_a_card.evidence.earliest("pk")
    with pytest.raises(RefundError, match="came back"):
        name_account(
            refused_by_a_card,
            by=people.owner,
            at=till.at,
            proof=proof,
            closure=None,
            **TYPED,
        )


def test_an_account_that_wechat_pay_can_t_reach_does_not_end_the_way(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.work()
    turn(till, "ABNORMAL")
    till.later(seconds=61)
    till.work()
    with suppress(RefundError):
        name_and_approve(released, people, till, bank_code="999100099996")
    till.work()
    request = RefundRequest.objects.get(pk=released.pk)
    account = PayoutAccount.objects.get()
    assert account.state == "checked" or request.waits_for_account()
