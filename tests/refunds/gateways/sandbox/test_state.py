"""What is kept between starts: keys, money and the moved clock."""

import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from refunds.gateways.sandbox.keys import ensure_keys
from refunds.gateways.sandbox.ledger import Ledger
from refunds.gateways.sandbox.server import PortTaken, Sandbox
from tests.refunds.gateways.sandbox.merchant import NOW, ORDER, TRADE, Merchant

KEY_FILES = {
    "merchant_private.pem": "-----BEGIN PRIVATE KEY-----",
    "merchant_public.pem": "-----BEGIN PUBLIC KEY-----",
    "gateway_private.pem": "-----BEGIN PRIVATE KEY-----",
    "gateway_public.pem": "-----BEGIN PUBLIC KEY-----",
}


def test_keys_are_made_once_for_the_owner_alone(key_dir: Path) -> None:
    before = {path.name: path.read_text() for path in key_dir.iterdir()}
    assert before.keys() == KEY_FILES.keys()
    ensure_keys(key_dir)
    for name, first_line in KEY_FILES.items():
        assert before[name].startswith(first_line)
        assert (key_dir / name).read_text() == before[name]
        assert stat.S_IMODE((key_dir / name).stat().st_mode) == 0o600


def test_money_and_clock_survive_a_restart(state_dir: Path, frozen: None) -> None:
    Ledger(state_dir / "ledger.sqlite3").put_trade(
        trade_no=TRADE,
        out_trade_no=ORDER,
        total_minor=10_000,
        paid_at=NOW - timedelta(days=10),
    )
    with Sandbox(state_dir) as sandbox, Merchant(sandbox.url, state_dir) as merchant:
        sandbox.clock.advance(3600)
        merchant.refund("19.99")
    with Sandbox(state_dir) as sandbox, Merchant(sandbox.url, state_dir) as merchant:
        assert sandbox.clock.now() == NOW + timedelta(hours=1)
        assert merchant.refund("19.99").fields["fund_change"] == "N"
        assert sandbox.ledger.moved_minor() == 1999
        assert len(sandbox.ledger.calls()) == 2


def test_a_replaced_trade_keeps_its_refunds(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    merchant.refund("19.99")
    sandbox.ledger.put_trade(
        trade_no=TRADE, out_trade_no=ORDER, total_minor=20_000, paid_at=NOW
    )
    assert sandbox.ledger.moved_minor() == 1999


def test_a_payment_time_needs_a_zone(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    with pytest.raises(ValueError, match="time zone"):
        ledger.put_trade(
            trade_no=TRADE,
            out_trade_no=ORDER,
            total_minor=1,
            paid_at=datetime(2026, 1, 1),  # noqa: DTZ001
        )


def test_it_listens_on_loopback_only_and_a_port_only_once(
    sandbox: Sandbox, state_dir: Path
) -> None:
    assert sandbox.url.startswith("http://127.0.0.1:")
    assert sandbox.control_url.startswith("http://127.0.0.1:")
    port = int(sandbox.control_url.rpartition(":")[2])
    with pytest.raises(PortTaken, match=f"127.0.0.1:{port}"):
        Sandbox(state_dir, control_port=port).__enter__()
