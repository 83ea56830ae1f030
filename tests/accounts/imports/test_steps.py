"""An import happens once, whole or not at all: two presses, workers, a killed one."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Payment, PaymentAllocation, RecordsImport, Service, User
from accounts.resources import jobs, progress
from accounts.resources.jobs import confirm, run
from accounts.resources.payments import PaymentResource
from tests.accounts.imports.files import (
    as_csv,
    keeper_of_records,
    payment_row,
    sent,
    told,
    worked_on,
)
from tests.people import make_case, make_people

State = RecordsImport.State
ROOT = Path(__file__).parents[3]


def three_payments(service: Service) -> bytes:
    numbers = ("71", "72", "73")
    return as_csv(*(payment_row(service, trade_number=each) for each in numbers))


def of_the_file() -> int:
    return Payment.objects.filter(trade_number__in=("71", "72", "73")).count()


class Killed(BaseException):
    """As `kill -9`: nothing after it runs."""


@pytest.mark.django_db
@pytest.mark.database_rules
def test_the_check_imports_nothing(
    service: Service, keeper: User, now: datetime
) -> None:
    job = sent(three_payments(service), by=keeper)
    assert (job.state, job.rows, job.created) == (State.CHECKED, 3, 3)
    assert job.preview[1][:3] == ["2", "alipay", "71"]
    assert worked_on(job).state == State.CHECKED
    assert of_the_file() == 0


@pytest.mark.django_db
@pytest.mark.database_rules
def test_the_second_press_changes_nothing(
    service: Service, keeper: User, now: datetime
) -> None:
    job = sent(three_payments(service), by=keeper)
    assert confirm(job, by=keeper, at=now)
    assert not confirm(job, by=keeper, at=now)
    assert worked_on(job).state == State.APPLIED
    assert not confirm(job, by=keeper, at=now)
    assert worked_on(job).state == State.APPLIED
    assert of_the_file() == 3


@pytest.mark.django_db
@pytest.mark.database_rules
def test_all_or_nothing(
    service: Service, keeper: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two batches; in the second, a row has become wrong since the check."""
    monkeypatch.setattr("accounts.resources.payments.BATCH", 2)
    job = sent(three_payments(service), by=keeper)
    Payment.objects.create(
        customer=service.contract.customer,
        route="alipay",
        trade_number="73",
        amount=1,
        paid_at=now,
    )
    confirm(job, by=keeper, at=now)
    assert worked_on(job).state == State.REFUSED
    assert told(job) == [(4, "trade_number", "This number is there already.")]
    assert of_the_file() == 1


@pytest.mark.django_db
@pytest.mark.database_rules
def test_who_comes_in_between_sends_it_back_to_the_check(
    service: Service, keeper: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody commits the same number after ours was compared: it refuses."""
    job = sent(three_payments(service), by=keeper)
    confirm(job, by=keeper, at=now)
    imported_by_others = PaymentResource.create

    def late(self: PaymentResource, records: list[object]) -> None:
        imported_by_others(self, records)  # type: ignore[arg-type]
        imported_by_others(self, records)  # type: ignore[arg-type]

    monkeypatch.setattr(PaymentResource, "create", late)
    worked_on(job)
    assert (job.state, of_the_file()) == (State.UPLOADED, 0)
    monkeypatch.undo()
    assert worked_on(job).state == State.CHECKED


@pytest.mark.django_db
@pytest.mark.database_rules
@pytest.mark.parametrize("where", ["create", "settle", "take"])
def test_a_worker_killed_halfway_leaves_nothing_and_the_next_one_does_it(
    service: Service, keeper: User, now: datetime,
    monkeypatch: pytest.MonkeyPatch, where: str,
) -> None:  # fmt: skip
    job = sent(three_payments(service), by=keeper)
    confirm(job, by=keeper, at=now)
    whole = getattr(PaymentResource, where)

    def killed(*args: object, **named: object) -> None:
        whole(*args, **named)
        raise Killed

    monkeypatch.setattr(PaymentResource, where, killed)
    with pytest.raises(Killed):
        worked_on(job)
    job.refresh_from_db()
    assert (job.state, of_the_file()) == (State.CONFIRMED, 0)
    monkeypatch.undo()
    assert worked_on(job).state == State.APPLIED
    assert of_the_file() == 3


@pytest.mark.django_db
@pytest.mark.database_rules
def test_what_kills_every_worker_is_given_up(
    service: Service, keeper: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = sent(three_payments(service), by=keeper)
    confirm(job, by=keeper, at=now)

    def killed(*args: object, **named: object) -> None:
        raise Killed

    monkeypatch.setattr(PaymentResource, "take", killed)
    for _attempt in range(jobs.MOST_ATTEMPTS):
        with pytest.raises(Killed):
            worked_on(job)
    assert worked_on(job).state == State.FAILED
    assert worked_on(job).state == State.FAILED


@pytest.mark.django_db
@pytest.mark.database_rules
def test_a_worker_leaves_what_another_is_at(
    service: Service, keeper: User, now: datetime
) -> None:
    job = sent(three_payments(service), by=keeper)
    confirm(job, by=keeper, at=now)
    assert progress.begin(job.pk)
    assert worked_on(job).state == State.CONFIRMED
    progress.end(job.pk)
    assert worked_on(job).state == State.APPLIED


@pytest.mark.postgres
def test_two_workers_at_once_import_once(committed: None, now: datetime) -> None:
    service = make_case(make_people(), at=now).service
    keeper = keeper_of_records()
    job = sent(three_payments(service), by=keeper)
    confirm(job, by=keeper, at=now)
    barrier = Barrier(4)

    def work(_worker: int) -> None:
        mine = RecordsImport.objects.select_related("uploaded_by").get(pk=job.pk)
        barrier.wait()
        run(mine, clock=lambda: now)
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    job.refresh_from_db()
    assert (job.state, job.created, of_the_file()) == (State.APPLIED, 3, 3)
    parts = PaymentAllocation.objects.filter(payment__trade_number__in=("71", "72"))
    assert parts.count() == 2


def worker_that_never_ends() -> subprocess.Popen[str]:
    given = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.accounts.imports.killed_worker"],
        cwd=ROOT,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": given._replace(path=f"/{name}").geturl(),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.postgres
def test_kill_nine_between_the_rows_and_the_end(committed: None, now: datetime) -> None:
    service = make_case(make_people(), at=now).service
    keeper = keeper_of_records()
    job = sent(three_payments(service), by=keeper)
    confirm(job, by=keeper, at=now)
    with worker_that_never_ends() as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        assert of_the_file() == 0
        assert worked_on(job).state == State.CONFIRMED
        process.kill()
    # Its place in the cache runs out by itself.
    progress.end(job.pk)
    assert worked_on(job).state == State.APPLIED
    assert (job.attempts, of_the_file()) == (2, 3)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.UPLOADED, State.CONFIRMED])
def test_queries_do_not_grow_with_the_rows(
    service: Service, keeper: User, now: datetime, state: str
) -> None:
    def queries(rows: int, start: int) -> int:
        numbers = (str(start + n) for n in range(rows))
        content = as_csv(*(payment_row(service, trade_number=n) for n in numbers))
        job = sent(content, by=keeper)
        if state == State.UPLOADED:
            RecordsImport.objects.filter(pk=job.pk).update(state=state)
        else:
            confirm(job, by=keeper, at=now)
        with CaptureQueriesContext(connection) as captured:
            worked_on(job)
        return len(captured)

    assert queries(1000, start=1000) == queries(2, start=10)
