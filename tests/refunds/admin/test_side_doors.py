"""Handing over and tagging at the sheet: what is there to choose, and for whom."""

import re

from django.contrib.auth.models import Group

from accounts.models import Membership, Role
from refunds.models import ReasonTag
from tests.people import Case
from tests.refunds.admin.pressing import press, sheet
from tests.refunds.pages import states
from tests.refunds.pages.visits import reads, text_of, visitor


def test_who_could_not_take_the_case_is_not_offered_to_hand_it_to(case: Case) -> None:
    request = case.in_evaluation()
    people = case.people
    group = people.evaluator.groups.get()
    for person in (people.finance, people.owner):
        person.groups.add(group)
    Membership.objects.create(customer=people.customer, user=people.finance)
    page = visitor(people.evaluator).get(sheet(request)).content.decode()
    offered = re.findall(r'<option value="(.+?@.+?)"', page)
    assert offered == ["evaluator2@example.test"]
    answer = press(
        visitor(people.evaluator), request, "hand_over", to="finance@example.test"
    )
    assert answer.status_code == 422
    assert "Select a valid choice" in text_of(answer)
    assert case.request.handler == people.evaluator


def test_an_appeal_is_handed_to_nobody_who_had_a_part_in_it(case: Case) -> None:
    request = states.in_the_judges_hands(case)
    people = case.people
    people.approver.groups.add(people.evaluator.groups.get())
    page = visitor(people.second_evaluator).get(sheet(request)).content.decode()
    assert re.findall(r'<option value="(.+?@.+?)"', page) == ["approver@example.test"]


def test_the_superior_hands_a_case_on_without_being_able_to_take_it(case: Case) -> None:
    request = case.in_evaluation()
    people = case.people
    people.lead.groups.add(Group.objects.get(name=Role.AUDITOR))
    press(
        visitor(people.lead),
        request,
        "hand_over",
        to="evaluator2@example.test",
        reason="He is ill.",
    )
    assert case.request.handler == people.second_evaluator
    assert "He is ill." in reads(visitor(people.auditor), sheet(request))


def test_the_tags_stand_as_checkboxes_in_the_readers_language(case: Case) -> None:
    request = case.in_evaluation()
    ReasonTag.objects.filter(code="price").update(name_zh="价格", name_en="Price")
    client = visitor(case.people.evaluator)
    press(client, request, "tags", tags="price")
    page = client.get(sheet(request), headers={"accept-language": "zh-hans"})
    html = page.content.decode()
    assert '<span class="chip">价格</span>' in html
    assert re.search(r'value="price"[^>]* checked', html)
    press(client, request, "tags")
    assert not case.request.reason_tags.exists()


def test_what_needs_a_role_is_not_shown_to_who_lacks_it(case: Case) -> None:
    request = case.in_evaluation()
    shown = reads(visitor(case.people.evaluator), sheet(request))
    hidden = reads(visitor(case.people.auditor), sheet(request))
    for door in ("Record a finding…", "Reason tags…"):
        assert door in shown
        assert door not in hidden
