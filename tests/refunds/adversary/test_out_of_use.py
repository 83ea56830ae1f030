"""A merchant out of use for an hour loses nothing of what it was watching."""

import pytest

from accounts.models import Payment
from refunds.models import LegState, Merchant, PayoutLeg, RefundRequest
from refunds.payouts.release import release
from refunds.payouts.retry import retry
from refunds.states import State
from tests.people import Case, People
from tests.refunds.payouts.till import Till, balances, leg_of, state_of

AMOUNT = 10_000_00


@pytest.mark.xfail(
    strict=True,
    reason="a look that falls into the hour is the last: what comes back stays unmarked",
)
def test_what_succeeded_is_watched_again_once_the_merchant_is_back(
    released: RefundRequest, till: Till
) -> None:
    till.work_for(rounds=3, seconds=11)
    assert leg_of(released).state == LegState.SUCCEEDED
    Merchant.objects.filter(route="alipay").update(enabled=False)
    till.later(days=1)
    till.work()
    Merchant.objects.filter(route="alipay").update(enabled=True)
    assert leg_of(released).next_at is not None


@pytest.mark.xfail(
    strict=True,
    reason="its parameters were frozen empty, so it is sent as nothing and never paid",
)
def test_a_payout_released_before_its_merchant_was_set_up_is_paid_after_a_retry(
    case: Case, till: Till, people: People
) -> None:
    Merchant.objects.filter(route="alipay").update(enabled=False)
    request = case.agreed()
    case.known_to(till.sandbox)
    release(request, by=people.finance, at=till.at)
    till.work()
    assert state_of(request) is State.PAYOUT_BLOCKED
    Merchant.objects.filter(route="alipay").update(enabled=True)
    retry(request, by=people.finance, at=till.at)
    till.work_for(rounds=6, seconds=61)
    assert till.moved() == [(leg_of(request).key, AMOUNT)]
