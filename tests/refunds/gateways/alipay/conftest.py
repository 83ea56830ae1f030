from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest

from refunds.gateways.alipay import Alipay
from refunds.gateways.base import Access, Parameters
from refunds.gateways.sandbox.keys import Keys, ensure_keys, strangers_key
from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.gateways.alipay.merchant import INSTRUCTION, TRADE, at


@pytest.fixture(scope="session")
def key_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    ensure_keys(folder)
    return folder


@pytest.fixture
def keys(key_dir: Path) -> Keys:
    return ensure_keys(key_dir)


@pytest.fixture
def gateway(key_dir: Path, tmp_path: Path) -> Iterator[Sandbox]:
    """With one trade of 100.00, paid ten days ago."""
    strangers_key()
    copytree(key_dir, tmp_path, dirs_exist_ok=True)
    with Sandbox(tmp_path) as sandbox:
        sandbox.ledger.put_trade(
            trade_no=TRADE,
            out_trade_no="P-1",
            total_minor=100_00,
            paid_at=datetime.now(UTC) - timedelta(days=10),
            buyer_logon_id='王}"{***',
        )
        yield sandbox


@pytest.fixture(scope="session")
def access(key_dir: Path) -> Access:
    """Knows both keys; nothing listens at its address."""
    return Access(
        number="2021000000000001",
        address="http://127.0.0.1:9/gateway.do",
        settings={},
        secrets={
            "private_key": (key_dir / "merchant_private.pem").read_text(),
            "public_key": (key_dir / "gateway_public.pem").read_text(),
        },
        timeout=0.3,
    )


@pytest.fixture(scope="session")
def offline(access: Access) -> Alipay:
    return Alipay(access)


@pytest.fixture
def alipay(offline: Alipay, gateway: Sandbox) -> Alipay:
    return at(offline, f"{gateway.url}/gateway.do")


@pytest.fixture
def parameters(offline: Alipay) -> Parameters:
    return offline.parameters(INSTRUCTION)
