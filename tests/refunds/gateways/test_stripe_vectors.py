"""Adapter and sandbox of Stripe against what the official SDK and openssl made."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from refunds.gateways.base import Instruction, NotificationRefused, Outcome
from refunds.gateways.sandbox.stripe.credentials import signed_header
from refunds.gateways.sandbox.stripe.forms import read_form
from refunds.gateways.stripe import Stripe
from tests.refunds.gateways.stripe.replies import (
    KEY,
    PAYMENT,
    Heard,
    replying,
    stripe_at,
)

VECTORS = Path(__file__).parent / "vectors" / "stripe"
SIGNED_AT = datetime.fromtimestamp(1763719200, UTC)
FIRST, SECOND = "whsec_vector0123456789abcdef", "whsec_second0123456789abcdef"
EMPTY = b'{"object":"list","data":[],"has_more":false,"url":"/v1/refunds"}'


def vector(name: str) -> str:
    return (VECTORS / name).read_text()


def request(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(vector(f"{name}_request.json"))
    return found


@pytest.fixture
def stripe() -> Stripe:
    return stripe_at("http://127.0.0.1:9")


def assert_same(heard: Heard, name: str) -> None:
    """Verb, path and the headers that matter; the order of parameters does not."""
    expected = request(name)
    assert heard.verb == expected["verb"]
    path, wanted = urlsplit(heard.path), urlsplit(expected["path"])
    assert path.path == wanted.path
    assert sorted(parse_qsl(path.query)) == sorted(parse_qsl(wanted.query))
    assert sorted(parse_qsl(heard.body)) == sorted(parse_qsl(expected["body"]))
    given = {name.lower(): value for name, value in heard.headers.items()}
    for header, value in expected["headers"].items():
        assert given[header.lower()] == value


def test_a_refund_is_sent_as_the_sdk_sends_it() -> None:
    with replying(b"{}") as server:
        stripe = stripe_at(server.url)
        parameters = stripe.parameters(
            Instruction(KEY, PAYMENT, 19_99, "CNY", "RF-2026-000001", 100_00)
        )
        stripe.submit(parameters, now=SIGNED_AT)
    assert len(server.heard) == 1
    assert_same(server.heard[0], "create")


def test_the_second_page_is_asked_for_as_the_sdk_does() -> None:
    row = b'{"object":"refund","id":"re_3Qvector"}'
    first = EMPTY.replace(b"[]", b"[" + row + b"]").replace(b"false", b"true")
    asked = {"payment_intent": PAYMENT, "metadata": {"key": KEY}}
    with replying(first, EMPTY) as server:
        found = stripe_at(server.url).query(asked, now=SIGNED_AT)
    assert found.outcome is Outcome.NOT_SEEN
    assert_same(server.heard[1], "list")


def test_a_day_is_asked_for_as_the_sdk_does() -> None:
    with replying(EMPTY) as server:
        later = SIGNED_AT + timedelta(days=1)
        stripe_at(server.url).fetch_statement(date(2025, 11, 21), now=later)
    given = dict(parse_qsl(urlsplit(server.heard[0].path).query))
    wanted = dict(parse_qsl(urlsplit(request("transactions")["path"]).query))
    assert given == wanted


def test_the_sandbox_reads_what_the_sdk_sends() -> None:
    assert read_form(request("create")["body"]) == {
        "payment_intent": PAYMENT,
        "amount": "1999",
        "reason": "requested_by_customer",
        "metadata": {"key": KEY, "request": "RF-2026-000001"},
    }
    assert read_form(urlsplit(request("transactions")["path"]).query) == {
        "type": "refund",
        "created": {"gte": "1763654400", "lt": "1763740800"},
        "expand": ["data.source"],
        "limit": "100",
    }


def test_sandbox_sdk_and_openssl_sign_the_same() -> None:
    body = vector("event.json").encode()
    by_openssl = vector("event_signature_openssl.txt")
    assert vector("event_header_sdk.txt") == f"t=1763719200,v1={by_openssl}"
    signed = signed_header(body, at=1763719200, webhook_secrets=(FIRST,))
    assert signed == vector("event_header_sdk.txt")
    both = signed_header(body, at=1763719200, webhook_secrets=(SECOND, FIRST))
    second = vector("event_signature_second_openssl.txt")
    assert both == f"t=1763719200,v1={second},v1={by_openssl}"


def hear(stripe: Stripe, header: str, *, body: bytes | None = None, **late: int) -> Any:
    body = body if body is not None else vector("event.json").encode()
    at = SIGNED_AT + timedelta(**late)
    return stripe.parse_notification({"stripe-signature": header}, body, now=at)


def test_an_event_that_the_sdk_signed_is_taken(stripe: Stripe) -> None:
    for seconds in (-300, 0, 300):
        hint = hear(stripe, vector("event_header_sdk.txt"), seconds=seconds)
        assert (hint.event_id, hint.key) == ("evt_3QvectorXinghe", KEY)
        assert (hint.claimed, hint.amount) == (Outcome.SUCCEEDED, 19_99)


def test_while_a_secret_changes_either_signature_and_either_secret_will_do() -> None:
    by_first = vector("event_signature_openssl.txt")
    by_second = vector("event_signature_second_openssl.txt")
    old = stripe_at("http://127.0.0.1:9")
    changing = stripe_at("http://127.0.0.1:9", webhook_secret_next=SECOND)
    new = stripe_at("http://127.0.0.1:9", webhook_secret=SECOND)
    both = f"t=1763719200,v1={by_second},v1={by_first},v0=abc"
    assert all(hear(stripe, both) for stripe in (old, changing, new))
    assert hear(changing, f"t=1763719200,v1={by_second}")
    for stripe, signature in ((old, by_second), (new, by_first)):
        with pytest.raises(NotificationRefused, match="bad_signature"):
            hear(stripe, f"t=1763719200,v1={signature}")


@pytest.mark.parametrize(
    ("header", "late", "code"),
    [
        ("{header}", 301, "stale"),
        ("{header}", -301, "future"),
        ("", 0, "bad_signature"),
        ("t=1763719200", 0, "bad_signature"),
        ("v1={signature}", 0, "bad_signature"),
        ("t=1763719201,v1={signature}", 0, "bad_signature"),
        ("t=1763719200,v0={signature}", 0, "bad_signature"),
        ("t=1763719200,v1={signature}0", 0, "bad_signature"),
        ("t=1763719200,v1=ÄÖ", 0, "bad_signature"),
        ("t=,v1=", 0, "bad_signature"),
        ("nonsense", 0, "bad_signature"),
    ],
)
def test_what_is_forged_stale_or_from_the_future_is_refused(
    header: str, late: int, code: str, stripe: Stripe
) -> None:
    known = {
        "header": vector("event_header_sdk.txt"),
        "signature": vector("event_signature_openssl.txt"),
    }
    with pytest.raises(NotificationRefused, match=f"^{code}$"):
        hear(stripe, header.format(**known), seconds=late)


@pytest.mark.parametrize("place", [0, 40, 300, -1])
def test_one_letter_changed_is_refused(place: int, stripe: Stripe) -> None:
    letters = bytearray(vector("event.json").encode())
    letters[place] ^= 1
    with pytest.raises(NotificationRefused, match="bad_signature"):
        hear(stripe, vector("event_header_sdk.txt"), body=bytes(letters))


def test_without_a_secret_of_ours_nothing_is_genuine() -> None:
    """An empty secret would let anybody sign."""
    body = b"{}"
    header = signed_header(body, at=1763719200, webhook_secrets=("",))
    with pytest.raises(NotificationRefused, match="bad_signature"):
        hear(stripe_at("http://127.0.0.1:9", webhook_secret=""), header, body=body)
