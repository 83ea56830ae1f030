"""A refund that somebody made in the provider's portal: booked against its payment,
once, so that what we release afterwards can't exceed what was paid."""

from datetime import datetime

from django.db import transaction

from accounts.models import Payment, User
from refunds.models import OutsideRefund
from refunds.payouts.balances import book_outside, lock_payment


def book_portal(
    payment: Payment,
    *,
    reference: str,
    amount: int,
    happened_at: datetime,
    by: User | None,
    at: datetime,
) -> bool:
    """Whether it was booked now. What is booked stays; what a person took back only a
    person books again. Raises OverRefund; then nothing is booked."""
    with transaction.atomic():
        lock_payment(payment)
        found = _found(payment, reference)
        if found is None:
            found = OutsideRefund(
                payment=payment,
                cause=OutsideRefund.Cause.PORTAL,
                reference=reference,
                amount=amount,
                happened_at=happened_at,
            )
        elif found.taken_back_at is None or by is None:
            return False
        found.booked_at, found.booked_by, found.taken_back_at = at, by, None
        found.save()
        book_outside(found)
    return True


def unbook_portal(payment: Payment, *, reference: str, at: datetime) -> bool:
    """Whether it was booked until now; the balance has that money again."""
    with transaction.atomic():
        lock_payment(payment)
        found = _found(payment, reference)
        if found is None or found.taken_back_at is not None:
            return False
        found.taken_back_at = at
        found.save(update_fields=["taken_back_at"])
        book_outside(found, sign=-1)
    return True


def booked(payment: Payment, *, reference: str) -> OutsideRefund | None:
    """As it counts now."""
    found = _found(payment, reference)
    return found if found and found.taken_back_at is None else None


def _found(payment: Payment, reference: str) -> OutsideRefund | None:
    return OutsideRefund.objects.filter(
        payment=payment, cause=OutsideRefund.Cause.PORTAL, reference=reference
    ).first()
