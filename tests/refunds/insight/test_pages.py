"""In the console: begun by a policy editor, followed, read, case by case."""

from datetime import datetime
from fractions import Fraction

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import Role, User
from refunds.admin import backtests
from refunds.insight.backtest import begin, figures_of, run_waiting
from refunds.models import Backtest, PolicyVersion
from tests.people import People
from tests.refunds.insight import past
from tests.refunds.pages.visits import queries, reads, told, visitor
from tests.refunds.policy.situations import live, outage

LINE = "live_streaming"
DOWN = (outage("2026-02-01 00:00", "2026-02-06 00:00"),)


def page(run: Backtest) -> str:
    return reverse("admin:refunds_backtest_change", args=[run.pk])


def cases(run: Backtest, number: int) -> str:
    return reverse("admin:refunds_backtest_cases", args=[run.pk, number])


def half(editor: User) -> PolicyVersion:
    return past.draft_of(LINE, editor, share=Fraction(1, 2))


def finished(version: PolicyVersion, *, by: User, now: datetime) -> Backtest:
    run = begin(version, by=by, at=now)
    while run_waiting(clock=lambda: now):
        pass
    run.refresh_from_db()
    return run


def changed(run: Backtest) -> int:
    """The number of the first figure that changes."""
    return next(n for n, f in enumerate(figures_of(run)) if f.changed)


def test_an_editor_begins_it_and_sees_how_far_it_is(
    editor: User, now: datetime
) -> None:
    past.decided(live(outages=DOWN), at=now)
    client = visitor(editor)
    address = reverse("admin:refunds_backtest_begin", args=[half(editor).pk])
    assert client.get(address).status_code == 405
    begun = client.post(address)
    run = Backtest.objects.get()
    assert begun["Location"] == page(run)
    assert "Waiting to begin" in reads(client, page(run))
    Backtest.objects.update(state="running", done=3000, total=12000)
    response = client.get(page(run))
    assert response["Refresh"] == "3"
    assert "3,000 of 12,000 requests tried" in reads(client, page(run))
    Backtest.objects.update(state="waiting", done=0, total=0)
    run_waiting(clock=lambda: now)
    assert "Refresh" not in client.get(page(run))


def test_nobody_else_begins_one_and_readers_read(
    people: People, editor: User, now: datetime
) -> None:
    draft = half(editor)
    run = finished(draft, by=editor, now=now)
    address = reverse("admin:refunds_backtest_begin", args=[draft.pk])
    for person in (people.superuser, people.evaluator, people.lead):
        assert visitor(person).post(address).status_code == 403
    assert visitor(people.owner).post(address).status_code == 302
    assert Backtest.objects.count() == 1
    assert visitor(people.lead).get(page(run)).status_code == 403
    assert visitor(people.lead).get(cases(run, 0)).status_code == 403
    assert visitor(people.auditor).get(page(run)).status_code == 200
    assert visitor(people.auditor).post(page(run)).status_code == 403


def test_it_shows_the_change_by_rule_with_money_per_currency(
    editor: User, now: datetime
) -> None:
    for currency in ("CNY", "CNY", "USD"):
        past.decided(live(outages=DOWN, currency=currency), at=now)
    past.decided(live(), at=now)
    run = finished(half(editor), by=editor, now=now)
    text = reads(visitor(editor), page(run))
    assert "4 decided requests tried" in text
    assert "3 would come out differently" in text
    assert "2 In all, where it is known CNY 144.00 72.00 −72.00" in text
    assert "1 In all, where it is known USD 72.00 36.00 −36.00" in text
    assert "1 request comes out the same." in text


def test_half_a_result_is_not_shown(editor: User, now: datetime) -> None:
    past.decided(live(outages=DOWN), at=now)
    run = finished(half(editor), by=editor, now=now)
    Backtest.objects.update(state="running")
    text = reads(visitor(editor), page(run))
    assert "would come out differently" not in text
    assert visitor(editor).get(cases(run, 0)).status_code == 404


def test_where_nothing_changes_it_says_so(editor: User, now: datetime) -> None:
    draft = past.draft_of(LINE, editor)
    run = finished(draft, by=editor, now=now)
    assert "No request of this product line is decided yet" in reads(
        visitor(editor), page(run)
    )
    past.decided(live(outages=DOWN), at=now)
    run = finished(draft, by=editor, now=now)
    assert "Nothing would change" in reads(visitor(editor), page(run))


def test_rules_that_failed_say_why(editor: User, now: datetime) -> None:
    run = begin(half(editor), by=editor, at=now)
    Backtest.objects.update(state="failed", failure="live.odd: answers no ground")
    assert "live.odd: answers no ground" in reads(visitor(editor), page(run))


def test_rules_that_make_no_sense_send_the_editor_back(
    editor: User, now: datetime
) -> None:
    draft = half(editor)
    rule = draft.rules.get(code="live.long_outage")
    draft.rules.filter(pk=rule.pk).update(body=rule.body | {"grounds": []})
    address = reverse("admin:refunds_backtest_begin", args=[draft.pk])
    response = visitor(editor).post(address)
    assert "answers no ground" in told(response)
    assert f"/policyversion/{draft.pk}/" in response["Location"]


def test_the_cases_link_to_sheets_of_customers_this_person_may_see(
    people: People, editor: User, now: datetime
) -> None:
    ours = past.decided(live(outages=DOWN), at=now)
    other = past.decided(live(outages=DOWN), at=now)
    ours.customer.account_manager = people.account_manager
    ours.customer.save()
    run = finished(half(editor), by=editor, now=now)
    for person, opens in (
        (people.auditor, {ours, other}),
        (people.account_manager, {ours}),
        (editor, set()),
    ):
        response = visitor(person).get(cases(run, changed(run)))
        html = response.content.decode()
        for request in (ours, other):
            sheet = reverse("admin:refunds_refundrequest_change", args=[request.pk])
            assert str(request.number) in html
            assert (sheet in html) == (request in opens)
            assert (request.customer.name in html) == (request in opens)
    assert "CNY 72.00 CNY 36.00" in reads(visitor(editor), cases(run, changed(run)))
    assert visitor(editor).get(cases(run, 99)).status_code == 404


def test_pages_cost_the_same_with_many_cases(
    editor: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtests, "PAGE", 5)
    draft = half(editor)
    editor.groups.add(Group.objects.get(name=Role.AUDITOR))
    client = visitor(editor)
    past.decided(live(outages=DOWN), at=now)
    few = finished(draft, by=editor, now=now)
    costs = [queries(client, page(few)), queries(client, cases(few, changed(few)))]
    for currency in ("CNY", "USD", "JPY") * 5:
        past.decided(live(outages=DOWN, currency=currency), at=now)
    many = finished(draft, by=editor, now=now)
    list_of_many = cases(many, changed(many))
    assert [queries(client, page(many)), queries(client, list_of_many)] == costs
    assert max(costs) <= 12
    assert "Page 2 of 2" in reads(client, f"{list_of_many}?p=2")


def test_the_list_of_runs_costs_the_same_with_many(editor: User, now: datetime) -> None:
    client = visitor(editor)
    finished(half(editor), by=editor, now=now)
    address = reverse("admin:refunds_backtest_changelist")
    with_one = queries(client, address)
    for _each in range(5):
        finished(PolicyVersion.objects.get(published_at=None), by=editor, now=now)
    assert Backtest.objects.count() == 6
    assert queries(client, address) == with_one
