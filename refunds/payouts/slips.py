"""A buyer who has booked a digital invoice confirms a slip within 72 hours, or it
lapses and is raised again."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Invoice, User
from refunds.errors import RefundError
from refunds.models import InvoiceReversal
from refunds.payouts.invoices import opened, tell
from refunds.payouts.reversals import check_fits, written
from refunds.step import lock

TO_CONFIRM = timedelta(hours=72)
BATCH = 200
S = InvoiceReversal.State


def raise_slip(
    reversal: InvoiceReversal, *, by: User, at: datetime, slip_number: str
) -> None:
    with opened(reversal, by=by) as (request, row):
        if row.invoice.kind != Invoice.Kind.DIGITAL:
            raise RefundError(_("Only a fully digital invoice needs a slip."))
        if not row.buyer_booked:
            raise RefundError(
                _(
                    "Nobody has to confirm: the buyer has not booked the invoice. "
                    "Issue the red-letter invoice, or record first that they have."
                )
            )
        if row.state not in (S.PLANNED, S.SLIP_LAPSED):
            raise RefundError(_("A slip was raised for it already."))
        check_fits(row)
        number = written(slip_number, field="slip_number")
        if number == row.slip_number:
            raise RefundError(
                _("This slip has lapsed; the new one has another number."),
                field="slip_number",
            )
        row.slip_number, row.slip_until = number, at + TO_CONFIRM
        row.state = S.SLIP_WAITING
        row.save(update_fields=["slip_number", "slip_until", "state"])
        tell(request, "slip_raised", row, by=by, at=at)


def confirm_slip(reversal: InvoiceReversal, *, by: User, at: datetime) -> None:
    """Finance records that the buyer has confirmed."""
    with opened(reversal, by=by) as (request, row):
        lapsed = row.slip_until is not None and at >= row.slip_until
        if row.state == S.SLIP_LAPSED or (row.state == S.SLIP_WAITING and lapsed):
            raise RefundError(
                _(
                    "The 72 hours are over and slip %(slip)s has lapsed: what is "
                    "confirmed now counts for nothing. Raise it again."
                ),
                slip=row.slip_number,
            )
        if row.state != S.SLIP_WAITING:
            raise RefundError(_("No slip waits to be confirmed."))
        row.state = S.SLIP_CONFIRMED
        row.save(update_fields=["state"])
        tell(request, "slip_confirmed", row, by=by, at=at)


def lapse_slips(*, at: datetime) -> int:
    """Returns how many lapsed. Twice changes nothing."""
    over = InvoiceReversal.objects.filter(state=S.SLIP_WAITING, slip_until__lte=at)
    rows = over.select_related("request").order_by("slip_until")[:BATCH]
    return sum(_lapse(row, at=at) for row in rows)


def _lapse(reversal: InvoiceReversal, *, at: datetime) -> bool:
    with transaction.atomic():
        request = lock(reversal.request)
        row = InvoiceReversal.objects.select_related("invoice").get(pk=reversal.pk)
        if row.state != S.SLIP_WAITING or not row.slip_until or at < row.slip_until:
            return False
        row.state = S.SLIP_LAPSED
        row.save(update_fields=["state"])
        tell(request, "slip_lapsed", row, by=None, at=at)
    return True
