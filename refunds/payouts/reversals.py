"""An invoice is reversed: finance records the number, and the money may go on."""

import re
import unicodedata
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Invoice, User
from refunds.errors import RefundError
from refunds.models import InvoiceReversal, RefundRequest
from refunds.nudge import nudge
from refunds.payouts.follow import stuck_legs
from refunds.payouts.invoices import (
    TAX_ZONE,
    Kind,
    drop_row,
    kind_for,
    opened,
    tell,
    why_not_void,
)
from refunds.payouts.retry import retry
from refunds.policy.calendar import local_day
from refunds.states import State

DIGITAL_NUMBER = re.compile(r"[0-9]{20}")
LONGEST = 40
GATE_CLOSED = "invoice_gate_closed"
S = InvoiceReversal.State


def complete(
    reversal: InvoiceReversal,
    *,
    by: User,
    at: datetime,
    number: str,
    reissued_number: str = "",
) -> None:
    """Books what was reversed. A void takes all of the invoice back, and issues one
    for what remains. Raises RefundError; then nothing has changed."""
    with opened(reversal, by=by) as (request, row):
        _check_turn(row)
        check_fits(row)
        row.number = written(number, field="number")
        if row.kind == Kind.VOID:
            _void(row, reissued_number, at=at)
        else:
            _red_letter(row, reissued_number)
        row.invoice.save(update_fields=["reversed"])
        row.state, row.done_by, row.done_at = S.DONE, by, at
        _save_once(row, "number")
        tell(request, "reversal_done", row, by=by, at=at)
        _go_on(request, at=at)


def _check_turn(row: InvoiceReversal) -> None:
    if row.state == S.SLIP_WAITING:
        raise RefundError(
            _("The buyer has not confirmed the slip yet. Record that they have, first.")
        )
    if row.state == S.SLIP_LAPSED:
        raise RefundError(_("The slip has lapsed. Raise it again first."))
    if row.state == S.PLANNED and needs_slip(row):
        raise RefundError(
            _("The buyer has booked the invoice. Raise a slip for them to confirm.")
        )


def needs_slip(row: InvoiceReversal) -> bool:
    return row.buyer_booked and row.invoice.kind == Invoice.Kind.DIGITAL


def check_fits(row: InvoiceReversal) -> None:
    """Another request may have reversed it meanwhile."""
    if row.amount > row.invoice.amount - row.invoice.reversed:
        raise RefundError(
            _(
                "So much is not left of invoice %(number)s: it was reversed for "
                "another request meanwhile. Plan anew what this request needs."
            ),
            number=row.invoice.number,
        )


def _red_letter(row: InvoiceReversal, reissued_number: str) -> None:
    if reissued_number.strip():
        raise RefundError(
            _("A red-letter invoice leaves the rest as it is; nothing is issued anew."),
            field="reissued_number",
        )
    digital = row.invoice.kind == Invoice.Kind.DIGITAL
    if digital and not DIGITAL_NUMBER.fullmatch(row.number):
        raise RefundError(
            _("The number of a fully digital invoice has 20 digits."), field="number"
        )
    if Invoice.objects.filter(number=row.number).exists():
        raise RefundError(
            _("%(number)s is an invoice of its own; a red-letter one has another."),
            number=row.number,
            field="number",
        )
    row.invoice.reversed += row.amount


def _void(row: InvoiceReversal, reissued_number: str, *, at: datetime) -> None:
    invoice = row.invoice
    if words := why_not_void(invoice, at=at, booked=row.buyer_booked):
        raise RefundError(words)
    remains = invoice.amount - row.amount
    if remains:
        row.reissued = _reissued(invoice, remains, reissued_number, at=at)
    elif reissued_number.strip():
        raise RefundError(
            _("Nothing remains of this invoice, so none is issued anew."),
            field="reissued_number",
        )
    invoice.reversed = invoice.amount


def _reissued(voided: Invoice, remains: int, number: str, *, at: datetime) -> Invoice:
    """For what remains, tax in proportion, rounded half up."""
    tax = (2 * voided.tax * remains + voided.amount) // (2 * voided.amount)
    invoice = Invoice(
        number=written(number, field="reissued_number"),
        contract_id=voided.contract_id,
        kind=voided.kind,
        issued_on=local_day(at, time_zone=TAX_ZONE),
        amount=remains,
        tax=tax,
    )
    _save_once(invoice, "reissued_number")
    return invoice


def _save_once(row: InvoiceReversal | Invoice, field: str) -> None:
    """The database says whether the number was used before."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise RefundError(
            _("%(number)s was recorded before. Look at the number again."),
            number=row.number,
            field=field,
        ) from None


def written(number: str, *, field: str) -> str:
    """A number as people type it: full-width digits and outer blanks don't count."""
    plain = unicodedata.normalize("NFKC", number).strip()
    if not plain:
        raise RefundError(_("Write the number."), field=field)
    if len(plain) > LONGEST or not plain.isprintable():
        raise RefundError(
            _("A number has %(most)s letters and digits at most."),
            most=LONGEST,
            field=field,
        )
    return plain


def _go_on(request: RefundRequest, *, at: datetime) -> None:
    """What this gate alone held up goes on by itself, once it is open."""
    if not request.invoices_are_dealt_with():
        return
    nudge("pay_agreed")
    stuck = stuck_legs(request)
    held_by_gate = all(leg.code == GATE_CLOSED and not leg.sendings for leg in stuck)
    if request.state == State.PAYOUT_BLOCKED and stuck and held_by_gate:
        retry(request, by=None, at=at)


def as_red_letter(reversal: InvoiceReversal, *, by: User, at: datetime) -> None:
    """What can't be voided any more, or shall not be."""
    with opened(reversal, by=by) as (request, row):
        if row.kind == Kind.RED_LETTER:
            raise RefundError(_("This is a red-letter invoice already."))
        row.kind = Kind.RED_LETTER
        row.save(update_fields=["kind"])
        tell(request, "reversal_planned", row, by=by, at=at)


def set_buyer_booked(
    reversal: InvoiceReversal, *, by: User, at: datetime, booked: bool
) -> None:
    """Whether the buyer has booked or deducted the invoice; before a slip is raised."""
    with opened(reversal, by=by) as (request, row):
        if row.state not in (S.PLANNED, S.SLIP_LAPSED):
            raise RefundError(_("A slip was raised for it; that stands now."))
        if row.buyer_booked == booked:
            raise RefundError(_("That is what is recorded already."))
        row.buyer_booked = booked
        if not booked:
            row.state = S.PLANNED
        elif row.kind == Kind.VOID:
            row.kind = kind_for(row.invoice, at=at, booked=True)
        row.save(update_fields=["buyer_booked", "kind", "state"])
        words = (
            _("The buyer has booked the invoice.")
            if booked
            else _("The buyer has not booked the invoice.")
        )
        tell(request, "reversal_planned", row, by=by, at=at, reason=words)


def drop(reversal: InvoiceReversal, *, by: User, at: datetime, reason: str) -> None:
    """It is not needed after all. The gate stays shut as long as one is needed."""
    with opened(reversal, by=by) as (request, row):
        if not reason.strip():
            raise RefundError(_("Say why it is dropped."), field="reason")
        drop_row(request, row, by=by, at=at, reason=reason.strip())
        _go_on(request, at=at)
