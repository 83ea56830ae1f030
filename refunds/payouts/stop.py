"""The stop switch, and each merchant's circuit breaker. What is due waits, visibly."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from refunds.errors import NotPermitted, RefundError
from refunds.gateways.base import OnlineGateway, Outcome, Result
from refunds.gateways.registry import gateway_of
from refunds.models import LegState, Merchant, PayoutLeg, PayoutStop
from refunds.nudge import nudge

log = logging.getLogger(__name__)

STOPPED, BREAKER = "stopped", "merchant_stopped"
PROBE_EVERY = timedelta(minutes=5)


def stop(*, route: str, reason: str, by: User, at: datetime) -> PayoutStop:
    """Empty `route`: all. Once this has committed nothing enters `sending` any more;
    what is in the air already is asked about as ever."""
    _check_role(by)
    try:
        with transaction.atomic():
            _wait_for_readers()
            return PayoutStop.objects.create(
                route=route, reason=reason.strip(), stopped_at=at, stopped_by=by
            )
    except IntegrityError:
        if not reason.strip():
            raise RefundError(
                _("Say why the payouts are stopped."), field="reason"
            ) from None
        raise RefundError(_("This is stopped already.")) from None


def _wait_for_readers() -> None:
    """Whoever read that nothing is stopped, and is about to send, commits first. On
    SQLite writers queue anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            table = PayoutStop._meta.db_table
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")


def resume(stopped: PayoutStop, *, by: User, at: datetime) -> None:
    """What waited is looked at again at once."""
    _check_role(by)
    with transaction.atomic():
        running = PayoutStop.objects.filter(pk=stopped.pk, resumed_at=None)
        if not running.update(resumed_at=at, resumed_by=by):
            raise RefundError(_("This went on already."))
        wake(PayoutLeg.objects.filter(code=STOPPED).values_list("pk", flat=True), at=at)


def stop_of(route: str) -> PayoutStop | None:
    """The stop that holds this route now, the general one first."""
    stops = PayoutStop.objects.filter(resumed_at=None, route__in=("", route))
    return stops.order_by("route").first()


def wake(pks: Iterable[int], *, at: datetime) -> None:
    """Those of the legs that wait are looked at now."""
    waiting = (LegState.PREPARED, LegState.HELD)
    legs = PayoutLeg.objects.filter(pk__in=list(pks), state__in=waiting)
    legs.filter(next_at__gt=at).update(next_at=at)
    nudge("send_payouts")


def trip(merchant: Merchant, result: Result, *, at: datetime) -> None:
    """The route refused us for our configuration: nothing more is sent by it."""
    Merchant.objects.filter(pk=merchant.pk, stopped_at=None).update(
        stopped_at=at, stopped_code=result.code[:60], check_words=result.message
    )


def self_check(merchant: Merchant, *, at: datetime) -> Result:
    """Signs a harmless question and verifies the answer; closes the breaker if that
    works, and says what it found. A file route has nothing to ask."""
    result = _probe(merchant, at)
    works = result.outcome is Outcome.NOT_SEEN
    changes = {"checked_at": at, "check_words": "" if works else _said(result)}
    rows = Merchant.objects.filter(pk=merchant.pk)
    rows.update(**changes)
    if works and rows.exclude(stopped_at=None).update(stopped_at=None, stopped_code=""):
        held = PayoutLeg.objects.filter(merchant=merchant, code=BREAKER)
        wake(held.values_list("pk", flat=True), at=at)
    return result


def _probe(merchant: Merchant, at: datetime) -> Result:
    """An adapter that can't even be made works no more than one that is refused. Its
    own words may hold a key: they go nowhere."""
    try:
        gateway = gateway_of(merchant)
        if isinstance(gateway, OnlineGateway):
            return gateway.probe(now=at)
    except Exception as fault:
        log.error("self-check of merchant %s: %s", merchant.pk, type(fault).__name__)  # noqa: TRY400
        return Result(Outcome.UNKNOWN, message=type(fault).__name__)
    if gateway is None:
        return Result(Outcome.REJECTED, message=str(_("It can't be used here.")))
    return Result(Outcome.NOT_SEEN)


def self_check_by(merchant: Merchant, *, by: User, at: datetime) -> str | None:
    """The self-check, asked for by a person: what it found, None if all works."""
    _check_role(by)
    result = self_check(merchant, at=at)
    return None if result.outcome is Outcome.NOT_SEEN else _said(result)


def probe_stopped(*, at: datetime) -> int:
    """What somebody mended elsewhere goes on by itself: the self-check tells."""
    due = Merchant.objects.filter(stopped_at__lte=at - PROBE_EVERY, enabled=True)
    stopped = due.exclude(checked_at__gt=at - PROBE_EVERY)
    return sum(
        self_check(merchant, at=at).outcome is Outcome.NOT_SEEN for merchant in stopped
    )


def _said(result: Result) -> str:
    return " ".join(part for part in (result.code, result.message) if part) or "–"


def _check_role(by: User) -> None:
    if not (by.has_role(Role.FINANCE) or by.has_role(Role.ADMINISTRATOR)):
        raise NotPermitted(_("This is for finance and the administrator."))
