"""Adding to a sent request: what is refused is named, and nothing typed is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from accounts.models import Contract, Service
from refunds.filing.additions import add_to
from refunds.filing.evidence import look_at
from refunds.models import Evidence, Message, RefundRequest
from refunds.review.answers import withdraw
from refunds.review.evidence import check_evidence
from tests.people import Case
from tests.refunds.filing import papers
from tests.refunds.pages import states
from tests.refunds.pages.visits import Disk, queries, reads, text_of, told, visitor

WORDS = "Here is the log of the ingest node."


@pytest.fixture
def owner(case: Case) -> Client:
    return visitor(case.people.owner)


def file(content: bytes | None = None, name: str = "log.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, papers.pdf() if content is None else content)


def address(request: RefundRequest, what: str = "add") -> str:
    return f"/requests/{request.number}/{what}/"


ANSWERS: dict[str, tuple[Callable[[Case], RefundRequest], str]] = {
    "supply_information": (states.waiting_for_documents, "preliminary_review"),
    "bring_new_evidence": (states.declined, "evaluation"),
    "appeal": (states.declined, "appealed"),
    "propose_otherwise": (lambda case: case.offered(), "evaluation"),
}


@pytest.mark.parametrize("move", ANSWERS)
def test_an_answer_brings_its_files_along(case: Case, owner: Client, move: str) -> None:
    reach, state = ANSWERS[move]
    request = reach(case)
    assert "Files" in reads(owner, address(request, move))
    sent = {
        "words": WORDS,
        "kind": "fault_log",
        "papers": [file(), file(papers.image("PNG"), "screen.png")],
    }
    answer = owner.post(address(request, move), sent)
    assert answer["Location"] == f"/requests/{request.number}/"
    assert case.request.state == state
    added = list(request.evidence.order_by("pk"))[1:]
    assert [(e.name, e.kind) for e in added] == [
        ("log.pdf", "fault_log"),
        ("screen.png", "fault_log"),
    ]
    kinds = list(request.events.values_list("kind", flat=True))
    assert kinds[-3:] == [move, "evidence_added", "evidence_added"]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"<html><script>", "a.png", "“a.png” is a web page"),
        (papers.filled_to(papers.image(), 6 * 1024 * 1024), "b.jpg", "is 6.0 MB"),
        (papers.word_document(), "c.pdf", "a Word, Excel or ZIP file"),
        (papers.locked_pdf(), "d.pdf", "locked with a password"),
        (b"", "e.pdf", "“e.pdf” is empty"),
    ],
)
def test_a_refused_file_is_named_and_nothing_moves(
    case: Case, owner: Client, disk: Disk, content: bytes, name: str, words: str
) -> None:
    request = states.waiting_for_documents(case)
    before, events = disk(), request.event_count
    sent = {"words": WORDS, "papers": [file(), file(content, name)]}
    answer = owner.post(address(request, "supply_information"), sent)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert WORDS in text_of(answer), "what was typed is kept"
    assert case.request.state == "awaiting_information"
    assert case.request.event_count == events
    assert request.evidence.count() == 1
    assert disk() == before


def test_a_file_that_is_there_already_moves_nothing(
    case: Case, owner: Client, disk: Disk
) -> None:
    """Only the verb finds it, after the move: that goes back too."""
    request = states.waiting_for_documents(case)
    kept = request.evidence.get()
    with kept.file.open("rb") as opened:
        content = opened.read()
    before = disk()
    sent = {"words": WORDS, "papers": [file(), file(content, "again.jpg")]}
    answer = owner.post(address(request, "supply_information"), sent)
    assert answer.status_code == 422
    assert "“again.jpg” is among the evidence already" in text_of(answer)
    assert WORDS in text_of(answer)
    assert case.request.state == "awaiting_information"
    assert not Message.objects.filter(words=WORDS).exists()
    assert disk() == before


def test_a_second_click_hears_who_was_first(
    case: Case, owner: Client, disk: Disk
) -> None:
    request = states.waiting_for_documents(case)
    path = address(request, "supply_information")
    owner.post(path, {"words": WORDS, "papers": [file()]})
    before = disk()
    twice = owner.post(path, {"words": WORDS, "papers": [file()]})
    assert twice["Location"] == f"/requests/{request.number}/"
    assert "was first" in told(twice)
    assert request.evidence.count() == 2
    assert disk() == before


def test_words_are_not_lost_when_the_request_moved_on_meanwhile(
    case: Case, owner: Client, disk: Disk
) -> None:
    request = states.waiting_for_documents(case)
    path = address(request, "supply_information")
    owner.get(path)
    withdraw(request, by=case.people.owner, at=case.at)
    before = disk()
    for sent in ({"words": WORDS, "papers": [file()]}, {"words": WORDS}):
        answer = owner.post(path, sent)
        assert answer.status_code == 422
        page = text_of(answer)
        assert "the request became “Withdrawn”" in page
        assert WORDS in page
        assert "You can send it as a message instead." in page
    assert f'action="{address(request, "message")}"' in answer.content.decode()
    assert disk() == before
    owner.post(address(request, "message"), {"words": WORDS})
    assert Message.objects.filter(words=WORDS).count() == 1


def test_files_of_any_number_are_added_on_a_page_of_their_own(
    case: Case, owner: Client
) -> None:
    request = case.submitted()
    page = reads(owner, address(request))
    assert "Add evidence or a measurement" in page
    assert "log.jpg" in page
    sent = {
        "do": "files",
        "kind": "monitoring_report",
        "papers": [file(), file(papers.image("PNG"), "screen.png")],
    }
    answer = owner.post(address(request), sent)
    assert answer["Location"] == f"/requests/{request.number}/"
    assert "Added." in told(answer)
    names = [e.name for e in request.evidence.exclude(frozen_at=None)]
    assert names == ["log.jpg", "log.pdf", "screen.png"]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"kind": "fault_log"}, "Choose a file first."),
        ({"kind": "fault_log", "papers": ["no file"]}, "Choose a file first."),
        ({"kind": "poem"}, "Select a valid choice"),
        ({"kind": "fault_log", "papers": b"<svg/>"}, "is a web page"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    case: Case, owner: Client, sent: dict[str, Any], words: str
) -> None:
    request = case.submitted()
    if isinstance(sent.get("papers"), bytes):
        sent = {**sent, "papers": [file(sent["papers"], "a.png")]}
    answer = owner.post(address(request), {"do": "files", **sent})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert request.evidence.count() == 1


@pytest.fixture
def measured(case: Case) -> RefundRequest:
    promised = {"availability": "99.90", "latency_ms": "80"}
    Service.objects.filter(pk=case.service.pk).update(promised=promised)
    return case.submitted()


def measurement(request: RefundRequest, **told_: Any) -> dict[str, Any]:
    return {
        "do": "measurement",
        "metric": "latency_ms",
        "measured": " １２０．５ ",
        "period_from": "2026-11-10T08:00",
        "period_to": "2026-11-11T08:00",
        "report": str(request.evidence.earliest("pk").pk),
        **told_,
    }


def test_a_measurement_is_said_in_the_units_and_the_time_of_the_contract(
    case: Case, owner: Client, measured: RefundRequest
) -> None:
    Contract.objects.update(time_zone="America/New_York")
    page = reads(owner, address(measured))
    assert "Latency, 80 ms promised" in page
    assert "Availability, 99.9% promised" in page
    assert "In the time zone America/New_York." in page
    answer = owner.post(address(measured), measurement(measured))
    assert answer["Location"] == f"/requests/{measured.number}/"
    kept = measured.measurements.get()
    assert kept.measured == "120.5"
    assert kept.period_from.isoformat() == "2026-11-10T13:00:00+00:00"
    assert "Latency 120.5 ms 80 ms promised" in reads(owner, address(measured))
    assert "Not checked yet" in reads(owner, address(measured))


def test_its_report_may_come_along(owner: Client, measured: RefundRequest) -> None:
    sent = measurement(measured, report="", papers=file(name="monitor.pdf"))
    assert owner.post(address(measured), sent).status_code == 302
    assert measured.measurements.get().evidence.name == "monitor.pdf"


@pytest.mark.parametrize(
    ("told_", "words"),
    [
        ({"metric": "loss"}, "Select a valid choice"),
        ({"measured": "fast"}, "no plain number"),
        ({"metric": "availability", "measured": "101"}, "more than 100"),
        ({"period_from": "yesterday"}, "Write the moment as 2026-11-27 09:30."),
        ({"period_from": "1980-01-01T00:00"}, "can't be right"),
        ({"period_to": "2026-11-09T08:00"}, "It ends before it begins."),
        ({"period_to": "2026-11-17T08:00"}, "It ends in the future"),
        ({"report": ""}, "Choose the report"),
        ({"report": "999999"}, "Choose a file of this request."),
        ({"report": "x"}, "Choose a file of this request."),
    ],
)
def test_a_measurement_that_cannot_be_keeps_what_was_typed(
    owner: Client, measured: RefundRequest, told_: dict[str, str], words: str
) -> None:
    sent = measurement(measured) | told_
    answer = owner.post(address(measured), sent)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert f'value="{sent["period_to"]}"' in answer.content.decode()
    assert not measured.measurements.exists()


def test_another_requests_file_is_no_report_here(
    case: Case, owner: Client, measured: RefundRequest
) -> None:
    (other,) = states.more(case, 1)
    theirs = other.submitted().evidence.get()
    sent = measurement(measured, report=str(theirs.pk))
    answer = owner.post(address(measured), sent)
    assert answer.status_code == 422
    assert "Choose a file of this request." in text_of(answer)


def test_what_was_typed_stays_where_the_request_moved_on(
    case: Case, owner: Client, measured: RefundRequest
) -> None:
    owner.get(address(measured))
    withdraw(measured, by=case.people.owner, at=case.at)
    answer = owner.post(address(measured), measurement(measured))
    assert answer.status_code == 422
    assert "the request became “Withdrawn”" in text_of(answer)
    assert 'value="2026-11-10T08:00"' in answer.content.decode()
    assert not measured.measurements.exists()


def test_a_service_that_promises_nothing_takes_no_measurement(
    case: Case, owner: Client
) -> None:
    request = case.submitted()
    assert "promises no level for this service" in reads(owner, address(request))
    answer = owner.post(address(request), measurement(request))
    assert answer.status_code == 422


@pytest.mark.parametrize("state", ["pending_approval", "agreed", "withdrawn"])
def test_where_nothing_can_be_added_it_says_so(
    case: Case, owner: Client, state: str
) -> None:
    request = states.REACHES[state](case)
    answer = owner.get(address(request))
    assert answer["Location"] == f"/requests/{request.number}/"
    assert "Nothing can be added" in told(answer)


def test_others_find_no_such_page(case: Case) -> None:
    request = case.submitted()
    people = case.people
    for who in (people.stranger, people.evaluator, people.account_manager):
        client = visitor(who)
        assert client.get(address(request)).status_code == 404
        sent = {"do": "files", "kind": "other", "papers": [file()]}
        assert client.post(address(request), sent).status_code == 404
    assert request.evidence.count() == 1


def test_the_customer_reads_what_became_of_each_file(case: Case, owner: Client) -> None:
    request, people = case.in_evaluation(), case.people
    (added,) = add_to(
        request,
        [look_at(papers.pdf(), name="service-log.pdf")],
        kind=Evidence.Kind.FAULT_LOG,
        by=people.evaluator,
        at=case.at,
    )
    sent = request.evidence.get(name="log.jpg")
    check_evidence(added, by=people.evaluator, at=case.at, verdict="verified")
    check_evidence(
        sent,
        by=people.evaluator,
        at=case.at,
        verdict="dismissed",
        reason="It shows another node.",
    )
    page = reads(owner, address(case.request))
    ours = page.split("service-log.pdf")[1]
    assert "Added by us" in ours
    assert "We verified it" in ours
    theirs = page.split("log.jpg")[1].split("service-log.pdf")[0]
    assert "We set it aside: It shows another node." in theirs
    assert "Added by us" not in theirs
    assert "evaluator" not in page, "to the customer, the staff are one"


def test_more_files_and_measurements_cost_no_more_queries(
    case: Case, owner: Client, measured: RefundRequest
) -> None:
    owner.post(address(measured), measurement(measured))
    before = queries(owner, address(measured))
    for number in range(4):
        content = papers.pdf() + b"%d" % number
        sent = measurement(
            measured, measured=str(number), report="", papers=file(content)
        )
        assert owner.post(address(measured), sent).status_code == 302
    assert queries(owner, address(measured)) == before
    assert before <= 14


def test_the_page_stands_in_chinese(owner: Client, measured: RefundRequest) -> None:
    owner.cookies["django_language"] = "zh-hans"
    with translation.override("zh-hans"):
        assert owner.get(address(measured)).status_code == 200
