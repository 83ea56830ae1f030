"""A line without a leg of ours: somebody gave that money back elsewhere. It is booked
against its payment at once, or the guard against refunding too much is wrong."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Payment, User
from refunds.errors import OverRefund, RefundError
from refunds.models import (
    Discrepancy,
    LegState,
    Merchant,
    OutsideRefund,
    PayoutLeg,
    StatementLine,
)
from refunds.payouts.beside import chunks, stated_in
from refunds.payouts.found import says
from refunds.payouts.matching import Stated
from refunds.payouts.outside import book_portal, booked
from refunds.payouts.statement_days import BEIJING

RELATED = ("merchant", "payment", "leg__allocation__payment")


def book_waiting(merchant: Merchant, *, at: datetime) -> int:
    """What is open and not booked is tried, each alone; what has no room says so."""
    rows = Discrepancy.objects.filter(
        merchant=merchant,
        kind=Discrepancy.Kind.NOT_OURS,
        outcome=Discrepancy.Outcome.OPEN,
        leg=None,
    ).exclude(words__startswith=says("booked"))
    found = list(rows.select_related(*RELATED))
    _find_payments(merchant, [row for row in found if row.payment is None])
    known = [row for row in found if row.payment]
    known.sort(key=lambda row: (row.payment_id, row.pk))
    return sum(_book_alone(row, at) for row in known)


def _find_payments(merchant: Merchant, rows: list[Discrepancy]) -> None:
    """A payment may have been imported since; the subject begins with its number."""
    numbers = {row.pk: row.subject.rpartition(":")[0] for row in rows}
    payments = payments_by_number(merchant, set(numbers.values()))
    unknown = []
    for row in rows:
        row.payment = payments.get(numbers[row.pk])
        if row.payment is None and not row.words:
            unknown.append(row.pk)
    Discrepancy.objects.filter(pk__in=unknown, words="").update(
        words=says("no_payment")
    )


def payments_by_number(merchant: Merchant, numbers: set[str]) -> dict[str, Payment]:
    rows = Payment.objects.filter(route=merchant.route)
    return {
        payment.trade_number: payment
        for some in chunks(sorted(numbers - {""}))
        for payment in rows.filter(trade_number__in=some)
    }


def _book_alone(row: Discrepancy, at: datetime) -> bool:
    line = line_of(row)
    if line is None:
        return False
    obstacle = _obstacle(row, line)
    if not obstacle:
        try:
            book(row, line, by=None, at=at)
        except OverRefund:
            obstacle = "no_room"
    day = f"{at.astimezone(BEIJING):%Y-%m-%d}"
    words = says(obstacle) if obstacle else says("booked", day)
    open_ones = Discrepancy.objects.filter(pk=row.pk, outcome=Discrepancy.Outcome.OPEN)
    open_ones.update(words=words, payment=row.payment)
    return not obstacle


def _obstacle(row: Discrepancy, line: Stated) -> str:
    assert row.payment is not None
    if line.currency != row.payment.currency:
        return "currency"
    return "" if line.key or not _may_be_ours(row.payment, line) else "perhaps_ours"


def _may_be_ours(payment: Payment, line: Stated) -> bool:
    """A line without a key, and a leg of the same sum that no line has."""
    sent = PayoutLeg.objects.filter(
        allocation__payment=payment, amount=line.amount, sendings__gt=0
    )
    gone = (LegState.FAILED, LegState.ROUTE_CLOSED, LegState.REVERSED)
    return sent.exclude(state__in=gone).filter(statement_lines=None).exists()


def book(
    discrepancy: Discrepancy, line: Stated, *, by: User | None, at: datetime
) -> Payment:
    """The payment that it is booked against, once. Raises OverRefund or RefundError."""
    found = payments_by_number(discrepancy.merchant, {line.trade_number})
    payment = discrepancy.payment or found.get(line.trade_number)
    if payment is None:
        raise RefundError(
            _(
                "No payment of ours has the transaction number %(number)s. Import the "
                "payment first, or end this with what you found out."
            ),
            number=line.trade_number or "–",
        )
    if payment.currency != line.currency:
        raise RefundError(
            _(
                "The payment was made in %(ours)s, the line is in %(theirs)s. It can't "
                "be booked; correct whichever is wrong, or end this."
            ),
            ours=payment.currency,
            theirs=line.currency,
        )
    book_portal(
        payment,
        reference=line.reference,
        amount=line.amount,
        happened_at=line.at,
        by=by,
        at=at,
    )
    return payment


def booked_for(discrepancy: Discrepancy) -> OutsideRefund | None:
    line = line_of(discrepancy)
    if discrepancy.payment is None or line is None:
        return None
    return booked(discrepancy.payment, reference=line.reference)


def line_of(discrepancy: Discrepancy) -> Stated | None:
    """The line that it is about, as it was stated first."""
    if discrepancy.theirs is None:
        return None
    rows = StatementLine.objects.filter(
        file__merchant=discrepancy.merchant_id,
        file__day=discrepancy.day,
        amount=discrepancy.theirs,
    ).order_by("pk")
    about = discrepancy.subject
    found = (line for line in stated_in(rows) if about in (line.key, line.subject))
    return next(found, None)
