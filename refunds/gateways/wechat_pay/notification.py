"""What WeChat Pay tells us unasked: verified, decrypted, and still only a hint."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from refunds.gateways.base import Access, Hint, NotificationRefused
from refunds.gateways.wechat_pay.answers import fen, outcome_of
from refunds.gateways.wechat_pay.keys import Keys, decrypted
from refunds.gateways.wechat_pay.signing import check_signature

ALGORITHM = "AEAD_AES_256_GCM"


def read_notification(
    access: Access,
    keys: Keys,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime,
) -> Hint | None:
    """None where it is not about a refund; raises NotificationRefused."""
    check_signature(keys, headers, body, now=now)
    envelope = _object(body)
    if not str(envelope.get("event_type", "")).startswith("REFUND."):
        return None
    content = _object(_plain(access, envelope.get("resource")))
    if content.get("mchid") != access.number:
        raise NotificationRefused("wrong_merchant")
    event_id, key = envelope.get("id"), content.get("out_refund_no")
    if not (isinstance(event_id, str) and isinstance(key, str) and event_id and key):
        raise NotificationRefused("unreadable")
    amount = content.get("amount")
    return Hint(
        event_id=event_id,
        key=key,
        claimed=outcome_of(content.get("refund_status")),
        amount=fen(amount.get("refund")) if isinstance(amount, dict) else None,
    )


def _plain(access: Access, resource: object) -> bytes:
    if not isinstance(resource, dict) or resource.get("algorithm") != ALGORITHM:
        raise NotificationRefused("unreadable")
    plain = decrypted(
        access,
        ciphertext=str(resource.get("ciphertext", "")),
        nonce=str(resource.get("nonce", "")),
        associated_data=str(resource.get("associated_data") or ""),
    )
    if plain is None:
        raise NotificationRefused("cannot_decrypt")
    return plain


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise NotificationRefused("unreadable") from None
    if not isinstance(found, dict):
        raise NotificationRefused("unreadable")
    return found
