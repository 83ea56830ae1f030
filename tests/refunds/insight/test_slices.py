"""Slice by slice: nobody waits long, a worker may die, nothing is counted twice."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from accounts.models import User
from refunds.insight import backtest, decided
from refunds.insight.backtest import begin, figures_of, run_waiting
from refunds.insight.trial import Tried, trial
from refunds.models import Backtest, BacktestChange
from refunds.policies.versions import discard
from refunds.policy.rules import Rule
from tests.conftest import NOW
from tests.refunds.insight import past
from tests.refunds.policies.desk import make_editor
from tests.refunds.policy.situations import live, outage, paid
from tests.refunds.together import at_once

LINE = "live_streaming"
REQUESTS = 7
ROOT = Path(__file__).parents[3]


def ticking(start: datetime, *, seconds: float) -> Callable[[], datetime]:
    """A clock that is so much later each time somebody looks."""
    moments = (start + n * timedelta(seconds=seconds) for n in range(10_000))
    return lambda: next(moments)


def a_past(editor: User, now: datetime, *, requests: int = REQUESTS) -> Backtest:
    down = (outage("2026-02-01 00:00", "2026-02-06 00:00"),)
    for n in range(requests):
        past.decided(live(payments=(paid(1000 + n),), outages=down), at=now)
    return begin(past.draft_of(LINE, editor, share=Fraction(1, 2)), by=editor, at=now)


def is_whole(run: Backtest, requests: int = REQUESTS) -> bool:
    run.refresh_from_db()
    counted = sum(f.count for f in figures_of(run))
    kept = BacktestChange.objects.filter(backtest=run).count()
    done = (run.state, run.done, run.total) == ("done", requests, requests)
    return done and counted == kept == requests


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decided, "BATCH", 2)


@pytest.mark.usefixtures("small_batches")
def test_a_slice_ends_in_time_and_the_next_goes_on_from_there(
    editor: User, now: datetime
) -> None:
    run = a_past(editor, now)
    clock = ticking(now, seconds=6)
    seen = []
    while run_waiting(clock=clock):
        run.refresh_from_db()
        assert run.seen_at is None, "whoever comes next may go on at once"
        seen.append((run.state, run.done, BacktestChange.objects.count()))
    assert seen[:3] == [("running", 2, 2), ("running", 4, 4), ("running", 6, 6)]
    assert seen[-1] == ("done", 7, 7)
    assert is_whole(run)


@pytest.mark.usefixtures("small_batches")
def test_each_slice_asks_for_the_next(
    editor: User,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(backtest, "nudge", asked.append)
    a_past(editor, now)
    assert asked == ["run_backtests"]
    assert run_waiting(clock=ticking(now, seconds=6))
    assert asked == ["run_backtests"] * 2


@pytest.mark.usefixtures("small_batches")
def test_a_batch_that_breaks_off_leaves_nothing_and_is_done_again(
    editor: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_past(editor, now)
    run_waiting(clock=ticking(now, seconds=6))

    def breaks_off(*_rows: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(BacktestChange.objects, "bulk_create", breaks_off)
        with pytest.raises(KeyboardInterrupt):
            run_waiting(clock=lambda: now)
    run.refresh_from_db()
    assert (run.done, BacktestChange.objects.count()) == (2, 2)
    later = now + backtest.SILENCE
    assert not run_waiting(clock=lambda: later), "its worker may be alive"
    assert run_waiting(clock=lambda: later + timedelta(seconds=1))
    assert is_whole(run)


@pytest.mark.usefixtures("small_batches")
def test_a_worker_that_was_thought_dead_counts_nothing_twice(
    editor: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_past(editor, now)
    later = now + timedelta(minutes=2)

    def stalls(line: str, rules: tuple[Rule, ...], *, after: int) -> Iterator[Tried]:
        for tried in trial(line, rules, after=after):
            monkeypatch.setattr(backtest, "trial", trial)
            run_waiting(clock=ticking(later, seconds=6))
            yield tried

    monkeypatch.setattr(backtest, "trial", stalls)
    run_waiting(clock=lambda: now)
    run.refresh_from_db()
    assert (run.state, run.done, BacktestChange.objects.count()) == ("running", 2, 2)
    run_waiting(clock=lambda: later)
    assert is_whole(run)


def test_a_draft_discarded_halfway_takes_its_run_along(
    editor: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_past(editor, now)

    def discarded(line: str, rules: tuple[Rule, ...], *, after: int) -> Iterator[Tried]:
        for tried in trial(line, rules, after=after):
            discard(run.version, by=editor, at=NOW)
            yield tried

    monkeypatch.setattr(backtest, "trial", discarded)
    run_waiting(clock=lambda: now)
    assert not Backtest.objects.exists()
    assert not BacktestChange.objects.exists()


@pytest.mark.postgres
@pytest.mark.usefixtures("small_batches")
def test_of_two_workers_at_once_one_runs_it(committed: None, now: datetime) -> None:
    run = a_past(make_editor(), now)
    ran = at_once(*[lambda: run_waiting(clock=lambda: now)] * 2)
    assert sorted(ran, key=bool)[-1] is True
    assert is_whole(run)


@pytest.mark.postgres
def test_killed_workers_lose_a_batch_and_count_nothing_twice(
    committed: None, now: datetime
) -> None:
    run = a_past(make_editor(), now, requests=40)
    for kill in range(3):
        _killed_on_the_way(run)
        run.refresh_from_db()
        counted = sum(f.count for f in figures_of(run))
        assert counted == run.done == BacktestChange.objects.count(), kill
        assert run.state == Backtest.State.RUNNING
        Backtest.objects.update(seen_at=now)
    while run_waiting(clock=lambda: now + timedelta(minutes=2)):
        pass
    assert is_whole(run, 40)


def _killed_on_the_way(run: Backtest) -> None:
    """Once the worker has taken it further, wherever it then is."""
    given = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": given._replace(path=f"/{name}").geturl(),
    }
    run.refresh_from_db()
    before, until = run.position, time.monotonic() + 20
    with subprocess.Popen(
        [sys.executable, "-m", "tests.refunds.insight.slow_worker"],
        cwd=ROOT,
        env=environment,
    ) as worker:
        while run.position == before:
            assert time.monotonic() < until, "the worker does nothing"
            time.sleep(0.005)
            run.refresh_from_db()
        worker.kill()
