"""Every hour: whichever day of a route has no statement yet is asked for."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime

from django.db.models import FilteredRelation, Q

from accounts.models import Payment, Route
from refunds.gateways.base import OnlineGateway
from refunds.gateways.registry import gateway_of
from refunds.models import Merchant, ReceivedFile
from refunds.payouts.found import note_no_file
from refunds.payouts.statement_days import DAY, begins, day_of, is_there
from refunds.payouts.statements import fetch

log = logging.getLogger(__name__)

LAST_DAYS = 3
# A statement that has not come on the second day after is somebody's to look into.
PATIENCE = 2


def reconcile_due(*, clock: Callable[[], datetime]) -> int:
    """How many statements came. A route that can't be reached is asked again in an
    hour; one that fails keeps no other waiting."""
    missing = list(_missing(clock()))
    merchants = (
        Merchant.objects.in_bulk({pk for pk, _day in missing}) if missing else {}
    )
    return sum(_fetch_alone(merchants[pk], day, clock()) for pk, day in missing)


def _missing(at: datetime) -> Iterator[tuple[int, date]]:
    """One query, which is all there is to do when every day has its statement."""
    days: dict[tuple[int, str], set[date | None]] = {}
    for pk, route, day in _days_that_came(at):
        days.setdefault((pk, route), set()).add(day)
    for (pk, route), came in days.items():
        for back in range(LAST_DAYS, 0, -1):
            day = day_of(route, at) - back * DAY
            if day not in came and is_there(route, day, at=at):
                yield pk, day


def _days_that_came(at: datetime) -> Iterable[tuple[int, str, date | None]]:
    """A merchant that has none comes with no day."""
    came = FilteredRelation(
        "received_files",
        condition=Q(
            received_files__kind=ReceivedFile.Kind.STATEMENT,
            received_files__day__gte=at.date() - (LAST_DAYS + 1) * DAY,
        ),
    )
    online = Merchant.objects.filter(enabled=True).exclude(route=Route.BANK_TRANSFER)
    rows = online.annotate(came=came).order_by("pk")
    return rows.values_list("pk", "route", "came__day")


def _fetch_alone(merchant: Merchant, day: date, at: datetime) -> bool:
    if not isinstance(gateway_of(merchant), OnlineGateway):
        return False
    try:
        came = fetch(merchant, day, at=at) is not None
    except Exception:
        # What nobody thought of at one merchant must not stop the next.
        log.exception("statement of %s for %s", merchant, day)
        came = False
    late = is_there(merchant.route, day, at=at, after=PATIENCE)
    if not came and late and _something_was_paid(merchant, day):
        note_no_file(merchant, day, at=at)
    return came


def _something_was_paid(merchant: Merchant, day: date) -> bool:
    """Nothing can go back where nothing was ever paid."""
    by_then = begins(merchant.route, day + DAY)
    payments = Payment.objects.filter(route=merchant.route, paid_at__lt=by_then)
    names = [merchant.number, ""] if merchant.usual else [merchant.number]
    return payments.filter(merchant__in=names).exists()
