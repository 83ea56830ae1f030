"""What WeChat Pay tells us unasked, and what of it is refused under which code."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from refunds.gateways.base import Hint, NotificationRefused, Outcome
from refunds.gateways.wechat_pay import WeChatPay
from tests.refunds.gateways.wechat_pay.platform import (
    AT,
    KEY,
    VECTORS,
    access_to,
    signature_over,
)

PLAIN = {
    "mchid": "1900000001",
    "out_refund_no": KEY,
    "refund_status": "SUCCESS",
    "amount": {"refund": 19_99},
}


def notification(
    plain: object,
    *,
    key: bytes | None = None,
    about: str | None = "refund",
    **other: Any,
) -> bytes:
    used = key or (VECTORS / "api_v3_key.txt").read_bytes()
    text = json.dumps(plain).encode()
    sealed = AESGCM(used).encrypt(b"n" * 12, text, (about or "").encode())
    resource = {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(sealed).decode(),
        "nonce": "n" * 12,
        "associated_data": about,
    }
    envelope = {"id": "EV-1", "event_type": "REFUND.SUCCESS", "resource": resource}
    return json.dumps(envelope | other).encode()


def heard(wechat: WeChatPay, body: bytes, **headers: str) -> Hint | None:
    signed = {name.lower(): v for name, v in signature_over(body).items()}
    return wechat.parse_notification(signed | headers, body, now=AT)


@pytest.mark.parametrize(
    ("status", "claimed"),
    [
        ("SUCCESS", Outcome.SUCCEEDED),
        ("CLOSED", Outcome.FAILED),
        ("ABNORMAL", Outcome.REJECTED),
        ("NEWLY_INVENTED", Outcome.UNKNOWN),
    ],
)
@pytest.mark.parametrize("about", ["refund", "", None])
def test_a_genuine_one_is_a_hint(
    status: str, claimed: Outcome, about: str | None, wechat: WeChatPay
) -> None:
    body = notification(PLAIN | {"refund_status": status}, about=about)
    assert heard(wechat, body) == Hint("EV-1", KEY, claimed, 19_99)


def test_one_about_something_else_is_none(wechat: WeChatPay) -> None:
    body = notification({}, event_type="TRANSACTION.SUCCESS")
    assert heard(wechat, body) is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (notification(PLAIN | {"mchid": "1900000002"}), "wrong_merchant"),
        (notification({}), "wrong_merchant"),
        (notification(PLAIN, key=b"x" * 32), "cannot_decrypt"),
        (notification(PLAIN, resource={"algorithm": "NONE"}), "unreadable"),
        (notification(PLAIN, resource=None), "unreadable"),
        (notification(PLAIN, id=None), "unreadable"),
        (notification(PLAIN | {"out_refund_no": 1}), "unreadable"),
        (notification([]), "unreadable"),
        (
            notification(PLAIN, resource={"algorithm": "AEAD_AES_256_GCM"}),
            "cannot_decrypt",
        ),
        (b"", "unreadable"),
        (b"\xff", "unreadable"),
        (b"[]", "unreadable"),
        (b"[" * 100_000, "unreadable"),
    ],
)
def test_what_is_signed_and_still_not_for_us_is_refused(
    body: bytes, code: str, wechat: WeChatPay
) -> None:
    with pytest.raises(NotificationRefused) as refused:
        heard(wechat, body)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"wechatpay-serial": "PUB_KEY_ID_NOBODY"}, "unknown_key"),
        ({"wechatpay-serial": ""}, "bad_signature"),
        ({"wechatpay-signature": "WECHATPAY/SIGNTEST/xyz"}, "bad_signature"),
        ({"wechatpay-nonce": "another"}, "bad_signature"),
        ({"wechatpay-timestamp": "soon"}, "bad_signature"),
    ],
)
def test_what_is_not_signed_by_the_platform_is_refused(
    headers: dict[str, str], code: str, wechat: WeChatPay
) -> None:
    with pytest.raises(NotificationRefused) as refused:
        heard(wechat, notification(PLAIN), **headers)
    assert refused.value.code == code


@pytest.mark.parametrize(("minutes", "code"), [(-6, "stale"), (6, "future")])
def test_what_is_not_of_now_is_refused(
    minutes: int, code: str, wechat: WeChatPay
) -> None:
    body = notification(PLAIN)
    signed = signature_over(body, at=AT + timedelta(minutes=minutes))
    headers = {name.lower(): value for name, value in signed.items()}
    with pytest.raises(NotificationRefused) as refused:
        wechat.parse_notification(headers, body, now=AT)
    assert refused.value.code == code


def test_without_headers_or_without_our_keys_nothing_is_believed(
    wechat: WeChatPay,
) -> None:
    for adapter, code in (
        (wechat, "bad_signature"),
        (WeChatPay(access_to("http://x", platform_key="")), "unknown_key"),
    ):
        with pytest.raises(NotificationRefused) as refused:
            adapter.parse_notification({}, notification(PLAIN), now=AT)
        assert refused.value.code == code
    assert (wechat.acknowledge().status, wechat.acknowledge().body) == (204, "")
