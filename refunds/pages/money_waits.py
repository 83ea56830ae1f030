"""Why the money of a request waits, in sentences for the customer: an invoice that is
being corrected, a payment in dispute."""

from django.utils.translation import gettext as _

from refunds.models import InvoiceReversal, RefundRequest
from refunds.states import State
from refunds.templatetags.makegood import when_plain

WAITING = (State.AGREED, State.INVOICING, State.PAYING, State.PAYOUT_BLOCKED)
S = InvoiceReversal.State


def why_money_waits(request: RefundRequest) -> list[str]:
    """First what the customer has to do."""
    if request.state not in WAITING:
        return []
    return [*_invoices(request), *_disputes(request)]


def _invoices(request: RefundRequest) -> list[str]:
    rows = request.invoice_reversals.exclude(state__in=(S.DONE, S.DROPPED))
    found = list(rows.select_related("invoice"))
    slips = [row for row in found if row.state == S.SLIP_WAITING]
    asks = [
        _(
            "Invoice %(invoice)s is being corrected: please confirm slip %(slip)s on "
            "the tax platform by %(when)s, or it lapses and has to be raised again."
        )
        % {
            "invoice": row.invoice.number,
            "slip": row.slip_number,
            "when": when_plain(row.slip_until),
        }
        for row in slips
    ]
    others = sorted({row.invoice.number for row in found if row not in slips})
    return asks + [
        _(
            "Invoice %(invoice)s is being corrected before the money goes back. "
            "You have nothing to do for that."
        )
        % {"invoice": number}
        for number in others
    ]


def _disputes(request: RefundRequest) -> list[str]:
    allocations = request.service.allocations.filter(payment__disputed=True)
    numbers = allocations.values_list("payment__trade_number", flat=True)
    return [
        _(
            "Payment %(payment)s is in dispute at the bank or provider that it was "
            "made with. Until that has ended, it is not refunded."
        )
        % {"payment": number}
        for number in numbers.order_by("payment__trade_number")
    ]
