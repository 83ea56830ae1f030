"""What is compared: a day's lines as they are kept, and the legs that belong beside
them."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from refunds.gateways.registry import gateway_of
from refunds.models import (
    LegState,
    Merchant,
    PayoutLeg,
    ReceivedFile,
    StatementLine,
)
from refunds.models.leg_state import MOVED_NOTHING
from refunds.payouts.matching import Ours, Standing, Stated, together
from refunds.payouts.statement_days import BY_REQUEST, DAY, begins, day_of

# How far back a leg may lie whose statements came late, or that succeeded late.
LOOK_BACK = 14 * DAY
# A refund is stated on its day or on one of the next two.
STATED_WITHIN = 3
CHUNK = 5000
# As `attempts.key_for` makes them.
OUR_KEY = re.compile(r"RF\d+L\d+A\d+", re.ASCII)
T = TypeVar("T")
OUT = StatementLine.Direction.OUT


def lines_of(merchant: Merchant, day: date) -> list[Stated]:
    """Of a route that is asked, the last statement of the day counts. The files of a
    bank add up, and only what has a key like ours is about a refund."""
    files = ReceivedFile.objects.filter(
        merchant=merchant, kind=ReceivedFile.Kind.STATEMENT, day=day
    )
    pks = list(files.order_by("-pk").values_list("pk", flat=True))
    gateway = gateway_of(merchant)
    if not (gateway and gateway.capabilities.by_file):
        return together(_lines(pk) for pk in pks[:1])
    return [line for line in together(map(_lines, pks)) if OUR_KEY.fullmatch(line.key)]


def chunks(rows: list[T]) -> Iterator[list[T]]:
    return (rows[n : n + CHUNK] for n in range(0, len(rows), CHUNK))


def _lines(file: int) -> Iterator[Stated]:
    yield from stated_in(StatementLine.objects.filter(file=file).order_by("position"))


def stated_in(lines: QuerySet[StatementLine]) -> Iterator[Stated]:
    columns = ("key", "provider_number", "trade_number", "amount", "currency", "at")
    for row in lines.values(*columns, "direction").iterator():
        yield Stated(back=row.pop("direction") != OUT, **row)


def legs_by_key(merchant: Merchant, keys: Iterable[str]) -> dict[str, PayoutLeg]:
    """Those of the merchant's that go by one of these keys."""
    wanted = sorted({key for key in keys if key})
    theirs = Q(merchant=merchant) | Q(merchant=None)
    legs = PayoutLeg.objects.filter(theirs, route=merchant.route)
    legs = legs.select_related("allocation__payment")
    return {
        leg.key: leg for some in chunks(wanted) for leg in legs.filter(key__in=some)
    }


def legs_to_be_stated(merchant: Merchant, day: date) -> dict[str, PayoutLeg]:
    """What went back in the last two weeks, whose statements are all there and don't
    have it."""
    came = days_with_statement(merchant, day - 2 * LOOK_BACK, day + STATED_WITHIN * DAY)
    since = begins(merchant.route, day - LOOK_BACK)
    until = begins(merchant.route, day + DAY)
    stated = StatementLine.objects.filter(leg=OuterRef("pk"), direction=OUT)
    moment = _its_moment(merchant)
    legs = PayoutLeg.objects.filter(
        ~Exists(stated),
        merchant=merchant,
        state=LegState.SUCCEEDED,
        **{f"{moment}__gte": since, f"{moment}__lt": until},
    ).select_related("allocation__payment")
    return {leg.key: leg for leg in legs if _all_came(leg, merchant, came)}


def _all_came(leg: PayoutLeg, merchant: Merchant, came: set[date]) -> bool:
    """A refund that was unknown at first may be stated before it succeeded."""
    first = day_of(merchant.route, getattr(leg, _its_moment(merchant)))
    sent = day_of(merchant.route, leg.sent_at or leg.prepared_at)
    needed = {first + n * DAY for n in range(STATED_WITHIN)}
    return came >= needed | ({sent} if first - sent < LOOK_BACK else set())


def _its_moment(merchant: Merchant) -> str:
    return "sent_at" if merchant.route in BY_REQUEST else "settled_at"


def days_with_statement(merchant: Merchant, first: date, last: date) -> set[date]:
    files = ReceivedFile.objects.filter(
        merchant=merchant,
        kind=ReceivedFile.Kind.STATEMENT,
        day__range=(first, last),
    )
    return {day for day in files.values_list("day", flat=True) if day}


def ours(
    merchant: Merchant, day: date, *, stated: dict[str, PayoutLeg]
) -> tuple[dict[str, PayoutLeg], list[Ours]]:
    """The legs that the day's lines name, and those that some statement should have
    had by now; as rows by key, and as they are compared."""
    due = legs_to_be_stated(merchant, day)
    legs = due | stated
    elsewhere = _stated_on_other_days(stated.values(), day)
    returned = _stated_as_returned(stated.values())
    compared = [
        Ours(
            pk=leg.pk,
            key=leg.key,
            trade_number=leg.allocation.payment.trade_number,
            amount=leg.amount,
            currency=leg.currency,
            standing=_standing(leg, returned=leg.pk in returned),
            due=leg.key in due,
            stated=frozenset(elsewhere.get(leg.pk, ())),
        )
        for leg in legs.values()
    ]
    return legs, compared


def _stated_on_other_days(
    legs: Iterable[PayoutLeg], day: date
) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = {}
    for some in chunks([leg.pk for leg in legs]):
        lines = StatementLine.objects.filter(leg__in=some, direction=OUT)
        for leg, at in lines.exclude(file__day=day).values_list("leg", "at"):
            found.setdefault(leg, []).append(at)
    return found


def _stated_as_returned(legs: Iterable[PayoutLeg]) -> set[int | None]:
    """Of what ended as if nothing had moved: it went out, and came back."""
    ended = [leg.pk for leg in legs if leg.state in MOVED_NOTHING]
    back = StatementLine.objects.exclude(direction=OUT)
    return {
        leg
        for some in chunks(ended)
        for leg in back.filter(leg__in=some).values_list("leg", flat=True)
    }


def _standing(leg: PayoutLeg, *, returned: bool) -> Standing:
    if leg.state == LegState.SUCCEEDED:
        return Standing.GONE
    if leg.state == LegState.REVERSED or returned:
        return Standing.RETURNED
    if leg.state in MOVED_NOTHING or not leg.sendings:
        return Standing.NOTHING
    return Standing.OPEN
