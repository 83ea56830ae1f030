"""Presence: who else has a case open, for as long as a lease lasts."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from refunds.models import LEASE, Presence, RefundRequest
from tests.conftest import NOW
from tests.people import Case
from tests.refunds.pages import states
from tests.refunds.pages.visits import queries, reads, sign_in, text_of, visitor

QUEUE = "/admin/refunds/refundrequest/"
SAID = "first has this case open too."


def sheet(request: RefundRequest) -> str:
    return f"{QUEUE}{request.pk}/change/"


def stay(client: Client, request: RefundRequest, said: str = "") -> Any:
    return client.post(f"{QUEUE}{request.pk}/presence/", {"said": said})


def test_two_with_the_same_case_open_read_of_each_other(case: Case) -> None:
    request = case.submitted()
    first, second = visitor(case.people.first_line), visitor(case.people.auditor)
    assert "has this case open" not in reads(first, sheet(request))
    page = second.get(sheet(request)).content.decode()
    assert SAID in page
    assert 'role="status"' in page
    said = "auditor has this case open too."
    assert text_of(stay(first, request)) == said
    assert stay(first, request, said=said).status_code == 204, "said already"
    visitor(case.people.finance).get(sheet(request))
    answer = stay(first, request, said=said)
    assert text_of(answer) == "auditor, finance have this case open too."


def test_a_lease_ends_by_itself_and_is_renewed_by_the_page(case: Case) -> None:
    request = case.submitted()
    first, second = visitor(case.people.first_line), visitor(case.people.auditor)
    first.get(sheet(request))
    with time_machine.travel(NOW + LEASE - timedelta(seconds=1), tick=False):
        assert SAID in reads(second, sheet(request))
        stay(first, request)
    with time_machine.travel(NOW + LEASE + timedelta(seconds=1), tick=False):
        assert SAID in reads(second, sheet(request))
    with time_machine.travel(NOW + 2 * LEASE, tick=False):
        assert SAID not in reads(second, sheet(request))
        assert stay(second, request).status_code == 204
        assert text_of(stay(second, request, said=SAID)) == ""


def test_who_leaves_is_gone_at_once(case: Case) -> None:
    request = case.submitted()
    first, second = visitor(case.people.first_line), visitor(case.people.auditor)
    first.get(sheet(request))
    assert first.post(f"{QUEUE}{request.pk}/leave/").status_code == 204
    assert SAID not in reads(second, sheet(request))


def test_the_lists_say_it_beside_the_case_and_not_of_oneself(case: Case) -> None:
    request = states.in_first_check(case)
    people = case.people
    visitor(people.first_line).get(sheet(request))
    assert SAID in reads(visitor(people.auditor), QUEUE)
    own = visitor(people.first_line)
    for page in (QUEUE, "/admin/"):
        assert SAID not in reads(own, page)
    visitor(people.auditor).get(sheet(request))
    for page in (QUEUE, "/admin/"):
        assert "auditor has this case open too." in reads(own, page)


@pytest.mark.parametrize("door", ["presence", "leave"])
def test_who_may_not_see_the_case_finds_nothing_there(case: Case, door: str) -> None:
    request = case.submitted()
    case.people.customer.account_manager = None
    case.people.customer.save()
    path = f"{QUEUE}{request.pk}/{door}/"
    for person in (case.people.account_manager, case.people.lead):
        assert visitor(person).post(path).status_code == 404
    assert visitor(case.people.auditor).get(path).status_code == 405
    assert visitor(case.people.owner).post(path).status_code == 302
    assert visitor(None).post(path).status_code == 302
    assert not Presence.objects.exists()


def test_a_draft_is_open_to_nobody(case: Case) -> None:
    draft = case.draft()
    assert stay(visitor(case.people.auditor), draft).status_code == 404


def test_staying_is_a_form_like_any_other(case: Case) -> None:
    """Another site can't say in somebody's name that they are there."""
    request = case.submitted()
    client = Client(enforce_csrf_checks=True)
    sign_in(client, case.people.auditor)
    assert stay(client, request).status_code == 403


def test_staying_costs_little_however_many_stay(case: Case) -> None:
    request = case.submitted()
    client = visitor(case.people.first_line)
    stay(client, request)
    for person in (case.people.auditor, case.people.finance, case.people.evaluator):
        stay(visitor(person), request)
    with CaptureQueriesContext(connection) as captured:
        stay(client, request)
    assert len(captured) <= 7, "\n".join(q["sql"] for q in captured.captured_queries)


def test_the_lists_cost_the_same_however_many_are_open(case: Case) -> None:
    client = visitor(case.people.auditor)
    request = case.submitted()
    with_none = queries(client, QUEUE)
    visitor(case.people.first_line).get(sheet(request))
    for other in states.more(case, 4):
        visitor(case.people.first_line).get(sheet(other.submitted()))
    assert queries(client, QUEUE) == with_none
