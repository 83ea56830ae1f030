"""Two workers compare the same day, or a large one comes: one item each."""

import os
from datetime import datetime
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from refunds.models import (
    Discrepancy,
    Merchant,
    OutsideRefund,
    PaymentBalance,
    ReceivedFile,
    StatementLine,
)
from refunds.payouts.reconcile import reconcile
from refunds.payouts.statements import upload
from tests.people import Case, make_case, make_people
from tests.refunds.payouts.reconciliation.bills import (
    MONDAY,
    Row,
    alipay,
    bill,
    portal_row,
)
from tests.refunds.together import at_once, queued_behind

pytestmark = pytest.mark.postgres
MANY = 20_000 if "TORTURE" in os.environ else 2_000


@pytest.fixture
def merchant(db: None) -> Merchant:
    return _merchant()


def _merchant() -> Merchant:
    """At the sandbox, which is not asked here."""
    return Merchant.objects.create(
        route="alipay", number="1", usual=True, address="http://127.0.0.1:9/"
    )


@pytest.mark.usefixtures("committed")
def test_of_two_that_compare_at_once_one_writes_and_books(now: datetime) -> None:
    people = make_people()
    make_case(people, at=now)
    _merchant()
    content = bill([portal_row(), portal_row(key="HD2", amount=7_00)])
    bring = partial(
        upload,
        alipay(),
        MONDAY,
        name="bill.zip",
        content=content,
        by=people.finance,
        at=now,
    )
    files = at_once(bring, bring)
    assert len({file.pk for file in files if isinstance(file, ReceivedFile)}) == 1
    assert Discrepancy.objects.count() == StatementLine.objects.count() == 2
    assert PaymentBalance.objects.get().refunded == 507_00
    again = partial(reconcile, alipay(), MONDAY, at=now)
    Discrepancy.objects.update(words="")
    queued_behind(list(PaymentBalance.objects.all()), again, again)
    assert PaymentBalance.objects.get().refunded == 507_00
    assert OutsideRefund.objects.count() == Discrepancy.objects.count() == 2


def test_thousands_of_lines_cost_no_query_each(
    case: Case, merchant: Merchant, now: datetime
) -> None:
    """None of them ours, or of a payment of ours: an item each."""
    few = _brought(case, now, 20)
    assert _brought(case, now, MANY) <= few + 25
    assert StatementLine.objects.count() == MANY + 20
    assert Discrepancy.objects.filter(words="auto:no_payment:").count() == MANY


def _brought(case: Case, now: datetime, count: int) -> int:
    rows = [Row(f"T{n}", f"HD{n}", 100 + n) for n in range(count)]
    with CaptureQueriesContext(connection) as captured:
        upload(
            alipay(),
            MONDAY,
            name="bill.zip",
            content=bill(rows),
            by=case.people.finance,
            at=now,
        )
    return len(captured)
