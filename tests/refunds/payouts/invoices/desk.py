"""Finance at its desk: invoices of a case, and what is reversed of them."""

from datetime import UTC, date, datetime
from itertools import count

from accounts.models import Invoice
from refunds.models import InvoiceReversal, RefundRequest, Threshold
from refunds.payouts.invoices import begin_invoicing
from refunds.payouts.reversals import set_buyer_booked
from tests.people import Case

# The case is agreed on at 10:00 in Beijing on 16 November 2026.
THIS_MONTH, LAST_MONTH = date(2026, 11, 3), date(2026, 10, 28)
LAST_MOMENT = datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)
MONTH_TURNED = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
RED = "26312000000000000001"
PAPER, DIGITAL = Invoice.Kind.PAPER, Invoice.Kind.DIGITAL
_numbers = count(1)


def issue(
    case: Case,
    amount: int,
    *,
    kind: str = DIGITAL,
    on: date = THIS_MONTH,
    tax: int = 0,
) -> Invoice:
    return Invoice.objects.create(
        number=f"2531200000{next(_numbers):010d}",
        contract=case.service.contract,
        kind=kind,
        issued_on=on,
        amount=amount,
        tax=tax,
    )


def invoicing(case: Case) -> RefundRequest:
    """10 000.00 agreed on; what has to be reversed first is planned."""
    begin_invoicing(case.agreed(), by=case.people.finance, at=case.at)
    return case.request


def planned(
    case: Case, *, kind: str = DIGITAL, on: date = THIS_MONTH
) -> InvoiceReversal:
    issue(case, 12_000_00, kind=kind, on=on, tax=679_25)
    return reversal_of(invoicing(case))


def booked(case: Case) -> InvoiceReversal:
    """Digital, and in the buyer's books."""
    reversal = planned(case)
    set_buyer_booked(reversal, by=case.people.finance, at=case.at, booked=True)
    return again(reversal)


def reversal_of(request: RefundRequest) -> InvoiceReversal:
    return InvoiceReversal.objects.get(request=request)


def again(reversal: InvoiceReversal) -> InvoiceReversal:
    return InvoiceReversal.objects.select_related("invoice").get(pk=reversal.pk)


def taken(request: RefundRequest) -> list[tuple[str, str, int]]:
    """Kind, state and amount of each reversal, as planned."""
    rows = InvoiceReversal.objects.filter(request=request).order_by("pk")
    return list(rows.values_list("kind", "state", "amount"))


def reversed_of(invoice: Invoice) -> int:
    return Invoice.objects.get(pk=invoice.pk).reversed


def releases_itself_below(amount: int) -> None:
    Threshold.objects.filter(currency="CNY").update(release_below=amount)
