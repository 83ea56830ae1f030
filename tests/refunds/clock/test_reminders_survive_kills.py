"""Four sweepers at once, killed at any moment: the outbox is what the oracle says."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from refunds.models import Deadline, Event, Notice
from refunds.record.verify import find_breaks
from tests.refunds.clock.owing import ZONES, Told, make_world

pytestmark = pytest.mark.postgres
ROOT = Path(__file__).parents[3]
SWEEPERS, SEED = 4, 20261003
# In Beijing: the evening before the holiday; within it; its end, after a week's stop;
# the Saturday that makes up for it. In New York: two Wednesdays and a Friday, with a
# Saturday between.
MOMENTS = (
    datetime(2026, 9, 30, 10, 0, tzinfo=UTC),
    datetime(2026, 10, 3, 18, 0, tzinfo=UTC),
    datetime(2026, 10, 8, 1, 0, tzinfo=UTC),
    datetime(2026, 10, 10, 2, 0, tzinfo=UTC),
)


def environment() -> dict[str, str]:
    given = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": given._replace(path=f"/{name}").geturl(),
    }


class Nursery:
    """Where sweepers come from: at once, because it has started already."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def sweeper(self, at: datetime) -> int:
        """The number of its process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{at.isoformat()}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def nursery(*, batch: int) -> Iterator[Nursery]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.refunds.clock.sweeper", str(batch), *ZONES],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Nursery(process)


@contextmanager
def sweepers(born: Nursery, at: datetime) -> Iterator[list[int]]:
    """Four at work; who is taken out of the list is killed already."""
    alive = [born.sweeper(at) for _n in range(SWEEPERS)]
    try:
        yield alive
    finally:
        for number in alive:
            os.kill(number, signal.SIGKILL)


def still_due(at: datetime) -> int:
    return Deadline.objects.filter(next_at__lte=at).count()


def wait_until_due(at: datetime, *, at_most: int) -> None:
    until = time.monotonic() + 120
    while still_due(at) > at_most:
        assert time.monotonic() < until, "the sweepers get no further"
        time.sleep(0.005)


def sweep_under_fire(
    born: Nursery, at: datetime, *, kills: int, chance: random.Random
) -> None:
    """Each is killed in the middle of the work, and another takes its place."""
    all_due = still_due(at)
    shares = sorted((chance.uniform(0.1, 0.85) for _n in range(kills)), reverse=True)
    with sweepers(born, at) as alive:
        for share in shares:
            wait_until_due(at, at_most=int(all_due * share))
            time.sleep(chance.uniform(0, 0.005))
            os.kill(alive.pop(chance.randrange(SWEEPERS)), signal.SIGKILL)
            assert still_due(at), "killed after the work was done: that proves nothing"
            alive.append(born.sweeper(at))
        wait_until_due(at, at_most=0)


def notices_told() -> Told:
    rows = Notice.objects.values_list(
        "deadline_id", "kind", "data__stage", "recipient_id", "written_at"
    )
    return Counter(rows)


def events_told() -> Told:
    rows = Event.objects.filter(kind="reminded").values_list(
        "request_id", "data__deadline", "data__stage", "at"
    )
    return Counter(rows)


def clocks_kept() -> dict[int, tuple[str, datetime | None]]:
    rows = Deadline.objects.values_list("pk", "stage", "next_at")
    return {pk: (stage, next_at) for pk, stage, next_at in rows}


def check_the_outbox(*, deadlines: int, batch: int, kills: tuple[int, ...]) -> None:
    world = make_world(deadlines, chance=random.Random(SEED))
    with nursery(batch=batch) as born:
        for at, killed in zip(MOMENTS, kills, strict=True):
            sweep_under_fire(born, at, kills=killed, chance=world.chance)
            world.swept(at)
            assert notices_told() == world.told
            assert events_told() == world.reminded
            assert clocks_kept() == {
                pk: (clock.stage, clock.next_at) for pk, clock in world.clocks.items()
            }
    stages = {stage for _deadline, _kind, stage, *_rest in world.told}
    assert stages == set(Deadline.Stage.values), "every rung was among them"
    assert list(find_breaks()) == []


def test_killed_sweepers_remind_of_everything_once(committed: None) -> None:
    check_the_outbox(deadlines=200, batch=5, kills=(2, 0, 2, 0))


@pytest.mark.torture
def test_many_kills_among_20_000_due_deadlines(committed: None) -> None:
    check_the_outbox(deadlines=20_000, batch=100, kills=(8, 2, 8, 2))
