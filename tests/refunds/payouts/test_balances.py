"""Never above what was paid: the balance rows, their constraint, several services."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from accounts.models import Payment, PaymentAllocation
from refunds.errors import OverRefund, RefundError
from refunds.models import (
    AllocationBalance,
    LegState,
    PaymentBalance,
    PayoutLeg,
    RefundRequest,
)
from refunds.models.balance import Balance
from refunds.payouts.balances import lock_accounts, reserve
from refunds.payouts.release import release
from refunds.payouts.split import Part
from refunds.states import State
from tests.factories import pay_for
from tests.people import Case, People, make_case
from tests.refunds.payouts.till import Till, balances, legs_of, state_of

AMOUNT, PAID = 10_000_00, 12_000_00
BALANCES: list[type[Balance]] = [PaymentBalance, AllocationBalance]
TABLES = [model._meta.db_table for model in BALANCES]


@pytest.fixture
def paid(case: Case) -> Case:
    """A payment with balances on which nothing happened yet."""
    lock_accounts(PaymentAllocation.objects.select_related("payment"))
    return case


@pytest.mark.database_rules
@pytest.mark.parametrize("table", TABLES)
def test_raw_sql_does_not_get_above_what_was_paid(table: str, paid: Case) -> None:
    with connection.cursor() as cursor:
        for change in (
            f"reserved = {PAID + 1}",
            f"refunded = {PAID + 1}",
            f"reserved = {PAID}, refunded = 1",
            "reserved = -1",
            "refunded = -1",
        ):
            with (
                pytest.raises(IntegrityError, match="never_over"),
                transaction.atomic(),
            ):
                cursor.execute(f"UPDATE {table} SET {change}")
        cursor.execute(f"UPDATE {table} SET reserved = captured")


@pytest.mark.database_rules
@pytest.mark.parametrize("model", BALANCES)
def test_a_bulk_update_does_not_get_above_what_was_paid(
    model: type[Balance], paid: Case
) -> None:
    rows = list(model._default_manager.all())
    with pytest.raises(IntegrityError), transaction.atomic():
        model._default_manager.update(reserved=F("captured") + 1)
    for row in rows:
        row.refunded = row.captured + 1
    with pytest.raises(IntegrityError), transaction.atomic():
        model._default_manager.bulk_update(rows, ["refunded"])
    assert balances() == {(0, 0)}


@pytest.mark.database_rules
def test_a_balance_can_not_begin_above_what_was_paid(case: Case) -> None:
    payment = Payment.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentBalance.objects.create(payment=payment, captured=5, reserved=6)


@pytest.mark.database_rules
@pytest.mark.parametrize("table", TABLES)
def test_a_balance_is_not_deleted_once_money_has_gone(table: str, paid: Case) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET refunded = captured")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(f"DELETE FROM {table}")


@pytest.mark.database_rules
@pytest.mark.parametrize("table", TABLES)
def test_what_was_captured_does_not_change(table: str, paid: Case) -> None:
    with (
        connection.cursor() as cursor,
        pytest.raises(IntegrityError),
        transaction.atomic(),
    ):
        cursor.execute(f"UPDATE {table} SET captured = captured + 1")


def test_a_reservation_above_what_is_left_is_refused_in_words(paid: Case) -> None:
    (account,) = lock_accounts(PaymentAllocation.objects.select_related("payment"))
    with pytest.raises(OverRefund, match="has only"):
        reserve(account, Part(account.allocation.pk, PAID + 1))
    assert balances() == {(0, 0)}


def test_a_release_reserves_what_it_will_send(released: RefundRequest) -> None:
    assert balances() == {(AMOUNT, 0)}
    assert [leg.amount for leg in legs_of(released)] == [AMOUNT]
    assert state_of(released) is State.PAYING


def test_a_payment_over_several_services_gives_each_its_own(
    case: Case, people: People, till: Till
) -> None:
    """One payment of 12 000.00: 11 000.00 for one service, 6 000.00 claimed of another
    that was given 1 000.00 of it and has another payment of its own."""
    shared = Payment.objects.get()
    case.service.allocations.update(amount=11_000_00)
    other = make_case(people, at=till.at)
    own = other.service.allocations.get()
    PaymentAllocation.objects.create(
        payment=shared, service=other.service, amount=1_000_00
    )
    Payment.objects.filter(pk=own.payment_id).update(
        paid_at=shared.paid_at - timedelta(days=1)
    )
    release(other.agreed(), by=people.finance, at=till.at)
    found = {leg.allocation.payment_id: leg.amount for leg in legs_of(other.request)}
    assert found == {shared.pk: 1_000_00, own.payment_id: 9_000_00}
    release(case.agreed(), by=people.finance, at=till.at)
    assert PaymentBalance.objects.get(pk=shared.pk).reserved == 11_000_00
    for one in (case, other):
        one.known_to(till.sandbox)
    till.work_for(rounds=4, seconds=11)
    assert sorted(amount for _key, amount in till.moved()) == [
        1_000_00,
        9_000_00,
        10_000_00,
    ]
    assert state_of(case.request) is state_of(other.request) is State.REFUNDED
    assert PaymentBalance.objects.get(pk=shared.pk).refunded == 11_000_00


def test_two_equal_partial_refunds_of_one_payment_are_both_paid(
    case: Case, people: People, till: Till
) -> None:
    """F11; and Alipay wants three seconds between them."""
    shared = Payment.objects.get()
    other = make_case(people, at=till.at)
    spare = other.service.allocations.get().payment
    other.service.allocations.update(payment=shared)
    spare.delete()
    Payment.objects.update(amount=20_000_00)
    for one in (case, other):
        release(one.agreed(), by=people.finance, at=till.at)
    case.known_to(till.sandbox)
    till.work()
    states = {leg.state for leg in PayoutLeg.objects.all()}
    assert states == {LegState.PROCESSING, LegState.PREPARED}
    till.work_for(rounds=4, seconds=11)
    assert sorted(till.moved()) == [
        ("RF2026000001L1A1", AMOUNT),
        ("RF2026000002L1A1", AMOUNT),
    ]
    assert PaymentBalance.objects.get().refunded == 2 * AMOUNT


def test_what_went_back_before_is_not_there_any_more(
    case: Case, people: People, till: Till
) -> None:
    request = case.agreed()
    lock_accounts(PaymentAllocation.objects.select_related("payment"))
    PaymentBalance.objects.update(refunded=PAID - AMOUNT + 1)
    with pytest.raises(RefundError, match="Not enough is left"):
        release(request, by=people.finance, at=till.at)
    assert state_of(request) is State.AGREED
    assert PayoutLeg.objects.count() == 0
    PaymentBalance.objects.update(refunded=PAID - AMOUNT)
    release(request, by=people.finance, at=till.at)
    assert balances() == {(AMOUNT, PAID - AMOUNT), (AMOUNT, 0)}


def test_the_newest_payment_gives_first(case: Case, people: People, till: Till) -> None:
    newest = pay_for(case.service, amount=19_99, paid_at=till.at - timedelta(days=2))
    release(case.agreed(), by=people.finance, at=till.at)
    first, second = legs_of(case.request)
    assert (first.allocation_id, first.amount) == (newest.pk, 19_99)
    assert second.amount == AMOUNT - 19_99
    assert [leg.key[-4:] for leg in (first, second)] == ["L1A1", "L2A1"]


def test_a_payment_in_dispute_gives_nothing(
    case: Case, people: People, till: Till
) -> None:
    request = case.agreed()
    Payment.objects.update(disputed=True)
    with pytest.raises(RefundError, match="dispute"):
        release(request, by=people.finance, at=till.at)
    assert state_of(request) is State.AGREED
