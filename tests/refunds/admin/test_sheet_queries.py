"""The decision sheet with every panel: what it costs, whatever the history."""

from datetime import timedelta

import pytest

from accounts.models import Outage, QualityReading
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import CannedReply, RefundRequest
from refunds.record.events import record
from refunds.review.fulfilment import fulfil
from refunds.review.messages import write
from tests.people import Case
from tests.refunds.admin.pressing import being_carried_out
from tests.refunds.pages import states
from tests.refunds.pages.visits import queries, visitor

AT_MOST = 15
LOOK = {"name": "log.jpg", "sha256": "0" * 64}
STATES: dict[str, tuple[states.Reach, str]] = {
    "submitted": (Case.submitted, "first_line"),
    "evaluation": (Case.in_evaluation, "evaluator"),
    "evaluation, another's": (Case.in_evaluation, "second_evaluator"),
    "evaluation, the customer's manager": (Case.in_evaluation, "account_manager"),
    "pending_approval": (Case.pending_approval, "approver"),
    "offered": (Case.offered, "evaluator"),
    "appealed": (states.in_appeal, "second_evaluator"),
    "agreed": (Case.agreed, "finance"),
    "invoicing": (states.behind_an_invoice, "finance"),
    "paying": (states.on_its_way, "finance"),
    "payout_blocked": (states.held_up, "finance"),
    "withdrawn": (states.taken_back, "auditor"),
}


def sheet(request: RefundRequest) -> str:
    return f"/admin/refunds/refundrequest/{request.pk}/change/"


def with_a_long_history(case: Case, request: RefundRequest) -> None:
    """Before anything else is asked for: the rows a busy case has gathered."""
    service, staff = request.service, case.people.evaluator
    for day in range(20):
        began = case.at - timedelta(days=day + 40)
        Outage.objects.create(
            service=service,
            began_at=began,
            ended_at=began + timedelta(hours=1),
            extent=Outage.Extent.TOTAL,
            cause=Outage.Cause.PROVIDER,
        )
        QualityReading.objects.create(
            service=service,
            metric="availability",
            period_from=began,
            period_to=began + timedelta(hours=1),
            measured="0.99",
            promised="0.999",
        )
        CannedReply.objects.create(title=f"{day}", words_en="Yes.", words_zh="好的。")
    for _message in range(50):
        write(request, by=staff, at=case.at, words="Still looking.")
    for _event in range(200):
        record(request, "evidence_downloaded", by=staff, at=case.at, data=LOOK)
    for other in states.more(case, 6):
        states.taken_back(other)


@pytest.mark.postgres
@pytest.mark.parametrize("state", STATES)
@pytest.mark.usefixtures("sandbox")
def test_the_sheet_takes_few_queries(case: Case, state: str) -> None:
    reach, role = STATES[state]
    check_queries(case, reach(case), role)


@pytest.mark.postgres
def test_so_does_one_that_is_paid_back(case: Case, sandbox: Sandbox) -> None:
    request = states.money_back(case, sandbox)
    assert request.state == "refunded"
    check_queries(case, request, "auditor")


@pytest.mark.postgres
def test_so_does_one_that_is_carried_out(case: Case) -> None:
    request = being_carried_out(case)
    fulfil(request, by=case.people.evaluator, at=case.at, words="Extended.")
    request = RefundRequest.objects.get(pk=request.pk)
    assert request.state == "fulfilled"
    check_queries(case, request, "auditor")


def check_queries(case: Case, request: RefundRequest, role: str) -> None:
    client = visitor(getattr(case.people, role))
    few = queries(client, sheet(request))
    assert few <= AT_MOST
    with_a_long_history(case, request)
    assert queries(client, sheet(request)) == few
    assert queries(client, f"{sheet(request)}?before=100") == few
