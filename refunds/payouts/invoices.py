"""The gate before the money: what has to be reversed of which invoice, for a request.

Newest invoice first. Paper of this month (Asia/Shanghai) is voided, all else gets a
red-letter invoice. Locks: the request, then its contract's invoices in order of keys.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Invoice, User
from refunds.errors import NotPermitted, RefundError, Words
from refunds.guards import FINANCE, NOT_OWN_CUSTOMER
from refunds.models import InvoiceReversal, RefundRequest
from refunds.policy.calendar import local_day
from refunds.record.events import record
from refunds.states import State
from refunds.step import lock, step

TAX_ZONE = "Asia/Shanghai"
GATED = (State.AGREED, State.INVOICING, State.PAYING, State.PAYOUT_BLOCKED)
ENDED = (InvoiceReversal.State.DONE, InvoiceReversal.State.DROPPED)
Kind = InvoiceReversal.Kind


def begin_invoicing(request: RefundRequest, *, by: User | None, at: datetime) -> None:
    """The request waits for its invoices, and what has to be reversed is planned."""
    with transaction.atomic():
        with step(request, "correct_invoice", by=by, at=at):
            pass
        _plan(lock(request), by=by, at=at)


def plan(
    request: RefundRequest, *, by: User | None, at: datetime
) -> list[InvoiceReversal]:
    """Plans what is missing, and drops what fits its invoice no more; returns both.
    Raises RefundError where there is neither. `by` None: the system."""
    with transaction.atomic():
        locked = lock(request)
        if words := why_not_reverse(locked, by):
            raise NotPermitted(words)
        touched = _plan(locked, by=by, at=at)
        if not touched and _is_covered(locked):
            raise RefundError(_("Nothing more has to be planned for this request."))
        if not touched:
            raise RefundError(
                _(
                    "What is left of the invoices is planned for other requests of "
                    "this contract. Finish or drop those first."
                )
            )
    return touched


def why_not_reverse(request: RefundRequest, user: User | None) -> Words | None:
    """What keeps this person from reversing an invoice for this request now."""
    if user is not None and not FINANCE(request, user):
        return FINANCE.words
    if not NOT_OWN_CUSTOMER(request, user):
        return NOT_OWN_CUSTOMER.words
    if request.state not in GATED:
        return _(
            "An invoice is reversed between the agreement and the arrival of the money."
        )
    return None


def kind_for(invoice: Invoice, *, at: datetime, booked: bool = False) -> Kind:
    return Kind.RED_LETTER if why_not_void(invoice, at=at, booked=booked) else Kind.VOID


def why_not_void(
    invoice: Invoice, *, at: datetime, booked: bool = False
) -> Words | None:
    if invoice.kind != Invoice.Kind.PAPER:
        return _(
            "A fully digital invoice is never voided: a red-letter invoice is needed."
        )
    if booked:
        return _("The buyer has booked the invoice: a red-letter invoice is needed.")
    if invoice.reversed:
        return _(
            "Part of this invoice was reversed before: a red-letter invoice is needed."
        )
    today = local_day(at, time_zone=TAX_ZONE)
    if (invoice.issued_on.year, invoice.issued_on.month) != (today.year, today.month):
        return _(
            "The month has turned: a red-letter invoice is needed. Turn the void into "
            "one, then go on."
        )
    return None


def _is_covered(request: RefundRequest) -> bool:
    return request.to_be_reversed() <= sum(
        reversal.amount for reversal in open_reversals(request)
    )


def open_reversals(request: RefundRequest) -> list[InvoiceReversal]:
    rows = InvoiceReversal.objects.filter(request_id=request.pk)
    return list(rows.exclude(state__in=ENDED).order_by("pk"))


@dataclass(frozen=True)
class _Room:
    """What this request may still take of an invoice beside its own open reversal."""

    invoice: Invoice
    own: InvoiceReversal | None
    left: int


def _plan(
    request: RefundRequest, *, by: User | None, at: datetime
) -> list[InvoiceReversal]:
    """Under the request's lock."""
    rows = Invoice.objects.filter(contract_id=request.contract_id)
    invoices = {row.pk: row for row in rows.select_for_update().order_by("pk")}
    touched, own = [], {}
    for reversal in open_reversals(request):
        invoice = invoices[reversal.invoice_id]
        if reversal.amount <= invoice.amount - invoice.reversed:
            own[invoice.pk] = reversal
        else:
            drop_row(request, reversal, by=by, at=at)
            touched.append(reversal)
    missing = request.to_be_reversed() - sum(row.amount for row in own.values())
    for room in _rooms(request, invoices, own):
        take = min(missing, room.left)
        if take > 0 and (planned := _take(request, room, take, by=by, at=at)):
            touched.append(planned)
            missing -= take
    return touched


