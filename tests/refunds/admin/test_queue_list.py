"""The queue as reviewers use it: groups, views, filters that keep themselves, files."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from accounts.models import Customer
from refunds.admin import listed, saved_filters
from refunds.models import Deadline, RefundRequest, SavedFilter
from refunds.review.presence import be_present
from tests.people import Case
from tests.refunds.pages import states
from tests.refunds.pages.visits import downloads, queries, reads, told, visitor

QUEUE = "/admin/refunds/refundrequest/"
ALL = f"{QUEUE}?show=all"
KEEP = f"{QUEUE}filters/"


def due_in(case: Case, **ahead: float) -> None:
    moment = case.at + timedelta(**ahead)
    Deadline.objects.filter(request=case.request, closed_at=None).update(due_at=moment)
    RefundRequest.objects.filter(pk=case.request.pk).update(due_at=moment)


def test_rows_stand_under_how_near_they_are_due(case: Case) -> None:
    cases = [case, *states.more(case, 4)]
    for each in cases[:4]:
        each.submitted()
    states.taken_back(cases[4])
    for each, ahead in zip(cases, (-3, 0.1, 2, 20), strict=False):
        due_in(each, days=ahead)
    page = reads(visitor(case.people.auditor), QUEUE)
    found = page[page.index("Amount asked for") :]
    words = [
        part
        for each, group in zip(
            cases,
            ("Overdue", "Due today", "Due this week", "Due later", "Nothing due any"),
            strict=True,
        )
        for part in (group, str(each.request.number))
    ]
    assert [found.index(word) for word in words] == sorted(map(found.index, words))


def test_the_views_say_how_many_and_which_is_shown(case: Case) -> None:
    case.submitted()
    client = visitor(case.people.first_line)
    page = reads(client, f"{QUEUE}?show=unclaimed")
    assert "In my hands 0 Unclaimed 1 Overdue 0" in page
    html = client.get(f"{QUEUE}?show=unclaimed").content.decode()
    assert html.count('aria-current="page">Unclaimed') == 1


def test_ended_ones_have_a_view_of_their_own(case: Case) -> None:
    (ended,) = states.more(case, 1)
    case.submitted()
    states.taken_back(ended)
    page = reads(visitor(case.people.auditor), f"{QUEUE}?show=ended")
    assert str(ended.request.number) in page
    assert str(case.request.number) not in page


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("state__exact=submitted", True),
        ("state__exact=evaluation", False),
        ("ground__exact=account_risk", False),
        ("contract__product_line__exact=online_course", False),
        ("over=1", True),
        ("over=100,000,000.00", False),
        ("over=1&currency=USD", False),
        ("owner=nobody", True),
        ("owner=me", False),
        ("owner=evaluator", False),
        ("customer=Xinghe+Media", True),
        ("customer=xing", True),
        ("customer=Lanqiao", False),
        ("due=later", True),
        ("due=nothing", False),
        ("q=Xinghe", True),
        ("q=nowhere", False),
    ],
)
def test_a_filter_shows_what_fits(case: Case, query: str, fits: bool) -> None:  # noqa: FBT001
    request = case.submitted()
    page = reads(visitor(case.people.auditor), f"{QUEUE}?{query}")
    assert (f"{request.number} Xinghe" in page) == fits
    assert ("Nothing fits what is searched" in page) != fits


def test_what_is_no_sum_is_said_at_its_field(case: Case) -> None:
    answer = visitor(case.people.auditor).get(f"{QUEUE}?owner=x%00y", follow=True)
    assert "That list can&#x27;t be shown" in answer.content.decode()
    page = reads(visitor(case.people.auditor), f"{QUEUE}?over=ten")
    assert "“ten” is no sum in CNY." in page


def test_a_chosen_filter_takes_itself_off(case: Case) -> None:
    case.submitted()
    client = visitor(case.people.auditor)
    address = f"{QUEUE}?ground__exact=outage&owner=nobody&q=Xinghe"
    html = client.get(address).content.decode()
    assert 'class="chip" href="?ground__exact=outage&amp;owner=nobody"' in html
    assert 'class="chip" href="?owner=nobody&amp;q=Xinghe"' in html
    page = reads(client, address)
    assert "In hand: nobody's hands" in page
    assert "Search: Xinghe" in page
    only = client.get(f"{QUEUE}?owner=nobody").content.decode()
    assert 'class="chip" href="?show=all"' in only


def test_the_bare_address_is_what_was_filtered_last(case: Case) -> None:
    client = visitor(case.people.auditor)
    assert client.get(QUEUE).status_code == 200
    client.get(f"{QUEUE}?owner=nobody&after=x&evil=1")
    assert client.get(QUEUE).status_code == 200, "what could not be shown is forgotten"
    client.get(f"{QUEUE}?q=Xinghe&owner=nobody")
    assert client.get(QUEUE)["Location"] == f"{QUEUE}?owner=nobody&q=Xinghe"
    client.get(ALL)
    assert client.get(QUEUE).status_code == 200
    assert visitor(case.people.evaluator).get(QUEUE).status_code == 200


def test_a_filter_is_kept_under_a_name_and_removed(case: Case) -> None:
    client = visitor(case.people.auditor)
    answer = client.post(
        KEEP, {"name": "Mine", "query": "owner=nobody&next=//evil.test&q=Xinghe"}
    )
    assert answer["Location"] == f"{QUEUE}?owner=nobody&q=Xinghe"
    saved = SavedFilter.objects.get()
    assert (saved.user, saved.query) == (case.people.auditor, "owner=nobody&q=Xinghe")
    client.post(KEEP, {"name": "Mine", "query": "owner=me"})
    assert SavedFilter.objects.get().query == "owner=me"
    assert "Mine" in reads(client, ALL)
    assert "Mine" not in reads(visitor(case.people.evaluator), ALL)
    forget = f"{KEEP}{saved.pk}/forget/"
    assert visitor(case.people.evaluator).post(forget).status_code == 404
    assert client.get(forget).status_code == 405
    client.post(forget)
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    ("name", "query", "words"),
    [
        ("", "owner=me", "Give the filter a name"),
        ("x" * 61, "owner=me", "Give the filter a name"),
        ("Mine", "evil=1", "Nothing is filtered"),
        ("Mine", "owner=me", "You keep 0 filters already"),
    ],
)
def test_what_can_not_be_kept_says_why(
    case: Case, monkeypatch: pytest.MonkeyPatch, name: str, query: str, words: str
) -> None:
    monkeypatch.setattr(saved_filters, "MOST", 0)
    answer = visitor(case.people.auditor).post(KEEP, {"name": name, "query": query})
    assert words in told(answer)
    assert not SavedFilter.objects.exists()


def test_a_case_is_claimed_from_its_row(case: Case) -> None:
    request = case.submitted()
    door = f"{QUEUE}{request.pk}/do/claim/"
    assert door not in visitor(case.people.auditor).get(ALL).content.decode()
    client = visitor(case.people.first_line)
    assert f'formaction="{door}"' in client.get(ALL).content.decode()
    client.post(door, {"action": "", "_selected_action": []})
    assert case.request.handler == case.people.first_line


def test_who_else_has_it_open_is_said_in_words(case: Case) -> None:
    request = case.submitted()
    be_present(request, by=case.people.evaluator, at=case.at)
    page = reads(visitor(case.people.first_line), ALL)
    assert "evaluator has this case open too." in page


def _exported(client: Any, query: str = "", form: str = "csv") -> Any:
    return downloads(client, f"{QUEUE}export.{form}?{query}")


def test_the_view_goes_out_as_a_file(case: Case) -> None:
    (other,) = states.more(case, 1)
    case.submitted()
    other.submitted()
    Customer.objects.update(name="=cmd|' /C calc'!A0")
    answer = _exported(visitor(case.people.auditor), f"q={case.request.number}")
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert answer["Cache-Control"].startswith("private, no-store")
    assert answer["X-Content-Type-Options"] == "nosniff"
    lines = answer.body.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("Number,Customer,Contract,Service")
    assert f"{case.request.number},'=cmd|" in lines[1]
    book = load_workbook(
        BytesIO(_exported(visitor(case.people.auditor), form="xlsx").body)
    )
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert {row[0] for row in rows[1:]} == {case.request.number, other.request.number}
    assert {row[1] for row in rows[1:]} == {"'=cmd|' /C calc'!A0"}


def test_a_file_has_only_whose_cases_one_may_read(case: Case) -> None:
    number = str(case.submitted().number)
    assert number in _exported(visitor(case.people.account_manager)).body.decode()
    Customer.objects.update(account_manager=None)
    manager = _exported(visitor(case.people.account_manager))
    assert number not in manager.body.decode()
    assert _exported(visitor(case.people.lead)).status_code == 403
    assert _exported(visitor(case.people.owner)).status_code == 302
    assert _exported(visitor(case.people.auditor), form="pdf").status_code == 404


def test_a_workbook_that_would_be_too_long_is_refused(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed, "MOST_IN_XLSX", 0)
    case.submitted()
    answer = visitor(case.people.auditor).get(f"{QUEUE}export.xlsx?owner=nobody")
    assert "A workbook takes 0 rows." in told(answer)
    assert answer["Location"] == "./?owner=nobody"


def test_chosen_rows_go_out_as_a_file(case: Case) -> None:
    (other,) = states.more(case, 1)
    case.submitted()
    other.submitted()
    answer: Any = visitor(case.people.auditor).post(
        QUEUE, {"action": "export_selected", "_selected_action": [other.request.pk]}
    )
    body = b"".join(answer).decode()
    assert str(other.request.number) in body
    assert str(case.request.number) not in body


def test_names_are_suggested_to_who_may_read_the_queue(case: Case) -> None:
    people = case.people
    address = f"{QUEUE}suggest/customers/?q=xing"
    assert visitor(people.auditor).get(address).json() == {"names": ["Xinghe Media"]}
    assert visitor(people.account_manager).get(address).json()["names"]
    Customer.objects.update(account_manager=None)
    assert visitor(people.account_manager).get(address).json() == {"names": []}
    assert visitor(people.lead).get(address).status_code == 403
    assert visitor(people.owner).get(address).status_code == 302
    found = visitor(people.auditor).get(f"{QUEUE}suggest/people/?q=evaluator")
    assert found.json() == {"names": ["evaluator", "evaluator2"]}
    assert visitor(people.auditor).get(f"{QUEUE}suggest/people/").json() == {
        "names": []
    }
    assert visitor(people.auditor).get(f"{QUEUE}suggest/cars/?q=x").status_code == 404


@pytest.mark.parametrize("kept", ["event", "assessment", "deadline", "notice"])
def test_every_list_that_is_kept_goes_out_too(case: Case, kept: str) -> None:
    number = str(case.submitted().number)
    answer = downloads(
        visitor(case.people.auditor), f"/admin/refunds/{kept}/export.csv"
    )
    assert answer.status_code == 200
    assert number in answer.body.decode()


LISTS = ("show=all", "state__exact=submitted", "q=Xinghe", "owner=evaluator")


def test_a_page_costs_the_same_however_many_stand_on_it(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visitor(case.people.first_line)
    cases = [case, *states.more(case, 7)]
    for each in cases[:2]:
        each.submitted()
    few = {query: queries(client, f"{QUEUE}?{query}") for query in LISTS}
    for each in cases[2:]:
        each.submitted()
        be_present(each.request, by=case.people.evaluator, at=case.at)
    assert {query: queries(client, f"{QUEUE}?{query}") for query in LISTS} == few
    assert max(few.values()) <= 8, few
