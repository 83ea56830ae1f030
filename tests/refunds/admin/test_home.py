"""The console's home: what waits, and the month in charts; every figure is the list
behind it."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from accounts.models import Customer
from refunds.gateways.sandbox.server import Sandbox
from refunds.insight.month import Span, month
from refunds.models import Deadline, RefundRequest
from refunds.review import queue
from refunds.review.hands import claim
from refunds.review.rejection import reject
from refunds.states import State
from refunds.templatetags import console
from tests.factories import UserFactory, live_service
from tests.people import Case
from tests.refunds.pages import states
from tests.refunds.pages.visits import queries, reads, visitor

HOME = "/admin/"
QUEUE = "/admin/refunds/refundrequest/"
MARK = re.compile(r'<a href="([^"]+)" tabindex="-1">\s*<title>([^<]+)</title>')
COUNTED = re.compile(r"([\d,]+) (?:filed|decided|request|late)")
LATE = re.compile(r'<a href="([^"]*decided_late=[^"]+)">([\d,]+)</a>')
TILE = re.compile(r'class="tile[^"]*"\s+href="([^"]+)"><strong>([\d,]+)</strong>')


def html_of(client: Client, path: str) -> str:
    answer = client.get(path, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def listed(client: Client, href: str) -> int:
    """How many rows the list shows; one that threw the filter away shows all."""
    answer = client.get(unescape(href))
    assert answer.status_code == 200, href
    found = re.findall(
        r"/(?:refundrequest|payoutaccount)/(\d+)/", answer.content.decode()
    )
    return len(set(found))


def begun(case: Case, *, days_ago: int) -> Case:
    """Another case of the same customer's, that many days before."""
    at = case.at - timedelta(days=days_ago)
    people = case.people
    service = live_service(customer=people.customer, reviewer=people.evaluator, at=at)
    return Case(people, service, at)


def answered_late(case: Case) -> Case:
    """Sent on a Monday two weeks ago, declined today."""
    late = begun(case, days_ago=14)
    late.submitted()
    late.at = case.at
    claim(late.request, by=case.people.first_line, at=case.at)
    reject(
        late.request,
        by=case.people.first_line,
        at=case.at,
        code="incomplete",
        words="There is no service to this.",
    )
    return late


def a_month(case: Case) -> None:
    """Nine sent in November, one in October; four answered, two of them late."""
    begun(case, days_ago=3).offered()
    states.declined(begun(case, days_ago=3))
    answered_late(case)
    answered_late(case)
    for days_ago in (3, 3, 4, 10):
        states.in_first_check(begun(case, days_ago=days_ago))
    begun(case, days_ago=30).submitted()
    case.submitted()


def test_every_figure_of_the_month_is_the_length_of_its_list(case: Case) -> None:
    a_month(case)
    client = visitor(case.people.auditor)
    html = html_of(client, HOME)
    marks = MARK.findall(html)
    assert len(marks) >= 10
    for href, title in marks:
        (figure,) = COUNTED.findall(title)
        assert int(figure.replace(",", "")) == listed(client, href), title
    late = LATE.findall(html)
    assert [int(figure) for _href, figure in late] == [2]
    assert [listed(client, href) for href, _figure in late] == [2]


@pytest.mark.usefixtures("sandbox")
def test_money_that_came_back_leads_to_its_requests(
    case: Case, sandbox: Sandbox
) -> None:
    other = begun(case, days_ago=1)
    other.in_evaluation()
    states.money_back(case, sandbox)
    client = visitor(case.people.auditor)
    html = html_of(client, HOME)
    assert "Money back, by reason, in CNY" in html
    hrefs = {href: title for href, title in MARK.findall(html) if "arrived" in href}
    ((href, title),) = hrefs.items()
    assert "CNY\N{NO-BREAK SPACE}10,000.00 · 1 request" in unescape(title)
    page = reads(client, unescape(href))
    assert str(case.request.number) in page
    assert str(other.request.number) not in page


def test_the_month_says_what_happened_in_it(case: Case) -> None:
    a_month(case)
    found = month(case.people.auditor, Span.of_month(date(2026, 11, 1)))
    assert (found.filed, found.decided, found.late) == (9, 4, 2)
    assert found.on_time == 50
    on_monday = found.days[15]
    assert (on_monday.decided, on_monday.late) == (2, 2)
    assert on_monday.median_hours == 14 * 24
    assert found.days[12].median_hours == 0
    assert found.median_hours == 0


def test_a_second_answer_does_not_count_again(case: Case) -> None:
    states.declined_finally(case)
    found = month(case.people.auditor, Span.of_month(case.at.date()))
    assert found.decided == 1


def test_a_day_is_one_of_beijing(case: Case) -> None:
    """Half past midnight on the 16th there is still the 15th in London."""
    case.at = datetime(2026, 11, 15, 16, 30, tzinfo=UTC)
    case.submitted()
    found = month(case.people.auditor, Span.read("2026-11"))
    assert [day.day.day for day in found.days if day.filed] == [16]


def test_an_account_manager_sees_the_figures_of_their_customers(case: Case) -> None:
    case.submitted()
    mine = month(case.people.account_manager, Span.of_month(case.at.date()))
    assert mine.filed == 1
    Customer.objects.update(account_manager=None)
    theirs = month(case.people.account_manager, Span.of_month(case.at.date()))
    assert theirs.filed == 0


