"""Payouts through the sandbox, against a bare loop of the same signed HTTP calls.

Each refund is a submission and a query. Ours also locks, reserves, commits before the
call, keeps each exchange, writes the events and settles the request.
"""

import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median

from django.db import connection

from refunds.demo.merchants import ensure_merchants
from refunds.gateways.base import OnlineGateway, Outcome
from refunds.gateways.registry import gateway_of, merchant_for
from refunds.gateways.sandbox.ledger import LEDGER_FILE, Ledger
from refunds.models import LegState, PayoutLeg
from refunds.payouts.release import move_agreed_on
from refunds.payouts.send import send_due
from tests.people import make_people
from tests.ports import free_port
from tests.refunds.payouts.many import agree_on_many

EACH, RUNS = 150, 3
LATER = timedelta(seconds=11)


def figures() -> list[dict[str, object]]:
    people = make_people()
    ratios, pairs, bare_times, our_times = [], [], [], []
    with tempfile.TemporaryDirectory() as folder, sandbox(Path(folder)) as ledger:
        for run in range(RUNS):
            requests = agree_on_many(
                people, 3 * EACH, at=datetime.now(UTC), ledger=ledger, series=run
            )
            move_agreed_on(at=datetime.now(UTC))
            legs = list(PayoutLeg.objects.filter(payout__request__in=requests))
            bare = bare_loop(legs[:EACH], ledger)
            one = worked_off(legs[EACH : 2 * EACH], ledger, workers=1)
            two = worked_off(legs[2 * EACH :], ledger, workers=2)
            bare_times.append(bare)
            our_times.append(one)
            ratios.append(bare / one)
            pairs.append(one / two)
    return [
        {
            "what": f"{EACH} payouts through the sandbox, one worker",
            "ours_seconds": median(our_times),
            "reference": "a bare loop of the same signed calls",
            "reference_seconds": median(bare_times),
            "ratio": median(ratios),
            "target": ">= 0.5 x its throughput",
            "reached": median(ratios) >= 0.5,
        },
        {
            "what": f"{EACH} payouts, two workers",
            "ours_seconds": median(our_times) / median(pairs),
            "reference": "one worker",
            "reference_seconds": median(our_times),
            "ratio": median(pairs),
            "target": "> 1 x its throughput",
            "reached": median(pairs) > 1,
        },
    ]


@contextmanager
def sandbox(folder: Path) -> Iterator[Ledger]:
    """A process of its own, as in life; our merchants point to it."""
    port, control = free_port(), free_port()
    options = ["--port", str(port), "--control-port", str(control)]
    command = [sys.executable, "manage.py", "sandbox", "--state", str(folder)]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        ensure_merchants(folder, url=f"http://127.0.0.1:{port}")
        yield Ledger(folder / LEDGER_FILE)
        process.terminate()
        process.communicate()


def bare_loop(legs: list[PayoutLeg], ledger: Ledger) -> float:
    """Seconds; no row is read or written."""
    gateway = gateway_of(merchant_for("alipay", ""))
    assert isinstance(gateway, OnlineGateway)
    began = time.perf_counter()
    for leg in legs:
        gateway.submit(leg.parameters, now=datetime.now(UTC))
    spent = time.perf_counter() - began
    ledger.move_ahead(LATER.total_seconds())
    began = time.perf_counter()
    for leg in legs:
        found = gateway.query(leg.parameters, now=datetime.now(UTC))
        assert found.outcome is Outcome.SUCCEEDED
    return spent + time.perf_counter() - began


def worked_off(legs: list[PayoutLeg], ledger: Ledger, *, workers: int) -> float:
    """Seconds, of as many processes as there are workers, from due to settled."""
    PayoutLeg.objects.exclude(pk__in=[leg.pk for leg in legs]).update(next_at=None)
    PayoutLeg.objects.filter(pk__in=[leg.pk for leg in legs]).update(
        next_at=datetime.now(UTC)
    )
    spent = in_processes(workers)
    ledger.move_ahead(LATER.total_seconds())
    PayoutLeg.objects.filter(state=LegState.PROCESSING).update(
        next_at=datetime.now(UTC)
    )
    spent += in_processes(workers)
    left = PayoutLeg.objects.filter(pk__in=[leg.pk for leg in legs])
    assert not left.exclude(state=LegState.SUCCEEDED).exists()
    return spent


def in_processes(count: int) -> float:
    connection.close()
    context = multiprocessing.get_context("fork")
    ready = context.Barrier(count + 1)
    processes = [context.Process(target=work, args=(ready,)) for _each in range(count)]
    for process in processes:
        process.start()
    ready.wait()
    began = time.perf_counter()
    for process in processes:
        process.join()
    return time.perf_counter() - began


def work(ready: Barrier) -> None:
    """Until nothing is due; what is claimed by the other is not."""
    connection.ensure_connection()
    ready.wait()
    while send_due(clock=lambda: datetime.now(UTC), limit=20):
        pass
