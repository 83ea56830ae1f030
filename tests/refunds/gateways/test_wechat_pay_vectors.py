"""WeChat Pay's signatures and ciphers, adapter and sandbox each against what OpenSSL,
the public SDK and another library made. How: vectors/wechat_pay/README.md."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

from refunds.gateways.base import Access, Hint, NotificationRefused, Outcome
from refunds.gateways.sandbox.wechat_pay import signing as theirs
from refunds.gateways.wechat_pay import signing as ours
from refunds.gateways.wechat_pay.adapter import WeChatPay
from refunds.gateways.wechat_pay.keys import Keys, keys_of

VECTORS = Path(__file__).parent / "vectors" / "wechat_pay"
SERIAL, OUR_SERIAL = "PUB_KEY_ID_VECTOR", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
NONCE, TIMESTAMP = "593BEC0C930BF1AFEB40B4A08C8FB242", "1795176000"
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FIELD = "6222020200112230 王小明"
REFUND, BILL = (
    "/v3/refund/domestic/refunds",
    "/v3/bill/tradebill?bill_date=2026-11-19&bill_type=REFUND",
)


def vector(name: str) -> bytes:
    return (VECTORS / name).read_bytes()


def text(name: str) -> str:
    return vector(name).decode()


def private_key(owner: str) -> RSAPrivateKey:
    key = load_pem_private_key(vector(f"{owner}_private.pem"), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def public_key(owner: str) -> RSAPublicKey:
    key = load_pem_public_key(vector(f"{owner}_public.pem"))
    assert isinstance(key, RSAPublicKey)
    return key


def headers(timestamp: str, nonce: str, signature: str) -> dict[str, str]:
    return {
        "wechatpay-serial": SERIAL,
        "wechatpay-timestamp": timestamp,
        "wechatpay-nonce": nonce,
        "wechatpay-signature": text(signature),
    }


ANSWER = headers(
    TIMESTAMP, "NONCE0000000000000000000000000001", "response_signature.txt"
)
NOTIFICATION = headers(
    "1795176060", "NONCE0000000000000000000000000002", "notification_signature.txt"
)


@pytest.fixture
def access() -> Access:
    return Access(
        number="1900000001",
        address="http://127.0.0.1:9",
        settings={"serial_no": OUR_SERIAL, "platform_serial": SERIAL},
        secrets={
            "private_key": text("merchant_private.pem"),
            "platform_key": text("platform_public.pem"),
            "api_v3_key": text("api_v3_key.txt"),
        },
        timeout=1,
    )


@pytest.fixture
def keys(access: Access) -> Keys:
    return keys_of(access)


@pytest.mark.parametrize(
    ("name", "verb", "target"),
    [("request", "POST", REFUND), ("question", "GET", BILL)],
)
def test_both_sides_sign_the_text_that_was_written_by_hand(
    name: str, verb: str, target: str, keys: Keys
) -> None:
    body = vector("request_body.json") if verb == "POST" else b""
    written = vector(f"{name}_text.txt")
    made = ours.request_text(verb, target, timestamp=TIMESTAMP, nonce=NONCE, body=body)
    assert made == written
    assert theirs.lines(verb, target, TIMESTAMP, NONCE) + body + b"\n" == written
    signature = text(f"{name}_signature.txt")
    assert keys.sign(written) == signature
    assert theirs.verify(written, signature, public_key("merchant"))
    assert theirs.sign(written, private_key("merchant")) == signature


def test_our_authorization_is_the_sdk_s_and_the_sandbox_reads_it(keys: Keys) -> None:
    made = ours.authorization(
        keys,
        vector("request_text.txt"),
        number="1900000001",
        serial=OUR_SERIAL,
        timestamp=TIMESTAMP,
        nonce=NONCE,
    )
    assert made == text("request_authorization.txt")
    assert theirs.read_authorization(made) == {
        "mchid": "1900000001",
        "serial_no": OUR_SERIAL,
        "nonce_str": NONCE,
        "timestamp": TIMESTAMP,
        "signature": text("request_signature.txt"),
    }


def test_a_whole_request_of_ours_carries_that_signature(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = "refunds.gateways.wechat_pay.wire"
    monkeypatch.setattr(f"{where}.secrets.token_hex", lambda _bytes: NONCE)
    body = json.loads(vector("request_body.json"))
    request = WeChatPay(access)._wire._signed(access.address + BILL, None, now=AT)
    signed = theirs.read_authorization(request.headers["authorization"])
    assert signed
    assert signed["signature"] == text("question_signature.txt")
    request = WeChatPay(access)._wire._signed(access.address + REFUND, body, now=AT)
    signed = theirs.read_authorization(request.headers["authorization"])
    assert signed
    head = theirs.lines("POST", REFUND, TIMESTAMP, NONCE)
    covered = head + request.content + b"\n"
    assert theirs.verify(covered, signed["signature"], public_key("merchant"))
    assert json.loads(request.content) == body


def test_an_answer_signed_by_openssl_is_verified(keys: Keys) -> None:
    body = vector("response_body.json")
    ours.check_signature(keys, ANSWER, body, now=AT)
    stamp, nonce = ANSWER["wechatpay-timestamp"], ANSWER["wechatpay-nonce"]
    assert theirs.lines(stamp, nonce) + body + b"\n" == vector("response_text.txt")
    assert theirs.sign(vector("response_text.txt"), private_key("platform")) == text(
        "response_signature.txt"
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"wechatpay-signature": "AAAA"}, "bad_signature"),
        ({"wechatpay-signature": "not base64!"}, "bad_signature"),
        ({"wechatpay-signature": "ÄÖ"}, "bad_signature"),
        ({"wechatpay-signature": ""}, "bad_signature"),
        ({"wechatpay-nonce": "another"}, "bad_signature"),
        ({"wechatpay-timestamp": "1795176001"}, "bad_signature"),
        ({"wechatpay-serial": "PUB_KEY_ID_ANOTHER"}, "unknown_key"),
        ({"wechatpay-serial": ""}, "bad_signature"),
    ],
)
def test_one_thing_changed_is_not_verified(
    change: Mapping[str, str], code: str, keys: Keys
) -> None:
    body = vector("response_body.json")
    with pytest.raises(NotificationRefused) as refused:
        ours.check_signature(keys, {**ANSWER, **change}, body, now=AT)
    assert refused.value.code == code


@pytest.mark.parametrize("place", [0, 40, 120, -1])
def test_one_byte_changed_is_not_verified(place: int, keys: Keys) -> None:
    body = bytearray(vector("response_body.json"))
    body[place] ^= 1
    with pytest.raises(NotificationRefused, match="bad_signature"):
        ours.check_signature(keys, ANSWER, bytes(body), now=AT)


def test_five_minutes_off_is_taken_and_a_second_more_is_not(keys: Keys) -> None:
    body, second = vector("response_body.json"), timedelta(seconds=1)
    five = timedelta(minutes=5)
    for now in (AT - five, AT + five):
        ours.check_signature(keys, ANSWER, body, now=now)
    for now, code in ((AT + five + second, "stale"), (AT - five - second, "future")):
        with pytest.raises(NotificationRefused, match=code):
            ours.check_signature(keys, ANSWER, body, now=now)


def test_a_notification_that_another_library_encrypted_is_read(access: Access) -> None:
    hint = WeChatPay(access).parse_notification(
        NOTIFICATION, vector("notification_body.json"), now=AT
    )
    assert hint == Hint(
        event_id="EV-2026112020010000001",
        key="RF2026000001L1A1",
        claimed=Outcome.SUCCEEDED,
        amount=19_99,
    )


def test_the_sandbox_encrypts_as_that_library_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resource = json.loads(vector("notification_body.json"))["resource"]
    where = "refunds.gateways.sandbox.wechat_pay.signing.secrets.token_hex"
    monkeypatch.setattr(where, lambda _bytes: resource["nonce"])
    plain, key = vector("notification_plain.json"), vector("api_v3_key.txt")
    assert theirs.sealed(plain, key=key, about="refund") == resource


@pytest.mark.parametrize("maker", ["openssl", "sdk"])
def test_the_sandbox_opens_a_field_that_others_encrypted(maker: str) -> None:
    field = text(f"field_by_{maker}.txt")
    assert theirs.opened(field, private_key("platform")) == FIELD
    assert theirs.opened(field, private_key("merchant")) is None


def test_the_sandbox_opens_a_field_of_ours(keys: Keys) -> None:
    field = keys.encrypt(FIELD)
    assert theirs.opened(field, private_key("platform")) == FIELD
    assert len(base64.b64decode(field)) == 256
