"""Many processes at the same payments, by every door at once: never above what was
paid, and no deadlock left. 8 x 1 000 rounds in `make torture`, fewer in `make test`."""

import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import Payment, PaymentAllocation
from refunds.demo.merchants import ensure_merchants
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import PaymentBalance
from refunds.record.verify import find_breaks
from tests.people import People, make_case, make_people
from tests.refunds.pages.visits import plain_static_files as plain_static_files
from tests.refunds.payouts.many import PAID, agree_on_many
from tests.refunds.payouts.racing import Racer, what_is_gone
from tests.refunds.payouts.till import REFUND

pytestmark = pytest.mark.postgres
PAYMENTS = 6


@pytest.fixture
def sandbox(committed: None, tmp_path: Path) -> Iterator[Sandbox]:
    """By the machine's clock. It refuses every third refund for a reason of its own."""
    with Sandbox(tmp_path) as running:
        running.notify["alipay"] = "http://127.0.0.1:9/never-delivered"
        yield running


def put_up(people: People, sandbox: Sandbox) -> None:
    """Thirty agreed requests over six payments that have money for half of them, and
    four offers that wait for the customer, two on each payment that covers one."""
    ensure_merchants(sandbox.state_dir, url=sandbox.url)
    agreed = agree_on_many(people, 30, at=now(), ledger=sandbox.ledger)
    shared = list(Payment.objects.order_by("pk")[:PAYMENTS])
    for number, request in enumerate(agreed):
        own = PaymentAllocation.objects.filter(service=request.service)
        own.update(payment=shared[number % PAYMENTS])
        PaymentAllocation.objects.create(
            payment=shared[(number + 1) % PAYMENTS],
            service=request.service,
            amount=PAID // 2,
        )
    for _pair in range(2):
        one, other = (make_case(people, at=now()) for _each in range(2))
        one.offered()
        other.offered()
        paid = one.service.allocations.get().payment
        other.service.allocations.update(payment=paid)
        one.known_to(sandbox)
    Payment.objects.filter(allocations=None).delete()


def race(people: People, sandbox: Sandbox, *, processes: int, rounds: int) -> None:
    sandbox.faults.add("sub_code:ACQ.TRADE_NOT_ALLOW_REFUND", method=REFUND, times=1)
    connection.close()
    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()

    def run(seed: int) -> None:
        told.put(Racer(people, sandbox.state_dir, seed).run(rounds))

    racers = [context.Process(target=run, args=(seed,)) for seed in range(processes)]
    for racer in racers:
        racer.start()
    found = [fault for _racer in racers for fault in told.get()]
    for racer in racers:
        racer.join()
    assert found == []


def assert_never_above(sandbox: Sandbox) -> None:
    for payment in Payment.objects.all():
        moved = [
            refund.amount_minor
            for refund in sandbox.ledger.refunds()
            if refund.trade_no == payment.trade_number
        ]
        assert sum(moved) <= payment.amount
        balance = PaymentBalance.objects.filter(payment=payment).first()
        if balance:
            assert (balance.reserved, balance.refunded) == what_is_gone(payment)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
        assert cursor.fetchone() == (0,)
    assert list(find_breaks()) == []


@pytest.mark.parametrize(
    ("processes", "rounds"),
    [(3, 25), pytest.param(8, 1000, marks=pytest.mark.torture)],
)
def test_however_many_press_at_once_no_payment_gives_back_more_than_it_has(
    processes: int, rounds: int, sandbox: Sandbox, plain_static_files: None
) -> None:
    people = make_people()
    put_up(people, sandbox)
    race(people, sandbox, processes=processes, rounds=rounds)
    assert_never_above(sandbox)


def now() -> datetime:
    return datetime.now(UTC)
