"""A day's statement of Stripe's: every movement once, in the payer's own currency."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from refunds.gateways.base import Line, StatementBroken, StatementMissing
from refunds.gateways.sandbox.server import Sandbox
from refunds.gateways.sandbox.stripe.credentials import ensure_credentials
from refunds.gateways.stripe import Stripe
from tests.refunds.gateways.stripe.replies import replying, stripe_at

DAY = date(2026, 11, 16)
NOON = datetime(2026, 11, 16, 4, tzinfo=UTC)
AFTER = NOON + timedelta(days=1)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stripe")
    with Sandbox(folder):
        return folder


@pytest.fixture
def sandbox(state: Path, tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(copytree(state, tmp_path / "sandbox")) as sandbox:
        sandbox.clock.advance((NOON - sandbox.clock.now()).total_seconds())
        sandbox.ledger.put_trade(
            route="stripe",
            trade_no="pi_1",
            out_trade_no="order-1",
            total_minor=100_00,
            currency="JPY",
            paid_at=NOON,
        )
        yield sandbox


@pytest.fixture
def stripe(sandbox: Sandbox) -> Stripe:
    key = ensure_credentials(sandbox.state_dir).secret_key
    return stripe_at(sandbox.url, secret_key=key)


def send(stripe: Stripe, key: str, amount: int) -> None:
    metadata = {"key": key, "request": "RF-1"} if key else {"key": "", "request": ""}
    parameters = {"payment_intent": "pi_1", "amount": amount, "metadata": metadata}
    stripe.submit(parameters, now=NOON)


def fail(sandbox: Sandbox, key: str) -> None:
    (route,) = (route for route in sandbox.routes if route.name == "stripe")
    with sandbox.ledger.transaction() as books:
        refund = books.refund("stripe", key=key)
        assert refund is not None
        books.change(route.turn(refund, "failed:declined", books=books))


def test_every_movement_of_the_day_stands_on_it_once(
    sandbox: Sandbox, stripe: Stripe
) -> None:
    for number in range(3):
        send(stripe, f"K{number}", 10 + number)
    fail(sandbox, "K1")
    sandbox.clock.advance(24 * 3600)
    send(stripe, "K9", 99)
    found = stripe.read_statement(stripe.fetch_statement(DAY, now=AFTER))
    assert sorted((line.key, line.amount, line.back) for line in found) == [
        ("K0", 10, False),
        ("K1", 11, False),
        ("K1", 11, True),
        ("K2", 12, False),
    ]
    assert {(line.currency, line.trade_number) for line in found} == {("JPY", "pi_1")}
    assert all(line.provider_number.startswith("re_") for line in found)
    assert all(abs(line.at - NOON) < timedelta(minutes=5) for line in found)


def test_more_than_a_page_comes_whole(sandbox: Sandbox, stripe: Stripe) -> None:
    with sandbox.ledger.transaction() as books:
        send_as = {"type": "refund", "amount": -1, "created": int(NOON.timestamp())}
        movements = [{**send_as, "id": f"txn_{n}"} for n in range(205)]
    send(stripe, "K1", 10)
    with sandbox.ledger.transaction() as books:
        refund = books.refund("stripe", key="K1")
        assert refund is not None
        traits = {**refund.traits, "movements": movements}
        books.change(type(refund)(**{**vars(refund), "traits": traits}))
    content = stripe.fetch_statement(DAY, now=AFTER)
    assert len({row["id"] for row in json.loads(content)["data"]}) == 205
    assert len(stripe.read_statement(content)) == 205


def test_a_day_that_is_not_over_has_none(stripe: Stripe) -> None:
    with pytest.raises(StatementMissing):
        stripe.fetch_statement(DAY, now=NOON)


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b'{"error":{"type":"api_error"}}', 500, StatementMissing),
        (b"<html>", 502, StatementMissing),
        (b'{"error":{"code":"api_key_expired"}}', 401, StatementMissing),
        (b"{}", 200, StatementBroken),
        (b'{"object":"list","data":[7],"has_more":false}', 200, StatementBroken),
        (b'{"object":"list","data":[],"has_more":true}', 200, StatementBroken),
    ],
)
def test_half_a_statement_is_none(
    body: bytes, status: int, error: type[Exception]
) -> None:
    with replying(body, status=status) as server, pytest.raises(error):
        stripe_at(server.url).fetch_statement(DAY, now=AFTER)
    with pytest.raises(StatementMissing):
        stripe_at("http://127.0.0.1:9").fetch_statement(DAY, now=AFTER)


def row(**fields: Any) -> dict[str, Any]:
    source = {
        "id": "re_1",
        "amount": 500,
        "currency": "jpy",
        "charge": "ch_1",
        "payment_intent": None,
        "metadata": {},
    }
    return {
        "id": "txn_1",
        "type": "refund",
        "amount": -24,
        "currency": "usd",
        "created": int(NOON.timestamp()),
        "source": source,
        **fields,
    }


def read(*rows: Any) -> list[Line]:
    return stripe_at("").read_statement(json.dumps({"data": rows}).encode())


def test_our_own_currency_is_not_the_payers() -> None:
    (line,) = read(row())
    assert line == Line("", "re_1", "ch_1", 500, "JPY", NOON)


def test_what_is_told_by_number_alone_is_a_line_all_the_same() -> None:
    (line,) = read(row(source="re_1", type="payment_failure_refund"))
    assert line == Line("", "re_1", "", 24, "USD", NOON, back=True)
    assert read(row(type="charge"), row(type="payout")) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"data":7}',
        b'{"data":[7]}',
        b"\xff",
        json.dumps({"data": [row(source={})]}).encode(),
        json.dumps({"data": [row(created="x")]}).encode(),
        json.dumps({"data": [row(source={"id": 1, "amount": 1.5})]}).encode(),
        json.dumps({"data": [row(created=10**30)]}).encode(),
    ],
)
def test_what_cannot_be_read_is_kept_as_it_came(content: bytes) -> None:
    with pytest.raises(StatementBroken) as broken:
        stripe_at("").read_statement(content)
    assert broken.value.content == content