def test_who_may_read_no_request_sees_no_figure(case: Case) -> None:
    case.submitted()
    someone = UserFactory.create(email="new@example.test", is_staff=True)
    html = html_of(visitor(someone), HOME)
    assert "Requests are not for this account to read." in html
    assert 'class="tile' not in html
    assert '<svg class="chart-paper' not in html


def test_months_before_and_after_are_a_link_away(case: Case) -> None:
    begun(case, days_ago=30).submitted()
    client = visitor(case.people.auditor)
    now = reads(client, HOME)
    assert "November 2026" in now
    assert "December 2026" not in now
    before = html_of(client, f"{HOME}?month=2026-10")
    assert "1 filed, 0 decided." in before
    assert 'href="?month=2026-09#month"' in before
    assert 'href="?month=2026-11#month"' in before


@pytest.mark.parametrize("text", ["2026-13", "x", "2027-01", "0001-01", "2026-1"])
def test_a_month_that_is_none_is_this_month(case: Case, text: str) -> None:
    page = reads(visitor(case.people.auditor), f"{HOME}?month={text}")
    assert "November 2026" in page


def test_an_empty_month_says_so(case: Case) -> None:
    page = reads(visitor(case.people.auditor), f"{HOME}?month=2026-01")
    assert page.count("Nothing of this in the month.") == 4


def test_a_day_that_is_none_narrows_nothing_and_breaks_nothing(case: Case) -> None:
    case.submitted()
    client = visitor(case.people.auditor)
    for query in ("filed=x", "decided=2026-13-01", "arrived=~", "decided_late=9"):
        answer = client.get(f"{QUEUE}?{query}")
        assert answer.status_code in (200, 302), query


def tiles(client: Client) -> dict[str, int]:
    found = TILE.findall(html_of(client, HOME))
    return {href: int(n.replace(",", "")) for href, n in found}


@pytest.mark.usefixtures("sandbox")
def test_every_tile_is_the_length_of_its_list(case: Case) -> None:
    waiting, unclaimed, second, agreed, answered_late_ = states.more(case, 5)
    states.held_up(case)
    states.waiting_for_documents(waiting)
    unclaimed.submitted()
    second.pending_approval()
    agreed.agreed()
    answered_late_.in_evaluation()
    Deadline.objects.filter(request=answered_late_.request, closed_at=None).update(
        due_at=case.at - timedelta(days=3)
    )
    RefundRequest.objects.filter(pk=answered_late_.request.pk).update(
        due_at=case.at - timedelta(days=3)
    )
    people = case.people
    for person in (people.evaluator, people.approver, people.finance, people.auditor):
        client = visitor(person)
        found = tiles(client)
        assert found
        for href, figure in found.items():
            if "finance" not in href:
                assert figure == listed(client, href), (person, href)
    assert tiles(visitor(people.evaluator))[f"{QUEUE}?show=overdue"] == 1
    assert tiles(visitor(people.approver))[f"{QUEUE}?state__exact=pending_approval"]


def test_past_the_most_nothing_is_counted(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in [case, *states.more(case, 3)]:
        each.submitted()
    monkeypatch.setattr(queue, "MOST", 2)
    monkeypatch.setattr(console, "MOST", 2)
    assert queue.counts(case.people.auditor)["unclaimed"] == 3
    assert "2+ unclaimed" in reads(visitor(case.people.auditor), HOME)


def test_my_queue_is_what_i_have_or_may_take_first_due_first(case: Case) -> None:
    first, second, other = states.more(case, 3)
    case.in_evaluation()
    first.submitted()
    second.submitted()
    states.passed_on(other)
    RefundRequest.objects.filter(pk=second.request.pk).update(due_at=case.at)
    people = case.people
    mine = [row.pk for row in queue.my_queue(people.first_line)]
    assert mine == [second.request.pk, first.request.pk]
    theirs = {row.pk for row in queue.my_queue(people.evaluator)}
    assert theirs == {case.request.pk, other.request.pk}
    assert queue.my_queue(people.auditor) == []
    assert [row.pk for row in queue.my_queue(people.first_line, most=1)] == mine[:1]


def test_an_approver_and_finance_have_what_waits_for_them(case: Case) -> None:
    (agreed,) = states.more(case, 1)
    case.pending_approval()
    agreed.agreed()
    people = case.people
    assert [row.state for row in queue.my_queue(people.approver)] == [
        State.PENDING_APPROVAL
    ]
    assert [row.state for row in queue.my_queue(people.finance)] == [State.AGREED]


def test_the_home_costs_the_same_whatever_the_month_held(case: Case) -> None:
    begun(case, days_ago=2).offered()
    states.passed_on(begun(case, days_ago=2))
    begun(case, days_ago=2).submitted()
    people = case.people
    visitors = [
        visitor(p) for p in (people.first_line, people.evaluator, people.finance)
    ]
    with_one = [queries(client, HOME) for client in visitors]
    a_month(case)
    assert [queries(client, HOME) for client in visitors] == with_one
    assert max(with_one) <= 20, with_one
