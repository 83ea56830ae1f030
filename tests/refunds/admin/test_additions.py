"""What was added to a case, on its sheet: who sees which button, and what it does."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import QualityReading, Service, User
from refunds.filing.measurements import add_measurement
from refunds.models import Measurement, RefundRequest
from refunds.review.answers import withdraw
from tests.people import Case
from tests.refunds.filing import papers
from tests.refunds.pages.visits import queries, reads, text_of, told, visitor


def sheet(request: RefundRequest) -> str:
    return f"/admin/refunds/refundrequest/{request.pk}/change/"


def door(request: RefundRequest, what: str, pk: int | None = None) -> str:
    inner = f"{what}/" if pk is None else f"{what}/{pk}/"
    return f"/admin/refunds/refundrequest/{request.pk}/{inner}"


def file(content: bytes, name: str = "service.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture
def evaluator(case: Case) -> Client:
    return visitor(case.people.evaluator)


@pytest.fixture
def measured(case: Case) -> Measurement:
    """In the evaluator's hands."""
    service = Service.objects.filter(pk=case.service.pk)
    service.update(promised={"availability": "99.90"})
    return measure(case, case.in_evaluation(), "98")


def measure(case: Case, request: RefundRequest, level: str) -> Measurement:
    return add_measurement(
        request,
        metric="availability",
        period_from=case.at - timedelta(days=8),
        period_to=case.at - timedelta(days=1),
        measured=level,
        report=request.evidence.earliest("pk"),
        by=case.people.member,
        at=case.at,
    )


def test_the_staff_add_a_service_log(case: Case, evaluator: Client) -> None:
    request = case.in_evaluation()
    assert "Add a service log or a report" in reads(evaluator, sheet(request))
    sent = {"kind": "fault_log", "papers": [file(papers.pdf())]}
    answer = evaluator.post(door(request, "evidence"), sent)
    assert answer["Location"] == sheet(request)
    assert "Evidence is added." in told(answer)
    page = reads(evaluator, sheet(request))
    assert "Added by evaluator of the staff" in page.split("service.pdf")[1]
    assert "of the staff" not in page.split("service.pdf")[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"<html>", "is a web page"), (None, "Choose a file first.")],
)
def test_a_refused_file_is_named_on_the_sheet(
    case: Case, evaluator: Client, content: bytes | None, words: str
) -> None:
    request = case.in_evaluation()
    files = [] if content is None else [file(content, "a.png")]
    sent = {"kind": "fault_log", "papers": files}
    answer = evaluator.post(door(request, "evidence"), sent)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert request.evidence.count() == 1


def test_a_file_is_verified_and_dismissed_on_the_sheet(
    case: Case, evaluator: Client
) -> None:
    request = case.in_evaluation()
    path = door(request, "evidence", request.evidence.get().pk)
    assert "Verify log.jpg" in reads(evaluator, sheet(request))
    evaluator.post(path, {"verdict": "verified"})
    page = reads(evaluator, sheet(request))
    assert "Verified" in page
    assert "Verify log.jpg" not in page
    empty = evaluator.post(path, {"verdict": "dismissed", "reason": " "})
    assert empty.status_code == 422
    assert "Say why; the customer reads it." in text_of(empty)
    evaluator.post(path, {"verdict": "dismissed", "reason": "Another node."})
    assert "Dismissed Another node." in reads(evaluator, sheet(request))
    assert request.evidence.get().verdict == "dismissed"


def test_a_measurement_is_accepted_on_the_sheet(
    case: Case, evaluator: Client, measured: Measurement
) -> None:
    request = measured.request
    page = reads(evaluator, sheet(request))
    assert "Availability 98% 99.9% promised" in page
    path = door(request, "measurements", measured.pk)
    answer = evaluator.post(path, {"verdict": "accepted"})
    assert answer["Location"] == sheet(request)
    assert QualityReading.objects.get().accepted
    assert "Accept as a reading" not in reads(evaluator, sheet(request))
    evaluator.get(sheet(request))
    twice = evaluator.post(path, {"verdict": "accepted"})
    assert "decided on already: Accepted" in told(twice)
    assert QualityReading.objects.count() == 1


