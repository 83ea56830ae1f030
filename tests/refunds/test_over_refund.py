"""F10. Several refunds of the same payment at the same moment: never above what was
paid; the gateway is never asked for more."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Payment, PaymentAllocation
from refunds.errors import RefundError
from refunds.models import AllocationBalance, PaymentBalance, PayoutLeg, RefundRequest
from refunds.payouts.balances import Account, lock_accounts
from refunds.payouts.release import release
from tests.factories import ServiceFactory, pay_for
from tests.people import Case, make_case, make_people
from tests.refunds.together import at_once, queued_behind, queued_while

pytestmark = pytest.mark.postgres
AMOUNT, PAID = 10_000_00, 12_000_00


def share_one_payment(cases: list[Case], *, amount: int) -> Payment:
    """Each service was given more of it than there is for all."""
    shared = Payment.objects.order_by("pk")[0]
    Payment.objects.filter(pk=shared.pk).update(amount=amount)
    PaymentAllocation.objects.update(payment=shared)
    Payment.objects.exclude(pk=shared.pk).delete()
    return Payment.objects.get()


def make_balances(allocations: QuerySet[PaymentAllocation]) -> list[Account]:
    with transaction.atomic():
        return lock_accounts(allocations.select_related("payment"))


@pytest.mark.parametrize("balances_exist", [True, False])
def test_of_six_releases_as_many_win_as_there_is_money_for(
    balances_exist: bool,  # noqa: FBT001
    committed: None,
    now: datetime,
) -> None:
    people = make_people()
    cases = [make_case(people, at=now) for _each in range(6)]
    payment = share_one_payment(cases, amount=2 * AMOUNT + PAID - AMOUNT)
    requests = [case.agreed() for case in cases]
    releases = [
        partial(release, request, by=people.finance, at=now) for request in requests
    ]
    if balances_exist:
        make_balances(PaymentAllocation.objects.all())
        balance = PaymentBalance.objects.get()
        answers = queued_behind([balance], *releases)
    else:
        answers = at_once(*releases)
    refused = [answer for answer in answers if isinstance(answer, RefundError)]
    assert len(refused) == 4
    assert {str(refusal) for refusal in refused} == {
        "Not enough is left of the payments; one may be in dispute."
    }
    balance = PaymentBalance.objects.get(pk=payment.pk)
    assert (balance.reserved, balance.refunded) == (2 * AMOUNT, 0)
    assert sum(PayoutLeg.objects.values_list("amount", flat=True)) == 2 * AMOUNT
    own = AllocationBalance.objects.values_list("reserved", flat=True)
    assert sorted(own)[-2:] == [AMOUNT, AMOUNT]
    assert sum(own) == 2 * AMOUNT
    assert RefundRequest.objects.filter(state="paying").count() == 2
    assert RefundRequest.objects.filter(state="agreed", payout=None).count() == 4


def test_services_that_share_payments_do_not_wait_for_each_other_in_a_circle(
    committed: None, now: datetime
) -> None:
    """The first refunds of two services paid by the same instalments, which were
    imported in opposite orders."""
    one, other = ServiceFactory.create(), ServiceFactory.create()
    payments = [
        pay_for(one, amount=2, paid_at=now - timedelta(days=9)).payment
        for _each in range(3)
    ]
    for payment in reversed(payments):
        PaymentAllocation.objects.create(payment=payment, service=other, amount=1)
    rows = PaymentAllocation.objects.order_by("pk")
    found = queued_while(
        lambda: PaymentBalance.objects.create(payment=payments[1], captured=2),
        lambda: len(make_balances(rows.filter(service=one))),
        lambda: len(make_balances(rows.filter(service=other))),
    )
    assert found == [3, 3]
