"""F32. Minor units, exactly: a cent, what is left, yen, a split over three payments."""

from datetime import timedelta

import pytest

from accounts.models import Contract, Payment, PaymentAllocation, Service
from refunds.models import LegState, PayoutLeg, RefundRequest
from refunds.payouts.release import release
from refunds.states import State
from tests.people import Case
from tests.refunds.payouts.stripe.desk import CREATE, PAYMENT
from tests.refunds.payouts.till import Till, legs_of, state_of


def agreed(case: Case, amount: int, *, currency: str = "CNY") -> RefundRequest:
    """On this sum; how it came about is no matter here."""
    Contract.objects.update(currency=currency)
    Payment.objects.update(currency=currency)
    case.service = Service.objects.get(pk=case.service.pk)
    case.agreed()
    RefundRequest.objects.update(agreed_amount=amount)
    return case.request


def paid(case: Case, till: Till, request: RefundRequest) -> list[tuple[str, int]]:
    case.known_to(till.sandbox)
    release(request, by=case.people.finance, at=till.at)
    till.work_for(rounds=3, minutes=1)
    assert state_of(request) is State.REFUNDED
    assert {leg.state for leg in legs_of(request)} == {LegState.SUCCEEDED}
    return till.moved()


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        (1, "CNY"),
        (19_99, "USD"),
        (12_000_00, "CNY"),
        (5001, "JPY"),
        (5_120, "KWD"),
    ],
)
def test_it_goes_back_exactly(
    amount: int, currency: str, case: Case, till: Till
) -> None:
    request = agreed(case, amount, currency=currency)
    ((_key, moved),) = paid(case, till, request)
    assert moved == amount
    (trade,) = till.sandbox.ledger.trades()
    assert (trade.currency, trade.route) == (currency, "stripe")
    assert PayoutLeg.objects.get().parameters["amount"] == amount


def test_three_payments_give_back_three_parts_under_three_keys(
    case: Case, till: Till
) -> None:
    first = PaymentAllocation.objects.select_related("payment").get()
    Payment.objects.update(amount=3_333_33)
    PaymentAllocation.objects.update(amount=3_333_33)
    for number, amount in ((2, 4_333_33), (3, 4_333_34)):
        payment = first.payment
        another = Payment.objects.create(
            customer=payment.customer,
            route="stripe",
            trade_number=f"{PAYMENT}{number}",
            amount=amount,
            paid_at=payment.paid_at + timedelta(days=number),
        )
        PaymentAllocation.objects.create(
            payment=another, service=case.service, amount=amount
        )
    request = agreed(case, 10_000_00)
    moved = paid(case, till, request)
    assert sorted(amount for _key, amount in moved) == [1_333_33, 4_333_33, 4_333_34]
    assert len({key for key, _amount in moved}) == till.calls(CREATE) == 3


def test_a_third_digit_that_stripe_does_not_take_is_a_persons(
    case: Case, till: Till
) -> None:
    request = agreed(case, 5_124, currency="KWD")
    case.known_to(till.sandbox)
    release(request, by=case.people.finance, at=till.at)
    till.work_for(rounds=2, minutes=1)
    (leg,) = legs_of(request)
    assert (leg.state, leg.code) == (LegState.NEEDS_ACTION, "data")
    assert till.moved() == []
    assert till.calls(CREATE) == 0
