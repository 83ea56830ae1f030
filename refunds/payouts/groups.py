"""Where payouts stand, as finance looks at them: the same groups counted and listed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.utils.translation import gettext_lazy as _

from accounts.models import Route
from refunds.gateways.registry import ADAPTERS
from refunds.models import LegFinding, LegState, PayoutLeg
from refunds.payouts.follow import STUCK
from refunds.payouts.send import WAITS_FOR_BATCH
from refunds.payouts.stop import BREAKER, STOPPED

WAITING = (LegState.PREPARED, LegState.HELD)
# A route's usual time is in working days; a weekend never makes one late.
WEEKEND = timedelta(days=2)
LABELS: dict[str, Any] = {
    "blocked": _("Blocked"),
    "unknown": _("Being checked"),
    "slow": _("Under way longer than usual"),
    "processing": _("Under way"),
    "stopped": _("Waiting: payouts are stopped"),
    "breaker": _("Waiting: the merchant is stopped"),
    "batch": _("Waiting for a bank batch"),
    "due": _("Due"),
    "later": _("Waiting to be tried again"),
}
# These want somebody to act; the rest shows what is going on.
WANT_SOMEBODY = ("blocked", "unknown", "slow", "stopped", "breaker", "batch")


def groups(*, at: datetime) -> dict[str, Q]:
    """Each unsettled leg is in the first that fits it; they don't overlap."""
    going = Q(state__in=(LegState.SENDING, LegState.PROCESSING))
    waiting = Q(state__in=WAITING)
    coded = (STOPPED, BREAKER, WAITS_FOR_BATCH)
    free = waiting & ~Q(code__in=coded)
    return {
        "blocked": blocked(),
        "unknown": Q(state=LegState.UNKNOWN),
        "slow": going & _slow(at),
        "processing": going & ~_slow(at),
        "stopped": waiting & Q(code=STOPPED),
        "breaker": waiting & Q(code=BREAKER),
        "batch": waiting & Q(code=WAITS_FOR_BATCH),
        "due": free & Q(next_at__lte=at),
        "later": free & ~Q(next_at__isnull=False, next_at__lte=at),
    }


def blocked() -> Q:
    """Somebody has to act: the last attempt on its payment is stuck."""
    later = PayoutLeg.objects.filter(
        payout=OuterRef("payout"),
        allocation=OuterRef("allocation"),
        attempt__gt=OuterRef("attempt"),
    )
    return Q(~Exists(later), state__in=STUCK)


def _slow(at: datetime) -> Q:
    found = Q(pk__in=[])
    for route, adapter in ADAPTERS.items():
        usual: Any = adapter
        longest = timedelta(days=usual.capabilities.arrival) + WEEKEND
        found |= Q(route=route, sent_at__isnull=False, sent_at__lt=at - longest)
    return found


def presets(*, at: datetime) -> dict[str, Q]:
    """What the list of legs can be narrowed to: a group, or some of them at once."""
    under_way = (LegState.SENDING, LegState.PROCESSING, LegState.UNKNOWN)
    return {
        **groups(at=at),
        "underway": Q(state__in=under_way),
        "waiting": Q(state__in=WAITING),
        "settled": Q(state=LegState.SUCCEEDED),
        "to_agree": Q(pk__in=LegFinding.objects.filter(agreed=None).values("leg")),
    }


@dataclass(frozen=True)
class Pile:
    """So many legs of one route in one group; minor units of `currency`."""

    group: str
    route: str
    currency: str
    count: int
    amount: int

    @property
    def label(self) -> Any:
        return LABELS[self.group]

    @property
    def route_label(self) -> Any:
        return Route(self.route).label

    @property
    def wants_somebody(self) -> bool:
        return self.group in WANT_SOMEBODY


def piles(legs: QuerySet[PayoutLeg], *, at: datetime) -> list[Pile]:
    """All that is not settled, in one query; in the order of the groups."""
    by_name = groups(at=at)
    unsettled = legs.exclude(state__in=(LegState.SUCCEEDED, LegState.ABANDONED))
    which = Case(
        *(When(condition, then=Value(name)) for name, condition in by_name.items()),
        default=Value(""),
        output_field=CharField(),
    )
    rows = (
        unsettled.order_by()
        .annotate(pile=which)
        .values_list("pile", "route", "currency")
        .annotate(Count("pk"), Sum("amount"))
    )
    order = list(by_name)
    found = [Pile(*row) for row in rows if row[0]]
    return sorted(found, key=lambda p: (order.index(p.group), p.route, p.currency))


@dataclass(frozen=True)
class Behind:
    """What waits behind one stop: legs, and the sum in each currency."""

    count: int
    sums: tuple[tuple[str, int], ...]


def behind(rows: Iterable[tuple[str, str, int, int]], route: str) -> Behind:
    """`rows`: route, currency, count, sum. An empty `route` is all of them."""
    sums: dict[str, int] = {}
    count = 0
    for of, currency, legs, amount in rows:
        if route in ("", of):
            count += legs
            sums[currency] = sums.get(currency, 0) + amount
    return Behind(count, tuple(sorted(sums.items())))


def held_up(*, at: datetime) -> list[tuple[str, str, int, int]]:
    """What is due and not sent: route, currency, count, sum."""
    due = Q(code=STOPPED) | Q(next_at__lte=at)
    legs = PayoutLeg.objects.filter(due, state__in=WAITING).order_by()
    rows = legs.values_list("route", "currency")
    return list(rows.annotate(Count("pk"), Sum("amount")))