def test_a_measurement_is_dismissed_with_a_reason(
    evaluator: Client, measured: Measurement
) -> None:
    path = door(measured.request, "measurements", measured.pk)
    for nonsense in ({"verdict": "dismissed"}, {}, {"verdict": "maybe"}):
        assert evaluator.post(path, nonsense).status_code == 422
    evaluator.post(path, {"verdict": "dismissed", "reason": "Measured at home."})
    page = reads(evaluator, sheet(measured.request))
    assert "Dismissed Measured at home." in page


ACTS: list[tuple[str, dict[str, Any]]] = [
    ("evidence", {"verdict": "verified"}),
    ("measurements", {"verdict": "accepted"}),
]


@pytest.mark.parametrize("who", ["second_evaluator", "auditor", "finance", "superuser"])
def test_who_has_it_not_in_hand_sees_no_button_and_presses_none(
    case: Case, measured: Measurement, who: str
) -> None:
    user: User = getattr(case.people, who)
    client, request = visitor(user), measured.request
    page = reads(client, sheet(request))
    assert "Verify log.jpg" not in page
    assert "Accept as a reading" not in page
    for what, sent in ACTS:
        pk = measured.evidence_id if what == "evidence" else measured.pk
        answer = client.post(door(request, what, pk), sent)
        assert answer["Location"] == sheet(request)
    assert not Measurement.objects.get().verdict
    assert not request.evidence.get().verdict


def test_who_can_add_nothing_sees_no_form(case: Case) -> None:
    request = case.in_evaluation()
    auditor = visitor(case.people.auditor)
    assert "Add a service log" not in reads(auditor, sheet(request))
    sent = {"kind": "fault_log", "papers": [file(papers.pdf())]}
    answer = auditor.post(door(request, "evidence"), sent)
    assert "This is for another role." in told(answer)
    assert request.evidence.count() == 1


def test_outsiders_find_no_door(case: Case, measured: Measurement) -> None:
    request, people = measured.request, case.people
    doors = [
        door(request, "evidence"),
        door(request, "evidence", measured.evidence_id),
        door(request, "measurements", measured.pk),
    ]
    for path in doors:
        assert visitor(people.stranger).post(path).status_code == 302
        assert visitor(people.evaluator).get(path).status_code == 405
        people.customer.account_manager = None
        people.customer.save()
        assert visitor(people.account_manager).post(path).status_code == 404


def test_a_file_of_another_case_is_not_decided_on_from_here(
    case: Case, evaluator: Client, measured: Measurement
) -> None:
    path = door(measured.request, "evidence", 999_999)
    assert evaluator.post(path, {"verdict": "verified"}).status_code == 404
    path = door(measured.request, "measurements", 999_999)
    assert evaluator.post(path, {"verdict": "accepted"}).status_code == 404


def test_a_case_that_moved_on_says_so(case: Case, evaluator: Client) -> None:
    request = case.in_evaluation()
    withdraw(request, by=case.people.owner, at=case.at)
    path = door(request, "evidence", request.evidence.get().pk)
    answer = evaluator.post(path, {"verdict": "verified"})
    assert "was first" in told(answer)


def test_more_of_both_cost_no_more_queries(
    case: Case, evaluator: Client, measured: Measurement
) -> None:
    request = measured.request
    before = queries(evaluator, sheet(request))
    for number in range(4):
        measure(case, request, f"9{number}")
        files = [file(papers.pdf() + b"%d" % number)]
        evaluator.post(door(request, "evidence"), {"kind": "other", "papers": files})
    # Messages of what was done wait in the session.
    reads(evaluator, sheet(request))
    assert queries(evaluator, sheet(request)) == before
