from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest
import time_machine

from refunds.gateways.sandbox.keys import ensure_keys
from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.gateways.sandbox.merchant import NOW, ORDER, TRADE, Merchant


@pytest.fixture(scope="session")
def key_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    ensure_keys(folder)
    return folder


@pytest.fixture
def state_dir(key_dir: Path, tmp_path: Path) -> Path:
    return copytree(key_dir, tmp_path / "sandbox")


@pytest.fixture
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def sandbox(state_dir: Path, frozen: None) -> Iterator[Sandbox]:
    """With one trade of 100.00, paid ten days ago."""
    with Sandbox(state_dir) as sandbox:
        sandbox.ledger.put_trade(
            trade_no=TRADE,
            out_trade_no=ORDER,
            total_minor=10_000,
            paid_at=NOW - timedelta(days=10),
            buyer_logon_id='王}"{***',
        )
        yield sandbox


@pytest.fixture
def merchant(sandbox: Sandbox, state_dir: Path) -> Iterator[Merchant]:
    with Merchant(sandbox.url, state_dir) as merchant:
        yield merchant
