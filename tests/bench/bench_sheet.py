"""One case with every panel and a thousand events, against four bare SQL queries for
what it is about: the request, its events, its evidence, its money."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from refunds.models import RefundRequest
from refunds.record.events import next_event
from refunds.review.messages import write
from tests.bench.doors import doors_open, signed_in
from tests.people import Case, make_case, make_people

EVENTS, TIMES = 1_000, 40
MOST_QUERIES, MOST_SECONDS = 15, 0.1
BARE = (
    "SELECT r.*, c.*, k.*, s.* FROM refunds_refundrequest r "
    "JOIN accounts_customer c ON c.id = r.customer_id "
    "JOIN accounts_contract k ON k.id = r.contract_id "
    "JOIN accounts_service s ON s.id = r.service_id WHERE r.id = %s",
    "SELECT * FROM refunds_event WHERE request_id = %s ORDER BY position DESC",
    "SELECT * FROM refunds_evidence WHERE request_id = %s",
    "SELECT a.*, p.* FROM accounts_paymentallocation a "
    "JOIN accounts_payment p ON p.id = a.payment_id "
    "JOIN refunds_refundrequest r ON r.service_id = a.service_id WHERE r.id = %s",
)


@doors_open()
def figures() -> list[dict[str, Any]]:
    case = make_case(make_people(), at=datetime.now(UTC))
    case.pending_approval()
    write(case.request, by=case.people.evaluator, at=case.at, words="Noted.")
    few = _queries(_sheet(case))
    _remind(case.request, case.at)
    sheet = _sheet(case)
    many = _queries(sheet)
    mine, bare = _p95(sheet), _p95(lambda: _bare(case.request.pk))
    return [
        {
            "what": f"one case, {EVENTS:,} events, p95; {many} queries ({few} before)",
            "ours_seconds": mine,
            "reference": "four bare SQL queries, p95",
            "reference_seconds": bare,
            "ratio": mine / bare,
            "target": f"<= {MOST_SECONDS:g} s, <= {MOST_QUERIES} queries",
            "reached": mine <= MOST_SECONDS and few == many <= MOST_QUERIES,
        }
    ]


def _remind(request: RefundRequest, at: datetime) -> None:
    with transaction.atomic():
        locked = RefundRequest.objects.select_for_update().get(pk=request.pk)
        for nth in range(locked.event_count, EVENTS):
            data = {"deadline": "approval", "stage": "warn"}
            moment = at + timedelta(seconds=nth)
            next_event(locked, kind="reminded", by=None, at=moment, data=data).save()
        locked.save(update_fields=["event_count", "event_head"])


def _sheet(case: Case) -> Callable[[], None]:
    client = signed_in(case.people.approver)
    address = f"/admin/refunds/refundrequest/{case.request.pk}/change/"

    def look() -> None:
        assert client.get(address).status_code == 200

    look()
    look()
    return look


def _queries(look: Callable[[], None]) -> int:
    with CaptureQueriesContext(connection) as captured:
        look()
    return len(captured)


def _bare(pk: int) -> None:
    with connection.cursor() as cursor:
        for statement in BARE:
            cursor.execute(statement, [pk])
            cursor.fetchall()


def _p95(look: Callable[[], None]) -> float:
    spent = []
    for _time in range(TIMES):
        began = time.perf_counter()
        look()
        spent.append(time.perf_counter() - began)
    return quantiles(spent, n=20, method="inclusive")[-1]
