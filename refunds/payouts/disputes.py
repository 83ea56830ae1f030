"""A payment in dispute: nothing of it is sent any more, until that has ended.

Locks: the requests concerned in order of keys, their legs, then the payment. Who sends
takes the payment's lock too, and reads it anew.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.access import membership_of
from accounts.models import Payment, Role, User
from refunds.errors import NotPermitted, OverRefund, RefundError, Words
from refunds.guards import FINANCE, NOT_OWN_CUSTOMER
from refunds.models import Dispute, LegState, OutsideRefund, PayoutLeg, RefundRequest
from refunds.payouts.balances import book_outside, lock_payment
from refunds.payouts.outcome import block
from refunds.record.events import record
from refunds.states import OPEN
from refunds.step import lock

IN_DISPUTE = "in_dispute"
# What could be sent still. What is in the air is asked about as ever.
NOT_SENT = (LegState.PREPARED, LegState.HELD)
LONGEST = 64


def record_dispute(
    payment: Payment,
    *,
    by: User,
    at: datetime,
    reference: str,
    amount: int,
    reason: str,
    opened_at: datetime,
) -> Dispute:
    """Once this has returned, nothing of the payment enters `sending`. Raises
    RefundError for what can't be; then nothing has changed."""
    if words := why_not_dispute(payment, by):
        raise NotPermitted(words)
    reference = _checked(payment, reference, amount, opened_at=opened_at, at=at)
    with transaction.atomic():
        requests = list(_concerned(payment).select_for_update(of=("self",)))
        legs = PayoutLeg.objects.select_for_update(of=("self",)).order_by("pk")
        waiting = list(
            legs.filter(allocation__payment=payment, state__in=NOT_SENT).select_related(
                "payout__request"
            )
        )
        lock_payment(payment)
        dispute = _kept(
            Dispute(
                payment=payment,
                reference=reference,
                amount=amount,
                reason=reason.strip()[:200],
                opened_at=opened_at,
                recorded_by=by,
            )
        )
        Payment.objects.filter(pk=payment.pk).update(disputed=True)
        for request in requests:
            _tell(request, "dispute_recorded", dispute, by=by, at=at)
        for leg in waiting:
            block(lock(leg.payout.request), leg, IN_DISPUTE, at=at)
    return dispute


def end_dispute(dispute: Dispute, *, by: User, at: datetime, outcome: str) -> None:
    """Lost: the bank gave the money back, which is booked. Either way the payment is
    free, unless another dispute of it is open; what was held up may be tried again."""
    if words := why_not_dispute(dispute.payment, by):
        raise NotPermitted(words)
    if outcome not in (Dispute.Outcome.WON, Dispute.Outcome.LOST):
        raise RefundError(_("Say who it was decided for."), field="outcome")
    with transaction.atomic():
        requests = list(_concerned(dispute.payment).select_for_update(of=("self",)))
        lock_payment(dispute.payment)
        ended = Dispute.objects.filter(pk=dispute.pk, outcome="")
        if not ended.update(outcome=outcome, ended_at=at, ended_by=by):
            raise _somebody_was_first(dispute)
        kept = Dispute.objects.select_related("payment").get(pk=dispute.pk)
        if outcome == Dispute.Outcome.LOST:
            _book_lost(kept, by=by, at=at)
        others = Dispute.objects.filter(payment=kept.payment, outcome="")
        Payment.objects.filter(pk=kept.payment_id).update(disputed=others.exists())
        for request in requests:
            _tell(request, "dispute_ended", kept, by=by, at=at)


def why_not_dispute(payment: Payment, user: User) -> Words | None:
    """What keeps this person from recording what happened to this payment."""
    if not user.has_role(Role.FINANCE):
        return FINANCE.words
    if membership_of(user, payment.customer_id) is not None:
        return NOT_OWN_CUSTOMER.words
    return None


def _checked(
    payment: Payment, reference: str, amount: int, *, opened_at: datetime, at: datetime
) -> str:
    plain = reference.strip()
    if not plain or len(plain) > LONGEST or not plain.isprintable():
        raise RefundError(
            _("Write the number that the provider gave the dispute."), field="reference"
        )
    if not 0 < amount <= payment.amount:
        raise RefundError(
            _("The dispute is about more than nothing, and no more than was paid."),
            field="amount",
        )
    if not payment.paid_at <= opened_at <= at:
        raise RefundError(
            _("A dispute is opened after the payment, and not in the future."),
            field="opened_at",
        )
    return plain


def _concerned(payment: Payment) -> QuerySet[RefundRequest]:
    """Open requests whose money comes from this payment, in order of keys."""
    services = payment.allocations.values("service")
    rows: QuerySet[RefundRequest] = RefundRequest.objects.filter(
        state__in=OPEN, service__in=services
    )
    return rows.order_by("pk")


def _kept(dispute: Dispute) -> Dispute:
    try:
        with transaction.atomic():
            dispute.save(force_insert=True)
    except IntegrityError:
        raise RefundError(
            _("Dispute %(reference)s of this payment was recorded before."),
            reference=dispute.reference,
            field="reference",
        ) from None
    return dispute


def _book_lost(dispute: Dispute, *, by: User, at: datetime) -> None:
    balance = lock_payment(dispute.payment)
    amount = dispute.amount
    if not balance.reserved:
        # Refunded and charged back: no more can be gone of it than was paid.
        amount = min(amount, balance.left)
    if not amount:
        return
    try:
        with transaction.atomic():
            refund = OutsideRefund.objects.create(
                payment=dispute.payment,
                cause=OutsideRefund.Cause.DISPUTE,
                reference=dispute.reference,
                amount=amount,
                happened_at=at,
                booked_at=at,
                booked_by=by,
            )
            book_outside(refund)
    except OverRefund:
        raise RefundError(
            _(
                "The payer got more back through their bank than is left of payment "
                "%(payment)s: a refund of ours counts against it too. Find out what "
                "became of that refund and record the finding; then end the dispute."
            ),
            payment=dispute.payment,
        ) from None
    except IntegrityError:
        raise RefundError(
            _("What went back for dispute %(reference)s was booked before."),
            reference=dispute.reference,
        ) from None


def _somebody_was_first(dispute: Dispute) -> RefundError:
    ended = Dispute.objects.select_related("ended_by").get(pk=dispute.pk)
    assert ended.ended_at is not None
    return RefundError(
        _(
            "%(who)s was first: at %(when)s the dispute was ended: %(outcome)s. "
            "Nothing was changed by you."
        ),
        who=ended.ended_by or "Makegood",
        when=date_format(localtime(ended.ended_at), "Y-m-d H:i"),
        outcome=ended.get_outcome_display(),
    )


def _tell(
    request: RefundRequest, kind: str, dispute: Dispute, *, by: User, at: datetime
) -> None:
    data = {
        "payment": dispute.payment.trade_number,
        "reference": dispute.reference,
        "amount": dispute.amount,
    }
    if dispute.outcome:
        data["outcome"] = str(dispute.outcome)
    record(request, kind, by=by, at=at, reason=dispute.reason, data=data)
