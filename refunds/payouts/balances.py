"""What is left of each payment. Always under the rows' locks, in the order of keys.

Lock order everywhere: request, leg, payment balances, allocation balances.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Sum

from accounts.models import Payment, PaymentAllocation
from refunds.errors import OverRefund
from refunds.models import (
    AllocationBalance,
    LegState,
    OutsideRefund,
    PaymentBalance,
    PayoutLeg,
)
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


def lock_payment(payment: Payment) -> PaymentBalance:
    """The payment's own balance, made where it is missing; nobody else's until the
    transaction ends. Disputes and the sending of legs take turns by it."""
    locked = PaymentBalance.objects.select_for_update()
    found = locked.filter(pk=payment.pk).first()
    if found is None:
        PaymentBalance.objects.bulk_create(
            [PaymentBalance(payment=payment, captured=payment.amount)],
            ignore_conflicts=True,
        )
        found = locked.get(pk=payment.pk)
    return found


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


def come_back(leg: PayoutLeg) -> None:
    """What had gone back is with us again."""
    _shift(leg, reserved=0, refunded=-leg.amount)


def doubt(leg: PayoutLeg) -> None:
    """What counted as gone back is under way again, until somebody knows."""
    _shift(leg, reserved=leg.amount, refunded=-leg.amount)


def book_outside(refund: OutsideRefund, *, sign: int = 1) -> None:
    """A refund that was made without us, or with `sign` -1 was not made after all.
    Where the payment is for one service alone, it is that service's too.

    Raises OverRefund where more would be gone than was paid: then something of ours
    is on its way too, and a person has to look.
    """
    amount = sign * refund.amount
    balance = lock_payment(refund.payment)
    if amount > balance.left:
        raise OverRefund(payment=refund.payment, left=balance.left)
    balance.refunded = F("refunded") + amount
    balance.save(update_fields=["refunded"])
    allocations = list(refund.payment.allocations.select_related("payment"))
    if len(allocations) == 1:
        (account,) = lock_accounts(allocations)
        more = min(amount, account.own.left) if sign > 0 else -_booked_over(account)
        account.own.refunded = F("refunded") + more
        account.own.save(update_fields=["refunded"])


def _booked_over(account: Account) -> int:
    """What the service's own balance counts beyond its legs and what else went back
    elsewhere: its share of what is taken back, which may have been less than the whole.
    """
    legs = PayoutLeg.objects.filter(
        allocation=account.allocation, state=LegState.SUCCEEDED
    )
    others = OutsideRefund.objects.filter(
        payment=account.payment.payment_id, taken_back_at=None
    )
    counted = sum(
        rows.aggregate(sum=Sum("amount"))["sum"] or 0 for rows in (legs, others)
    )
    return max(0, account.own.refunded - counted)


def _shift(leg: PayoutLeg, *, reserved: int, refunded: int) -> None:
    """Both rows are there since the leg reserved its amount. An update locks its row
    as a look would, and holds it as long."""
    changes = {
        "reserved": F("reserved") + reserved,
        "refunded": F("refunded") + refunded,
    }
    payment, allocation = leg.allocation.payment_id, leg.allocation_id
    for balance in (
        PaymentBalance.objects.filter(pk=payment),
        AllocationBalance.objects.filter(pk=allocation),
    ):
        if balance.update(**changes) != 1:
            raise balance.model.DoesNotExist(leg.key)
