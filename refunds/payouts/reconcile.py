"""One merchant's day: the route's statement beside our legs, both ways. Running it
again, or twice at once, changes nothing."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Payment
from refunds.gateways.base import FileGateway, Line
from refunds.gateways.registry import gateway_of
from refunds.models import Discrepancy, Merchant, PayoutLeg
from refunds.payouts.bank_files import settle_from_lines
from refunds.payouts.beside import legs_by_key, lines_of, ours
from refunds.payouts.booking import book_waiting, payments_by_number
from refunds.payouts.found import end_returned, end_stated, note
from refunds.payouts.hints import ask_soon
from refunds.payouts.matching import Finding, Matching, Stated, match
from refunds.payouts.statement_days import BY_REQUEST

Legs = dict[str, PayoutLeg]


def reconcile(merchant: Merchant, day: date, *, at: datetime) -> Matching:
    """What came of comparing; what does not agree is written down, what explains
    itself ends, and what was refunded elsewhere is booked."""
    with transaction.atomic():
        found = compare(merchant, day, at=at)
    follow_up(merchant, found, at=at)
    return found


def compare(merchant: Merchant, day: date, *, at: datetime) -> Matching:
    """Inside the caller's transaction; takes no lock of requests, legs or balances."""
    lines = lines_of(merchant, day)
    stated = legs_by_key(merchant, (line.key for line in lines))
    legs, compared = ours(merchant, day, stated=stated)
    found = match(compared, lines, proves=merchant.route not in BY_REQUEST)
    note(_rows(merchant, day, found.findings, legs), at=at)
    out = {line.key for line in lines if not line.back}
    end_stated(merchant, day, stated.keys() & out, at=at)
    return found


def follow_up(merchant: Merchant, found: Matching, *, at: datetime) -> None:
    """What the comparison calls for, each in a transaction of its own; and what open
    discrepancies of other days call for still, if somebody stopped halfway."""
    gateway = gateway_of(merchant)
    if isinstance(gateway, FileGateway):
        settle_from_lines(merchant, map(_as_told, found.news), at=at)
    else:
        returned = _open(merchant, Discrepancy.Kind.CAME_BACK).exclude(leg=None)
        _ask(found.ask.keys() | set(_legs(returned)), at)
    end_returned(merchant, at=at)
    book_waiting(merchant, at=at)


def _ask(pks: set[int], at: datetime) -> None:
    """A line is a hint; the query decides."""
    for leg in PayoutLeg.objects.filter(pk__in=pks).order_by("pk"):
        ask_soon(leg, at=at)


def _legs(rows: QuerySet[Discrepancy]) -> Iterator[int]:
    return (pk for pk in rows.values_list("leg", flat=True) if pk is not None)


def _as_told(line: Stated) -> Line:
    """As the bank's file had it: that is the bank's own word, and settles the leg."""
    return Line(
        key=line.key,
        provider_number=line.provider_number,
        trade_number=line.trade_number,
        amount=line.amount,
        currency=line.currency,
        at=line.at,
        back=line.back,
    )


def _open(merchant: Merchant, kind: str) -> QuerySet[Discrepancy]:
    return Discrepancy.objects.filter(
        merchant=merchant, kind=kind, outcome=Discrepancy.Outcome.OPEN
    )


def _rows(
    merchant: Merchant, day: date, findings: list[Finding], legs: Legs
) -> list[Discrepancy]:
    numbers = {f.line.trade_number for f in findings if f.line and not f.ours}
    payments = payments_by_number(merchant, numbers)
    return [_row(merchant, day, finding, legs, payments) for finding in findings]


def _row(
    merchant: Merchant,
    day: date,
    finding: Finding,
    legs: Legs,
    payments: dict[str, Payment],
) -> Discrepancy:
    line, leg = finding.line, legs[finding.ours.key] if finding.ours else None
    number = line.trade_number if line else ""
    return Discrepancy(
        merchant=merchant,
        kind=finding.kind,
        subject=finding.subject,
        day=day,
        leg=leg,
        payment=leg.allocation.payment if leg else payments.get(number),
        ours=leg.amount if leg else None,
        theirs=line.amount if line else None,
        currency=line.currency if line else leg.currency if leg else "",
    )
