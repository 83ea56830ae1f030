from datetime import datetime
from pathlib import Path
from shutil import copytree

import pytest
from pytest_django import Settings

from refunds.gateways.sandbox.keys import ensure_keys
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import RefundRequest
from refunds.payouts.release import release
from tests.people import Case
from tests.refunds.payouts.till import Till


@pytest.fixture(scope="session")
def key_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    ensure_keys(folder)
    return folder


@pytest.fixture
def same_keys(key_dir: Path, tmp_path: Path) -> None:
    """The sandbox takes the keys it finds; to make new ones costs half a second."""
    copytree(key_dir, tmp_path, dirs_exist_ok=True)


@pytest.fixture
def till(
    same_keys: None,
    sandbox: Sandbox,
    merchants: None,
    settings: Settings,
    now: datetime,
) -> Till:
    """The gateway of the sandbox, waited for no longer than a fifth of a second."""
    settings.GATEWAY_TIMEOUT_SECONDS = 0.5
    return Till(sandbox, now)


@pytest.fixture
def released(case: Case, till: Till) -> RefundRequest:
    """10 000.00 of a payment of 12 000.00 agreed on, and released by finance."""
    request = case.agreed()
    case.known_to(till.sandbox)
    release(request, by=case.people.finance, at=till.at)
    return case.request
