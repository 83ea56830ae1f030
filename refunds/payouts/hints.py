"""Notifications: a hint to ask, never the truth. What is forged moves nothing."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from refunds.gateways.base import Acknowledgement, NotificationRefused, OnlineGateway
from refunds.gateways.registry import gateway_of
from refunds.models import LegState, Merchant, Notification, PayoutLeg
from refunds.nudge import nudge
from refunds.payouts.plain import plain

LARGEST = 2**63
# Where an answer could tell something new. What is being sent has its own answer.
ASKABLE = (
    LegState.PROCESSING,
    LegState.UNKNOWN,
    LegState.NEEDS_ACTION,
    LegState.SUCCEEDED,
)


def hear(
    merchant: Merchant, *, headers: Mapping[str, str], body: bytes, at: datetime
) -> Acknowledgement:
    """Verifies, keeps, brings the next query forward; the same one again does nothing.
    Raises NotificationRefused; then nothing is kept."""
    gateway = gateway_of(merchant)
    if not isinstance(gateway, OnlineGateway):
        raise NotificationRefused("wrong_merchant")
    hint = gateway.parse_notification(headers, body, now=at)
    if hint is None:
        return gateway.acknowledge()
    with transaction.atomic():
        key = plain(hint.key)[:64]
        leg = PayoutLeg.objects.filter(route=merchant.route, key=key).first()
        _heard, is_new = Notification.objects.get_or_create(
            merchant=merchant,
            event_id=plain(hint.event_id)[:128],
            defaults={
                "leg": leg,
                "key": key,
                "claimed": hint.claimed,
                "amount": _fitting(hint.amount),
                "received_at": at,
            },
        )
        if is_new and leg:
            ask_soon(leg, at=at)
    return gateway.acknowledge()


def _fitting(amount: int | None) -> int | None:
    """What no column holds is no sum of ours."""
    return amount if amount is not None and abs(amount) < LARGEST else None


def ask_soon(leg: PayoutLeg, *, at: datetime) -> None:
    """Never for what is being sent; who has it claimed meanwhile loses the claim, and
    it is asked about again."""
    later = Q(next_at=None) | Q(next_at__gt=at)
    rows = PayoutLeg.objects.filter(later, pk=leg.pk, state__in=ASKABLE)
    if rows.update(next_at=at):
        nudge("send_payouts")
