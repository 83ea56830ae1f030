"""Take the next case: the first due that this person may take, nobody else's."""

from datetime import timedelta

import pytest

from accounts.models import Membership, Role
from refunds.filing.submit import submit
from refunds.models import Deadline, RefundRequest
from refunds.review.hands import take_next
from tests.conftest import NOW
from tests.people import Case, make_case, make_people
from tests.refunds.pages import states
from tests.refunds.pages.visits import reads, told, visitor
from tests.refunds.together import at_once

NEXT = "/admin/refunds/refundrequest/next/"
BUTTON = "Take the next case"


def test_the_next_case_is_claimed_and_opened(case: Case) -> None:
    request = case.submitted()
    client = visitor(case.people.first_line)
    for page in ("/admin/", "/admin/refunds/refundrequest/"):
        assert BUTTON in reads(client, page)
    answer = client.post(NEXT)
    assert answer["Location"] == f"/admin/refunds/refundrequest/{request.pk}/change/"
    assert told(answer) == f"{request.number} is in your hands now."
    assert case.request.handler == case.people.first_line
    assert BUTTON in reads(client, answer["Location"]), "and then the one after"


def test_looking_takes_nothing(case: Case) -> None:
    case.submitted()
    assert visitor(case.people.first_line).get(NEXT).status_code == 405
    assert case.request.handler is None


def test_where_nothing_waits_it_says_so_kindly(case: Case) -> None:
    states.in_first_check(case)
    answer = visitor(case.people.first_line).post(NEXT)
    assert answer["Location"] == "/admin/"
    assert "Nothing waits for you." in told(answer)


def test_who_takes_no_cases_has_no_button_and_gets_none(case: Case) -> None:
    case.submitted()
    for person in (case.people.finance, case.people.auditor, case.people.superuser):
        client = visitor(person)
        assert BUTTON not in reads(client, "/admin/")
        client.post(NEXT)
    assert case.request.handler is None


def test_what_is_due_first_comes_first_and_of_two_the_larger_sum(case: Case) -> None:
    second, third, first = case, *states.more(case, 2)
    second.submitted(amount=9_000_00)
    third.submitted(amount=8_000_00)
    first.submitted(amount=10_00)
    soon = Deadline.objects.filter(request=first.request)
    soon.update(due_at=case.at + timedelta(hours=1))
    client = visitor(case.people.first_line)
    taken: list[RefundRequest] = []
    for _press in range(3):
        before = set(RefundRequest.objects.exclude(handler=None))
        client.post(NEXT)
        taken += set(RefundRequest.objects.exclude(handler=None)) - before
    assert taken == [first.request, second.request, third.request]


def test_nobody_is_given_a_case_of_their_own_customer(case: Case) -> None:
    case.submitted()
    person = case.people.first_line
    Membership.objects.create(customer=case.people.customer, user=person)
    assert take_next(by=person, at=case.at) is None


def test_nobody_is_given_a_case_that_they_filed(case: Case) -> None:
    person = case.people.first_line
    draft = case.draft()
    RefundRequest.objects.filter(pk=draft.pk).update(filed_by=person, channel="phone")
    submit(case.request, by=case.people.owner, at=case.at)
    assert case.request.filed_by == person
    assert take_next(by=person, at=case.at) is None


def test_nobody_is_given_an_appeal_in_which_they_had_a_part(case: Case) -> None:
    request = states.in_appeal(case)
    assert take_next(by=case.people.evaluator, at=case.at) is None
    found = take_next(by=case.people.second_evaluator, at=case.at)
    assert found == request


@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
def test_eight_at_once_never_get_the_same_case() -> None:
    people = make_people()
    case = make_case(people, at=NOW)
    cases = [case, *states.more(case, 5)]
    for each in cases:
        each.submitted()
    group = people.first_line.groups.get(name=Role.FIRST_LINE)
    eight = [
        people.first_line,
        people.evaluator,
        people.second_evaluator,
        people.approver,
        people.finance,
        people.auditor,
        people.account_manager,
        people.lead,
    ]
    for person in eight:
        person.groups.set([group])
    taken = at_once(*(lambda p=p: take_next(by=p, at=NOW) for p in eight))
    found = [each for each in taken if each is not None]
    assert all(isinstance(each, RefundRequest) for each in found), found
    assert len(set(found)) == len(found) == 6, "six cases, each to one of the eight"
    assert RefundRequest.objects.exclude(handler=None).count() == 6
