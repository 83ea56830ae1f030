"""Stripe's notifications: `Stripe-Signature: t=…,v1=…`, HMAC-SHA256 over `t.body`.

Source: docs.stripe.com/webhooks/signature. While a secret rotates there are several
`v1`, and two secrets of ours.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from refunds.gateways.base import Access, Hint, NotificationRefused, Outcome
from refunds.gateways.stripe.answers import OUTCOMES, key_of

TOLERANCE = timedelta(seconds=300)
SECRETS = ("webhook_secret", "webhook_secret_next")
ABOUT_REFUNDS = (
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refund.updated",
)


def hint_in(
    access: Access, headers: Mapping[str, str], body: bytes, *, now: datetime
) -> Hint | None:
    """Raises NotificationRefused."""
    sent_at = _verified(access, headers.get("stripe-signature", ""), body)
    if now - sent_at > TOLERANCE:
        raise NotificationRefused("stale")
    if sent_at - now > TOLERANCE:
        raise NotificationRefused("future")
    event = _event(body)
    if event.get("account") not in (None, access.number):
        raise NotificationRefused("wrong_merchant")
    return _hint(event)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    signed = timestamp.encode() + b"." + body
    return hmac.new(secret.encode(), signed, sha256).hexdigest()


def _verified(access: Access, header: str, body: bytes) -> datetime:
    """The moment that is signed along with the body."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    timestamp = next((value for name, _, value in pairs if name == "t"), "")
    given = [value.encode() for name, _, value in pairs if name == "v1"]
    secrets = filter(None, (access.secrets.get(name, "") for name in SECRETS))
    ours = [signature(secret, timestamp, body).encode() for secret in secrets]
    if not any(hmac.compare_digest(own, other) for own in ours for other in given):
        raise NotificationRefused("bad_signature")
    try:
        return datetime.fromtimestamp(int(timestamp), UTC)
    except (ValueError, OverflowError, OSError):
        raise NotificationRefused("unreadable") from None


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise NotificationRefused("unreadable") from None
    if not isinstance(event, dict) or not isinstance(event.get("id"), str):
        raise NotificationRefused("unreadable")
    return event


def _hint(event: Mapping[str, Any]) -> Hint | None:
    """None where it is about something else, or about a refund that is not ours."""
    data = event.get("data")
    refund = data.get("object") if isinstance(data, dict) else None
    if event.get("type") not in ABOUT_REFUNDS or not isinstance(refund, dict):
        return None
    key, amount = key_of(refund), refund.get("amount")
    if not key:
        return None
    return Hint(
        event_id=event["id"],
        key=key,
        claimed=OUTCOMES.get(str(refund.get("status", "")), Outcome.UNKNOWN),
        amount=amount if type(amount) is int else None,
    )
