"""What is left of each payment. Always under the rows' locks, in the order of keys.

Lock order everywhere: request, leg, payment balances, allocation balances.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F

from accounts.models import PaymentAllocation
from refunds.errors import OverRefund
from refunds.models import AllocationBalance, PaymentBalance, PayoutLeg
from refunds.payouts.split import Part


@dataclass(frozen=True)
class Account:
    """An allocation with the two locked balances that bound it."""

    allocation: PaymentAllocation
    payment: PaymentBalance
    own: AllocationBalance

    @property
    def left(self) -> int:
        return min(self.payment.left, self.own.left)


def lock_accounts(allocations: Iterable[PaymentAllocation]) -> list[Account]:
    """Makes missing balance rows, then locks them all; both in the order of keys."""
    rows = list(allocations)
    PaymentBalance.objects.bulk_create(
        (
            PaymentBalance(payment_id=row.payment_id, captured=row.payment.amount)
            for row in sorted(rows, key=lambda row: row.payment_id)
        ),
        ignore_conflicts=True,
    )
    AllocationBalance.objects.bulk_create(
        (
            AllocationBalance(allocation=row, captured=row.amount)
            for row in sorted(rows, key=lambda row: row.pk)
        ),
        ignore_conflicts=True,
    )
    payments = PaymentBalance.objects.select_for_update().order_by("pk")
    own = AllocationBalance.objects.select_for_update().order_by("pk")
    by_payment = {b.pk: b for b in payments.filter(pk__in={r.payment_id for r in rows})}
    by_allocation = {b.pk: b for b in own.filter(pk__in={r.pk for r in rows})}
    return [
        Account(row, by_payment[row.payment_id], by_allocation[row.pk]) for row in rows
    ]


def reserve(account: Account, part: Part) -> None:
    """The CHECK constraint is the last word; this says it in words before."""
    if part.amount > account.left:
        raise OverRefund(payment=account.allocation.payment, left=account.left)
    for balance in (account.payment, account.own):
        balance.reserved = F("reserved") + part.amount
        balance.save(update_fields=["reserved"])


def book(leg: PayoutLeg) -> None:
    """What was under way has gone back."""
    _shift(leg, reserved=-leg.amount, refunded=leg.amount)


def free(leg: PayoutLeg) -> None:
    """Proven that nothing moved and nothing can."""
    _shift(leg, reserved=-leg.amount, refunded=0)


def _shift(leg: PayoutLeg, *, reserved: int, refunded: int) -> None:
    (account,) = lock_accounts(
        PaymentAllocation.objects.select_related("payment").filter(pk=leg.allocation_id)
    )
    for balance in (account.payment, account.own):
        balance.reserved = F("reserved") + reserved
        balance.refunded = F("refunded") + refunded
        balance.save(update_fields=["reserved", "refunded"])
