"""The stop switch in the console, and the banner that says so everywhere."""

import pytest
from django.contrib.auth.models import Group

from accounts.models import Role, Route
from refunds.models import Merchant, PayoutStop, RefundRequest
from tests.people import People
from tests.refunds.pages.visits import queries, reads, text_of, told, visitor
from tests.refunds.payouts.conftest import key_dir as key_dir
from tests.refunds.payouts.conftest import released as released
from tests.refunds.payouts.conftest import same_keys as same_keys
from tests.refunds.payouts.conftest import till as till
from tests.refunds.payouts.till import Till

PAGE = "/admin/stops/"
SCREENS = ("/admin/", "/admin/finance/", "/admin/refunds/payoutleg/", PAGE)


def test_finance_stops_and_lets_go_on(
    released: RefundRequest, till: Till, people: People
) -> None:
    client = visitor(people.finance)
    answer = client.post(PAGE, {"route": "alipay", "reason": "Keys change tonight."})
    assert answer.status_code == 302
    assert "Stopped: Alipay." in told(answer)
    till.work()
    page = reads(client, PAGE)
    assert "Keys change tonight." in page
    assert "Stopped by finance, Mon 16 Nov 2026, 10:00" in page
    assert "1 payout waits: CNY 10,000.00" in page
    running = PayoutStop.objects.get()
    answer = client.post(f"{PAGE}{running.pk}/go-on/")
    assert "Going on: Alipay." in told(answer)
    assert "Nothing is stopped." in reads(client, PAGE)
    assert "Keys change tonight." in reads(client, PAGE), "it is kept"
    again = client.post(f"{PAGE}{running.pk}/go-on/")
    assert "went on already" in told(again)


def test_the_banner_stands_on_every_screen_while_something_is_stopped(
    till: Till, people: People
) -> None:
    client = visitor(people.finance)
    for path in SCREENS:
        assert "are stopped." not in reads(client, path)
    client.post(PAGE, {"route": "", "reason": "Fire drill."})
    Merchant.objects.filter(route=Route.ALIPAY).update(
        stopped_at=till.at, stopped_code="isv.invalid-app-id"
    )
    for path in SCREENS:
        page = reads(client, path)
        assert (
            "All payouts are stopped. Fire drill. · finance, 2026-11-16 10:00" in page
        )
        assert "Nothing is sent by Alipay · 2021000000000001" in page
    assert "All payouts are stopped." in reads(visitor(people.auditor), "/admin/")
    assert "are stopped." not in reads(visitor(people.evaluator), "/admin/")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"route": "", "reason": ""}, "This field is required."),
        ({"route": "", "reason": "   "}, "This field is required."),
        ({"route": "paypal", "reason": "x"}, "Select a valid choice."),
        ({"route": "", "reason": "x" * 201}, "at most 200 characters"),
    ],
)
def test_what_can_t_be_stopped_says_so(
    people: People, typed: dict[str, str], words: str
) -> None:
    answer = visitor(people.finance).post(PAGE, typed)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not PayoutStop.objects.exists()


def test_the_same_is_not_stopped_twice(people: People) -> None:
    client = visitor(people.finance)
    client.post(PAGE, {"route": "", "reason": "First."})
    answer = client.post(PAGE, {"route": "", "reason": "Second."})
    assert answer.status_code == 422
    assert "This is stopped already." in text_of(answer)
    assert PayoutStop.objects.count() == 1


def test_administrators_stop_auditors_look_the_others_do_neither(
    people: People,
) -> None:
    typed = {"route": "", "reason": "Drill."}
    people.lead.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    assert visitor(people.lead).post(PAGE, typed).status_code == 302
    running = PayoutStop.objects.get()
    auditor = visitor(people.auditor)
    assert "Let them go on" not in reads(auditor, PAGE)
    others = (people.first_line, people.evaluator, people.approver, people.superuser)
    for person in others:
        assert visitor(person).get(PAGE).status_code == 403
    for person in (*others, people.auditor):
        client = visitor(person)
        client.post(PAGE, {"route": "stripe", "reason": "No."})
        client.post(f"{PAGE}{running.pk}/go-on/")
    for outsider in (people.owner, None):
        assert visitor(outsider).get(PAGE).status_code == 302
    assert list(PayoutStop.objects.values_list("pk", "resumed_at")) == [
        (running.pk, None)
    ]


def test_the_page_costs_the_same_with_many_stops(people: People) -> None:
    client = visitor(people.finance)
    client.post(PAGE, {"route": "", "reason": "Drill."})
    one = queries(client, PAGE)
    for route in Route.values:
        client.post(PAGE, {"route": route, "reason": "Drill."})
    assert queries(client, PAGE) == one
