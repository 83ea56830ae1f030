"""Alipay tells us of a refund: a form, signed without `sign` and `sign_type`.

Source: opendocs.alipay.com, `open/270/105902`. It is sent again for 25 hours with the
same `notify_id` and `notify_time`. `refund_fee` is the sum over the trade,
`send_back_fee` what this refund gave.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from refunds.gateways.alipay.amounts import fen_of
from refunds.gateways.alipay.signing import notified_text, verifies
from refunds.gateways.alipay.window import moment_of
from refunds.gateways.base import Hint, NotificationRefused, Outcome

OLDEST = timedelta(hours=26)
AHEAD = timedelta(minutes=5)
MOST_FIELDS = 100


def parse(
    body: bytes, *, app_id: str, public_key: RSAPublicKey, now: datetime
) -> Hint | None:
    """None where no refund is meant; raises NotificationRefused."""
    form = _form(body)
    signature = form.get("sign", "") if form.get("sign_type") == "RSA2" else ""
    if not verifies(notified_text(form), signature, public_key):
        raise NotificationRefused("bad_signature")
    if form.get("app_id") != app_id:
        raise NotificationRefused("wrong_merchant")
    _check_fresh(form.get("notify_time", ""), now=now)
    if not form.get("out_biz_no") or not form.get("gmt_refund"):
        return None
    if not form.get("notify_id"):
        raise NotificationRefused("unreadable")
    return Hint(
        event_id=form["notify_id"],
        key=form["out_biz_no"],
        claimed=Outcome.SUCCEEDED,
        amount=fen_of(form["send_back_fee"]) if form.get("send_back_fee") else None,
    )


def _form(body: bytes) -> Mapping[str, str]:
    """A name that comes twice could be read in two ways; a NUL can't be kept."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise NotificationRefused("unreadable") from None
    form = dict(pairs)
    is_plain = form and len(form) == len(pairs)
    if not is_plain or any("\x00" in value for value in form.values()):
        raise NotificationRefused("unreadable")
    return form


def _check_fresh(text: str, *, now: datetime) -> None:
    try:
        sent_at = moment_of(text)
    except ValueError:
        raise NotificationRefused("unreadable") from None
    if sent_at < now - OLDEST:
        raise NotificationRefused("stale")
    if sent_at > now + AHEAD:
        raise NotificationRefused("future")
