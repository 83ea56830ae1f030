"""Invoices on the decision sheet: what has to be reversed, and the next step."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Invoice, User
from refunds.admin.reversal_steps import ReversalRow, row_of
from refunds.models import InvoiceReversal, RefundRequest
from refunds.payouts.invoices import ENDED, GATED, why_not_reverse


@dataclass(frozen=True)
class InvoiceRow:
    """`others`: reversals of it for other requests of the contract."""

    invoice: Invoice
    own: list[ReversalRow]
    others: list[InvoiceReversal]

    @property
    def left(self) -> int:
        return self.invoice.amount - self.invoice.reversed


@dataclass(frozen=True)
class InvoicesPanel:
    """`wanted`: still to be reversed for this request; `missing`: of that, not even
    planned yet."""

    rows: list[InvoiceRow]
    wanted: int
    missing: int
    may: bool


def reversals_on(request: RefundRequest) -> QuerySet[InvoiceReversal]:
    """Of the contract's invoices, for whatever request."""
    found = InvoiceReversal.objects.filter(invoice__contract_id=request.contract_id)
    related = ("invoice", "request", "done_by", "reissued")
    return found.select_related(*related).order_by("pk")


def invoices_panel(
    request: RefundRequest,
    user: User,
    *,
    at: datetime,
    invoices: Iterable[Invoice],
    reversals: Iterable[InvoiceReversal],
) -> InvoicesPanel:
    gated = request.state in GATED
    may = gated and why_not_reverse(request, user) is None
    rows = []
    for invoice in invoices:
        of_it = [row for row in reversals if row.invoice_id == invoice.pk]
        own = [row for row in of_it if row.request_id == request.pk]
        others = [row for row in of_it if row.request_id != request.pk]
        drawn = [row_of(row, user, at=at, may=may) for row in own]
        rows.append(InvoiceRow(invoice, drawn, others))
    wanted = request.to_be_reversed() if gated and rows else 0
    planned = sum(
        row.amount
        for row in reversals
        if row.request_id == request.pk and row.state not in ENDED
    )
    return InvoicesPanel(rows, wanted, max(0, wanted - planned), may)
