"""The whole life in one process: each state, its event, its deadlines, its notices."""

from datetime import timedelta

from refunds.gateways.sandbox.server import Sandbox
from refunds.judging import recompute
from refunds.models import Assessment, Deadline, Notice
from refunds.payouts.release import move_agreed_on
from refunds.payouts.send import send_due
from refunds.record.verify import find_breaks
from tests.people import Case


def test_every_step_is_in_the_log_and_the_money_goes_back(
    case: Case, sandbox: Sandbox, merchants: None
) -> None:
    case.known_to(sandbox)
    case.agreed()
    move_agreed_on(at=case.at)
    send_due(clock=lambda: case.at)
    sandbox.clock.advance(20)
    send_due(clock=lambda: case.at + timedelta(seconds=20))
    request = case.request
    assert request.state == "refunded"
    assert list(request.events.values_list("kind", flat=True)) == [
        "submit",
        "claim",
        "pass_on",
        "take_up",
        "propose",
        "approve",
        "accept",
        "pay",
        "payout_sent",
        "payout_processing",
        "payout_succeeded",
        "settle",
    ]
    assert list(find_breaks()) == []
    assert not Deadline.objects.filter(closed_at=None).exists()
    kinds = Notice.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [
        "customer_submitted",
        "staff_returned",
        "customer_offered",
        "customer_agreed",
        "customer_refunded",
    ]
    assert sandbox.ledger.moved_minor() == request.agreed_amount


def test_every_kept_assessment_recomputes_to_the_same_answer(case: Case) -> None:
    case.offered()
    kept = Assessment.objects.all()
    assert len(kept) == 2
    for assessment in kept:
        assert recompute(assessment).as_dict() == assessment.answer


def test_the_service_ends_at_submission_where_the_request_ends_it(case: Case) -> None:
    case.agreed()
    case.service.refresh_from_db()
    assert case.service.ended_at == case.request.submitted_at
