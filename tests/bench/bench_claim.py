"""Eight reviewers take the next case at once, against the bare SKIP LOCKED update.

Both are given the same unclaimed cases, in the order of what is due. Ours also asks who
may take what, writes the event, its hash and the owner of the deadline.
"""

import multiprocessing
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection

from accounts.models import Contract, Customer, Role, Service, User
from refunds.models import Deadline, Event, RefundRequest
from refunds.review.hands import take_next
from refunds.states import State

REVIEWERS, EACH, RUNS = 8, 100, 5
CASES = REVIEWERS * EACH
NOW = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
BARE = """
UPDATE refunds_refundrequest SET handler_id = %s WHERE id = (
    SELECT r.id FROM refunds_deadline d JOIN refunds_refundrequest r
        ON r.id = d.request_id
    WHERE d.owner IN ('first_line', 'evaluator') AND d.user_id IS NULL
        AND d.closed_at IS NULL AND d."left" IS NULL AND r.handler_id IS NULL
    ORDER BY d.due_at, r.amount_asked DESC LIMIT 1 FOR UPDATE OF r SKIP LOCKED
) RETURNING id
"""
Take = Callable[[User], int]


def figures() -> list[dict[str, object]]:
    reviewers = make_reviewers()
    make_cases(reviewers[0])
    ours, bare = [], []
    for _run in range(RUNS):
        bare.append(p95(bare_update, reviewers))
        put_back()
        ours.append(p95(claimed, reviewers))
        put_back()
    ratio = median(mine / theirs for mine, theirs in zip(ours, bare, strict=True))
    return [
        {
            "what": f"claim the next case, {REVIEWERS} at once, p95",
            "ours_seconds": median(ours),
            "reference": "the bare SKIP LOCKED update, p95",
            "reference_seconds": median(bare),
            "ratio": ratio,
            "target": "<= 3 x, none twice",
            "reached": ratio <= 3,
        }
    ]


def make_reviewers() -> list[User]:
    group = Group.objects.get(name=Role.FIRST_LINE)
    users = [
        User.objects.create(email=f"r{n}@bench.test", is_staff=True)
        for n in range(REVIEWERS)
    ]
    group.user_set.set(users)
    return users


def make_cases(filed_by: User) -> None:
    day = NOW.date()
    customer = Customer.objects.create(name="Bench")
    owner = User.objects.create(email="owner@bench.test")
    contract = Contract.objects.create(
        number="B-1",
        customer=customer,
        product_line="live_streaming",
        signed_on=day,
        effective_on=day,
    )
    services = Service.objects.bulk_create(
        Service(contract=contract, name="Live", billing="term") for _ in range(CASES)
    )
    requests = RefundRequest.objects.bulk_create(
        RefundRequest(
            number=f"RF-2026-{n:06d}",
            customer=customer,
            contract=contract,
            service=service,
            ground="outage",
            amount_asked=100_00 + n,
            currency="CNY",
            filed_by=owner,
            submitted_at=NOW,
            state=State.SUBMITTED,
            event_count=1,
        )
        for n, service in enumerate(services)
    )
    Deadline.objects.bulk_create(
        Deadline(
            request=request,
            kind=Deadline.Kind.PRELIMINARY_REVIEW,
            owner=Deadline.Owner.FIRST_LINE,
            started_at=NOW,
            warn_at=NOW + timedelta(days=3),
            due_at=NOW + timedelta(days=5 + n % 7),
            next_at=NOW + timedelta(days=3),
        )
        for n, request in enumerate(requests)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def put_back() -> None:
    """As it was, past the triggers that keep what happened."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        Event.objects.all().delete()
        Deadline.objects.update(user=None)
        RefundRequest.objects.update(handler=None)
        cursor.execute("UPDATE refunds_refundrequest SET state = 'submitted'")
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


def claimed(user: User) -> int:
    found = take_next(by=user, at=NOW)
    assert found is not None
    return found.pk


def bare_update(user: User) -> int:
    with connection.cursor() as cursor:
        cursor.execute(BARE, [user.pk])
        return int(cursor.fetchone()[0])


def p95(take: Take, reviewers: list[User]) -> float:
    """Seconds; every reviewer is a process of their own. Fails where two got one."""
    connection.close()
    context = multiprocessing.get_context("fork")
    start = context.Barrier(len(reviewers))
    told = context.SimpleQueue()
    processes = [
        context.Process(target=review, args=(take, user.pk, start, told))
        for user in reviewers
    ]
    for process in processes:
        process.start()
    results = [told.get() for _ in processes]
    for process in processes:
        process.join()
    taken = [pk for cases, _seconds in results for pk in cases]
    assert len(taken) == len(set(taken)) == CASES, "a case was taken twice"
    seconds: list[float] = [s for _cases, each in results for s in each]
    return quantiles(seconds, n=20)[-1]


def review(take: Take, reviewer: int, start: Any, told: Any) -> None:
    cases, seconds = [], []
    User.objects.get(pk=reviewer)
    start.wait()
    for _each in range(EACH):
        user = User.objects.get(pk=reviewer)
        began = time.perf_counter()
        cases.append(take(user))
        seconds.append(time.perf_counter() - began)
    connection.close()
    told.put((cases, seconds))