def _rooms(
    request: RefundRequest,
    invoices: dict[int, Invoice],
    own: dict[int, InvoiceReversal],
) -> list[_Room]:
    """Newest first; what other requests have planned is theirs."""
    others: dict[int, int] = defaultdict(int)
    theirs = InvoiceReversal.objects.filter(
        invoice__in=invoices, request__state__in=GATED
    )
    for row in theirs.exclude(state__in=ENDED).exclude(request_id=request.pk):
        others[row.invoice_id] += row.amount
    return [
        _Room(
            invoice,
            own.get(invoice.pk),
            invoice.amount
            - invoice.reversed
            - others[invoice.pk]
            - (own[invoice.pk].amount if invoice.pk in own else 0),
        )
        for invoice in sorted(
            invoices.values(), key=lambda row: (row.issued_on, row.pk), reverse=True
        )
    ]


def _take(
    request: RefundRequest, room: _Room, amount: int, *, by: User | None, at: datetime
) -> InvoiceReversal | None:
    """A new reversal, or more of one that nobody has begun."""
    reversal = room.own or InvoiceReversal(
        request=request,
        invoice=room.invoice,
        kind=kind_for(room.invoice, at=at),
        amount=0,
        planned_by=by,
        planned_at=at,
    )
    if reversal.state != InvoiceReversal.State.PLANNED:
        return None
    reversal.amount += amount
    reversal.save()
    tell(request, "reversal_planned", reversal, by=by, at=at)
    return reversal


def drop_row(
    request: RefundRequest,
    reversal: InvoiceReversal,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
) -> None:
    reversal.state = InvoiceReversal.State.DROPPED
    reversal.save(update_fields=["state"])
    tell(request, "reversal_dropped", reversal, by=by, at=at, reason=reason)


def tell(
    request: RefundRequest,
    kind: str,
    reversal: InvoiceReversal,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
) -> None:
    data: dict[str, Any] = {
        "reversal": reversal.pk,
        "invoice": reversal.invoice.number,
        "kind": str(reversal.kind),
        "amount": reversal.amount,
    }
    if reversal.number:
        data["number"] = reversal.number
    if reversal.slip_number and reversal.slip_until:
        data["slip"] = reversal.slip_number
        data["until"] = reversal.slip_until.isoformat()
    record(request, kind, by=by, at=at, reason=reason, data=data)


@contextmanager
def opened(
    reversal: InvoiceReversal, *, by: User
) -> Iterator[tuple[RefundRequest, InvoiceReversal]]:
    """One transaction, with request, invoice and reversal as they stand under their
    locks. Raises where this person may not, or somebody else was first."""
    with transaction.atomic():
        request = lock(reversal.request)
        if words := why_not_reverse(request, by):
            raise NotPermitted(words)
        invoice = Invoice.objects.select_for_update().get(pk=reversal.invoice_id)
        row = InvoiceReversal.objects.get(pk=reversal.pk)
        row.invoice = invoice
        if row.state in ENDED:
            raise _somebody_was_first(request, row)
        yield request, row


def _somebody_was_first(request: RefundRequest, row: InvoiceReversal) -> RefundError:
    ends = ("reversal_done", "reversal_dropped")
    last = request.events.filter(kind__in=ends, data__reversal=row.pk)
    event = last.select_related("actor").order_by("-position").first()
    return RefundError(
        _(
            "%(who)s was first: this reversal is “%(state)s” now. Nothing was changed "
            "by you."
        ),
        who=(event.actor if event else None) or "Makegood",
        state=row.get_state_display(),
    )
