"""My requests, a page at a time, however many there are."""

from datetime import timedelta

import pytest
from django.test import Client

from refunds.models import RefundRequest
from refunds.pages import request_list
from tests.people import Case
from tests.refunds.pages.states import more
from tests.refunds.pages.visits import queries, reads, visitor


@pytest.fixture
def five(case: Case, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Their numbers, the newest first; two of them were sent at the same moment."""
    monkeypatch.setattr(request_list, "ON_A_PAGE", 2)
    for index, one in enumerate((case, *more(case, 4))):
        one.at = case.at + timedelta(minutes=index // 2)
        one.submitted()
    found = RefundRequest.objects.order_by("-submitted_at", "-pk")
    return [str(request.number) for request in found]


@pytest.fixture
def owner(case: Case) -> Client:
    return visitor(case.people.owner)


def test_each_page_goes_on_where_the_one_before_ended(
    owner: Client, five: list[str]
) -> None:
    seen = []
    path = "/requests/"
    while path:
        page = reads(owner, path)
        here = [number for number in five if number in page]
        seen += here
        more_to_come = "Earlier requests" in page
        path = f"/requests/?after={here[-1]}" if more_to_come else ""
    assert seen == five


def test_a_later_page_leads_back_to_the_newest(owner: Client, five: list[str]) -> None:
    assert "The newest" not in reads(owner, "/requests/")
    assert "The newest" in reads(owner, f"/requests/?after={five[1]}")


def test_it_goes_on_after_no_one_elses_request(case: Case, five: list[str]) -> None:
    stranger = visitor(case.people.stranger)
    for number in (five[0], "RF-2026-999999", "nonsense"):
        reads(stranger, f"/requests/?after={number}", status=404)


def test_thirty_requests_cost_no_more_than_one(case: Case, owner: Client) -> None:
    case.submitted()
    with_one = queries(owner, "/requests/")
    for other in more(case, 29):
        other.submitted()
    assert queries(owner, "/requests/") == with_one
