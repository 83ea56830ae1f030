"""Two Celery workers killed 20 times over 2 000 payouts, Redis emptied beneath them:
every refund moves once, all is settled within a minute of the last fault; also with a
gateway that ignores keys. The short one is in `test_crash.py`."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection

from refunds.demo.merchants import ensure_merchants
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import LegState, PaymentBalance, PayoutLeg, RefundRequest
from refunds.record.verify import find_breaks
from refunds.states import State
from tests.people import make_people
from tests.refunds.payouts.many import AMOUNT, agree_on_many
from tests.refunds.payouts.till import REFUND

pytestmark = pytest.mark.postgres
ROOT = Path(__file__).parents[3]
SEED = 20261121
SETTLED_WITHIN_SECONDS = 60


@pytest.fixture
def real_time_sandbox(committed: None, tmp_path: Path) -> Iterator[Sandbox]:
    """By the machine's clock, as the workers' is."""
    with Sandbox(tmp_path / "sandbox") as sandbox:
        ensure_merchants(sandbox.state_dir, url=sandbox.url)
        yield sandbox


def environment() -> dict[str, str]:
    given = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": given._replace(path=f"/{name}").geturl(),
        "GATEWAY_TIMEOUT_SECONDS": "2",
        "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
    }


@contextmanager
def celery(number: int, folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A worker process with its own beat, in a list so that it can be replaced."""
    running = [start(number, folder)]
    try:
        yield running
    finally:
        running[0].kill()
        running[0].wait()


def start(number: int, folder: Path) -> subprocess.Popen[bytes]:
    for left_behind in folder.glob(f"beat-{number}*"):
        left_behind.unlink()
    options = {
        "--app": "config",
        "--pool": "solo",
        "--loglevel": "error",
        "--schedule": str(folder / f"beat-{number}"),
        "--hostname": f"w{number}@test",
    }
    app, *rest = (f"{name}={value}" for name, value in options.items())
    return subprocess.Popen(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "celery",
            app,
            "worker",
            "--beat",
            *rest,
        ],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.DEVNULL,
    )


def settled() -> int:
    return RefundRequest.objects.filter(state=State.REFUNDED).count()


def progress() -> int:
    """Of two per payout: it was sent, and it was settled."""
    return PayoutLeg.objects.filter(sendings__gt=0).count() + settled()


def is_past(target: int) -> bool:
    return progress() > target


def wait_until(reached: Callable[[], bool], *, at_most: float) -> float:
    """The seconds that it took."""
    began = time.monotonic()
    while not reached():
        waited = time.monotonic() - began
        assert waited < at_most, f"{settled()} settled after {waited:.0f} s"
        time.sleep(0.1)
    return time.monotonic() - began


def killed_again_and_again(
    sandbox: Sandbox, *, payouts: int, kills: int, tmp_path: Path
) -> float:
    """Spread over the work; seconds from the last fault until all was settled."""
    chance = random.Random(SEED)
    with ExitStack() as stack:
        workers = [stack.enter_context(celery(n, tmp_path)) for n in range(2)]
        for kill in range(kills):
            target = 2 * payouts * kill // kills
            wait_until(partial(is_past, target), at_most=300)
            time.sleep(chance.uniform(0, 0.5))
            number = kill % 2
            workers[number][0].send_signal(signal.SIGKILL)
            workers[number][0].wait()
            if kill == kills // 2:
                redis.Redis.from_url(django_settings.REDIS_URL).flushall()
            workers[number][0] = start(number, tmp_path)
        return wait_until(lambda: settled() == payouts, at_most=600)


def assert_all_paid_once(sandbox: Sandbox, *, payouts: int) -> None:
    legs = dict(PayoutLeg.objects.values_list("key", "amount"))
    moved = Counter(r.key.partition("#")[0] for r in sandbox.ledger.refunds())
    assert len(legs) == payouts
    assert moved == Counter(legs.keys())
    assert sandbox.ledger.moved_minor() == payouts * AMOUNT
    states = set(PayoutLeg.objects.values_list("state", flat=True))
    assert states == {LegState.SUCCEEDED}
    balances = set(PaymentBalance.objects.values_list("reserved", "refunded"))
    assert balances == {(0, AMOUNT)}
    assert list(find_breaks()) == []


@pytest.mark.torture
@pytest.mark.parametrize("gateway", ["keeps keys", "ignores keys"])
def test_two_thousand_payouts_survive_twenty_kills_and_a_flush(
    gateway: str, real_time_sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox = real_time_sandbox
    agree_on_many(make_people(), 2000, at=datetime.now(UTC), ledger=sandbox.ledger)
    if gateway == "ignores keys":
        sandbox.faults.add("ignores_key", method=REFUND, times=None)
    seconds = killed_again_and_again(sandbox, payouts=2000, kills=20, tmp_path=tmp_path)
    assert_all_paid_once(sandbox, payouts=2000)
    assert seconds <= SETTLED_WITHIN_SECONDS
