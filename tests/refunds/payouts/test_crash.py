"""Workers killed at any moment: whatever was in the air, each refund moves once."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from refunds.models import LegState, PaymentBalance, PayoutLeg, RefundRequest
from refunds.payouts.release import release
from refunds.payouts.send import send_due
from refunds.record.verify import find_breaks
from refunds.states import State
from tests.people import make_case, make_people
from tests.refunds.payouts.till import QUERY, REFUND, Till

pytestmark = pytest.mark.postgres
ROOT = Path(__file__).parents[3]
PAYOUTS, KILLS, SEED = 8, 2, 20261121


def environment(till: Till) -> dict[str, str]:
    """As the worker of an installation would have it; on the tests' own database."""
    given = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": given._replace(path=f"/{name}").geturl(),
        "GATEWAY_TIMEOUT_SECONDS": "1",
    }


@contextmanager
def worker(till: Till) -> Iterator[subprocess.Popen[str]]:
    folder = str(till.sandbox.state_dir)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.refunds.crash_worker", folder],
        cwd=ROOT,
        env=environment(till),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        yield process
        process.kill()


def wait_until_sending(*, since: datetime) -> None:
    until = time.monotonic() + 20
    sending = PayoutLeg.objects.filter(state=LegState.SENDING, sent_at__gte=since)
    while not sending.exists():
        assert time.monotonic() < until, "the worker sends nothing"
        time.sleep(0.005)


def test_killed_workers_lose_nothing_and_pay_nothing_twice(
    committed: None, till: Till, now: datetime
) -> None:
    people = make_people()
    for _each in range(PAYOUTS):
        case = make_case(people, at=now)
        release(case.agreed(), by=people.finance, at=now)
        case.known_to(till.sandbox)
    chance = random.Random(SEED)
    for method in (REFUND, QUERY):
        till.fails("slow:0.08", method=method, times=None)
    killed_in_the_air = 0
    for _kill in range(KILLS):
        begun = till.sandbox.clock.now()
        with worker(till) as process:
            wait_until_sending(since=begun)
            time.sleep(chance.uniform(0, 0.12))
            process.kill()
        killed_in_the_air += PayoutLeg.objects.filter(state=LegState.SENDING).count()
        till.later(seconds=35)
    assert killed_in_the_air
    till.heals()
    for _round in range(40):
        send_due(clock=till.sandbox.clock.now)
        if not PayoutLeg.objects.exclude(state=LegState.SUCCEEDED).exists():
            break
        till.later(seconds=31)
    legs = PayoutLeg.objects.values_list("key", "amount")
    assert len(legs) == PAYOUTS
    assert sorted(till.moved()) == sorted(legs)
    assert set(PayoutLeg.objects.values_list("state", flat=True)) == {"succeeded"}
    assert set(RefundRequest.objects.values_list("state", flat=True)) == {
        State.REFUNDED
    }
    found = PaymentBalance.objects.values_list("reserved", "refunded")
    assert set(found) == {(0, 10_000_00)}
    assert list(find_breaks()) == []
