"""A merchant out of use for an hour loses nothing of what it was watching."""

from refunds.models import LegState, Merchant, RefundRequest
from refunds.payouts.release import release
from refunds.payouts.retry import retry
from refunds.states import State
from tests.people import Case, People
from tests.refunds.payouts.till import Till, leg_of, state_of

AMOUNT = 10_000_00


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
    assert [amount for _key, amount in till.moved()] == [AMOUNT]
    assert state_of(request) is State.REFUNDED
