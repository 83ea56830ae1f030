"""F15: what the payer's account did not take is parked at WeChat Pay; the same refund,
under the same key, goes to the account that was approved. Never a second refund."""

from typing import Any

import pytest

from refunds.models import LegState, PayoutAccount, PayoutLeg, RefundRequest
from refunds.payouts.accounts import approve_account, check_account, name_account
from tests.people import People
from tests.refunds.payouts.another_account import PLAIN, TYPED
from tests.refunds.payouts.till import Till, leg_of, legs_of
from tests.refunds.payouts.wechat_pay.counter import (
    ABNORMAL_REFUND,
    KEY,
    REFUND,
    assert_one_key,
    assert_paid_once,
    assert_waits_for_a_person,
    refunds_in,
    turn,
)


@pytest.fixture
def parked(released: RefundRequest, till: Till) -> RefundRequest:
    """Our first call was not heard; the query is the first to tell its number."""
    till.fails("timeout_after_commit", method=REFUND)
    till.work()
    turn(till, "ABNORMAL")
    till.later(seconds=61)
    till.work()
    assert_waits_for_a_person(released, "ABNORMAL")
    return released


def approve(request: RefundRequest, people: People, till: Till) -> None:
    typed: dict[str, Any] = {**TYPED, "proof": request.evidence.earliest("pk")}
    name_account(request, by=people.owner, at=till.at, **typed)
    account = PayoutAccount.objects.get()
    check_account(account, by=people.finance, at=till.at, words="Holder fits.")
    account = PayoutAccount.objects.get()
    approve_account(account, by=people.approver, at=till.at)


def test_the_same_refund_goes_to_the_approved_account(
    parked: RefundRequest, till: Till, people: People
) -> None:
    approve(parked, people, till)
    till.work()
    assert leg_of(parked).state == LegState.PROCESSING
    (refund,) = refunds_in(till)
    assert refund.traits["account"] == f"ICBC_DEBIT {PLAIN[-4:]}"
    assert refund.traits["real_name"] == "Xinghe Media"
    till.later(seconds=61)
    till.work()
    assert_paid_once(parked, till)
    assert_one_key(till)
    assert (till.calls(REFUND), till.calls(ABNORMAL_REFUND)) == (1, 1)


@pytest.mark.parametrize(
    "fault", ["timeout_after_commit", "http_500_before", "429_after", "bad_signature"]
)
def test_a_redirection_in_the_dark_is_asked_about_and_asked_for_again_if_parked_still(
    fault: str, parked: RefundRequest, till: Till, people: People
) -> None:
    approve(parked, people, till)
    till.fails(fault, method=ABNORMAL_REFUND)
    till.work()
    assert leg_of(parked).state == LegState.UNKNOWN
    till.later(seconds=61)
    till.work_for(rounds=4, seconds=61)
    assert_paid_once(parked, till)
    assert till.calls(REFUND) == 1
    assert till.calls(ABNORMAL_REFUND) == (2 if "before" in fault else 1)


def test_an_account_that_does_not_take_it_either_is_for_a_person(
    parked: RefundRequest, till: Till, people: People
) -> None:
    approve(parked, people, till)
    till.work()
    turn(till, "ABNORMAL")
    till.later(seconds=61)
    till.work_for(rounds=3, hours=1)
    assert_waits_for_a_person(parked, "ABNORMAL")
    assert [leg.key for leg in legs_of(parked)] == [KEY]
    assert PayoutLeg.objects.get().account
    assert till.calls(ABNORMAL_REFUND) == 1
