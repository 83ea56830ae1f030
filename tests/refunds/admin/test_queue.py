"""Every list of requests says who owes what by when; who was complained to reads it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from accounts.models import Role, User
from refunds.models import Deadline
from refunds.review.complaint import complain
from tests.people import Case
from tests.refunds.pages import states
from tests.refunds.pages.visits import queries, reads, visitor

QUEUE = "/admin/refunds/refundrequest/"


def late(case: Case) -> None:
    """In the evaluator's hands, and nobody answered in time."""
    case.in_evaluation()
    Deadline.objects.filter(closed_at=None, left=None).update(
        due_at=case.at - timedelta(days=3)
    )


def complained(case: Case) -> None:
    late(case)
    complain(
        case.request,
        by=case.people.owner,
        at=case.at,
        words="We have waited for <weeks>.",
    )


def superior(case: Case) -> User:
    """The evaluator's, who may read cases too."""
    case.people.lead.groups.add(Group.objects.get(name=Role.APPROVER))
    return case.people.lead


def test_the_queue_says_who_owes_what_by_when_and_how_long(case: Case) -> None:
    waiting, unclaimed, ended = states.more(case, 3)
    case.in_evaluation()
    states.waiting_for_documents(waiting)
    unclaimed.submitted()
    states.taken_back(ended)
    page = reads(visitor(case.people.auditor), QUEUE)
    for words in (
        "evaluator: evaluation 2026-11-30 17:30 · 10 working days left",
        "Customer: documents 2026-11-30 17:30 · 10 working days left",
        "First-line reviewer: first check 2026-11-23 17:30 · 5 working days left",
        "nothing is owed",
    ):
        assert words in page


def test_what_is_late_and_what_is_due_today_stand_out(case: Case) -> None:
    (today,) = states.more(case, 1)
    today.submitted()
    Deadline.objects.update(due_at=case.at + timedelta(hours=3))
    late(case)
    client = visitor(case.people.auditor)
    Deadline.objects.filter(request=today.request).update(
        due_at=case.at + timedelta(hours=3)
    )
    html = client.get(QUEUE).content.decode()
    assert html.count("due due-late") == 1
    assert html.count("due due-today") == 1
    page = reads(client, QUEUE)
    assert "1 working day late" in page
    assert "3 hours left" in page


def test_home_and_the_earlier_requests_say_it_too(case: Case) -> None:
    (other,) = states.more(case, 1)
    case.in_evaluation()
    states.in_first_check(other)
    client = visitor(case.people.evaluator)
    assert "evaluator: evaluation 2026-11-30 17:30" in reads(client, "/admin/")
    page = reads(client, f"{QUEUE}{case.request.pk}/change/")
    assert "first: first check 2026-11-23 17:30" in page.split("Earlier requests")[1]


@pytest.mark.usefixtures("sandbox")
def test_the_payouts_say_it_too(case: Case) -> None:
    states.held_up(case)
    client = visitor(case.people.finance)
    for kept in ("payout", "payoutleg", "assessment", "notice"):
        page = reads(client, f"/admin/refunds/{kept}/")
        assert "Finance: refund held up" in page, kept


LISTS = (
    f"{QUEUE}?show=all",
    f"{QUEUE}?show=unclaimed",
    f"{QUEUE}?q=Xinghe",
    "/admin/",
    "/admin/refunds/assessment/",
    "/admin/refunds/notice/",
)


def test_a_list_costs_the_same_with_five_and_with_twenty_five(case: Case) -> None:
    client = visitor(case.people.first_line)
    cases = [case, *states.more(case, 24)]
    for each in cases[:5]:
        each.submitted()
    with_five = {path: queries(client, path) for path in LISTS}
    for each in cases[5:]:
        each.submitted()
    assert {path: queries(client, path) for path in LISTS} == with_five
    assert max(with_five.values()) <= 16, with_five


def test_a_complaint_stands_at_the_top_of_the_sheet(case: Case) -> None:
    complained(case)
    page = reads(visitor(case.people.evaluator), f"{QUEUE}{case.request.pk}/change/")
    above = page.split("They claim")[0]
    assert "The customer complained that we are late: owner," in above
    assert "We have waited for <weeks>." in above


def test_without_a_complaint_nothing_is_said_of_one(case: Case) -> None:
    late(case)
    page = reads(visitor(case.people.evaluator), f"{QUEUE}{case.request.pk}/change/")
    assert "complained" not in page


def test_the_superior_reads_of_it_at_home_and_finds_the_case(case: Case) -> None:
    (other,) = states.more(case, 1)
    states.in_first_check(other)
    lead = superior(case)
    assert "complained about" not in reads(visitor(lead), "/admin/")
    complained(case)
    page = reads(visitor(lead), "/admin/")
    assert "1 complained about to me" in page
    assert f"{case.request.number} · Xinghe Media" in page
    assert "We have waited for <weeks>." in page
    found = reads(visitor(lead), f"{QUEUE}?show=complained")
    assert str(case.request.number) in found
    assert str(other.request.number) not in found


def test_nobody_else_reads_it_at_home(case: Case) -> None:
    complained(case)
    for person in (case.people.evaluator, case.people.auditor, case.people.superuser):
        assert "We have waited" not in reads(visitor(person), "/admin/")
        page = reads(visitor(person), f"{QUEUE}?show=complained")
        assert str(case.request.number) not in page


def test_what_is_done_by_now_is_no_complaint_any_more(case: Case) -> None:
    complained(case)
    lead = visitor(superior(case))
    Deadline.objects.filter(kind="evaluation").update(closed_at=case.at, next_at=None)
    assert "complained about" not in reads(lead, "/admin/")
    page = reads(lead, f"{QUEUE}?show=complained")
    assert str(case.request.number) not in page
