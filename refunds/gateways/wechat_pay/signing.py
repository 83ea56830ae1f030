"""Whose words these are: a request's Authorization, an answer's signature, its age."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from refunds.gateways.base import NotificationRefused
from refunds.gateways.wechat_pay.keys import Keys

SCHEME = "WECHATPAY2-SHA256-RSA2048"
FRESH = timedelta(minutes=5)
SIGNED_BY = ("wechatpay-serial", "wechatpay-signature")


def request_text(
    verb: str, target: str, *, timestamp: str, nonce: str, body: bytes
) -> bytes:
    """What a request's signature covers. `target`: the path with its query."""
    return f"{verb}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def answer_text(*, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What the signature of an answer or a notification covers."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def authorization(
    keys: Keys,
    text: bytes,
    *,
    number: str,
    serial: str,
    timestamp: str,
    nonce: str,
) -> str:
    return (
        f'{SCHEME} mchid="{number}",nonce_str="{nonce}",'
        f'signature="{keys.sign(text)}",timestamp="{timestamp}",serial_no="{serial}"'
    )


def is_signed(headers: Mapping[str, str]) -> bool:
    return any(name in headers for name in SIGNED_BY)


def check_signature(
    keys: Keys, headers: Mapping[str, str], body: bytes, *, now: datetime
) -> None:
    """Raises NotificationRefused with unknown_key, bad_signature, stale or future.

    The platform refuses what is more than five minutes off; so do we.
    """
    serial = headers.get("wechatpay-serial", "")
    if serial not in keys.platform:
        raise NotificationRefused("unknown_key" if serial else "bad_signature")
    timestamp = headers.get("wechatpay-timestamp", "")
    text = answer_text(
        timestamp=timestamp, nonce=headers.get("wechatpay-nonce", ""), body=body
    )
    signature = headers.get("wechatpay-signature", "")
    if not keys.verifies(text, signature, serial=serial):
        raise NotificationRefused("bad_signature")
    _check_age(timestamp, now=now)


def _check_age(timestamp: str, *, now: datetime) -> None:
    try:
        age = now - datetime.fromtimestamp(int(timestamp), tz=now.tzinfo)
    except (ValueError, OverflowError, OSError):
        raise NotificationRefused("unreadable") from None
    if age > FRESH:
        raise NotificationRefused("stale")
    if age < -FRESH:
        raise NotificationRefused("future")
