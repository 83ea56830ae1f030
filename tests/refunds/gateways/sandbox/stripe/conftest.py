from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest

from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.gateways.sandbox.stripe.caller import INTENT, Caller


@pytest.fixture
def sandbox(key_dir: Path, tmp_path: Path) -> Iterator[Sandbox]:
    """With one payment of 100.00 USD."""
    with Sandbox(copytree(key_dir, tmp_path / "sandbox")) as sandbox:
        sandbox.ledger.put_trade(
            route="stripe",
            trade_no=INTENT,
            out_trade_no="order-1",
            total_minor=100_00,
            currency="USD",
            paid_at=datetime.now(UTC),
        )
        yield sandbox


@pytest.fixture
def caller(sandbox: Sandbox) -> Caller:
    return Caller(sandbox)
