"""Many requests at once: each row through its own verb, each with its own answer."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from refunds.admin import queue
from refunds.models import Event, RefundRequest
from refunds.review.hands import claim
from tests.people import Case
from tests.refunds.pages import states
from tests.refunds.pages.visits import text_of, told, visitor

QUEUE = "/admin/refunds/refundrequest/"


def press(client: Client, action: str, *cases: Case, **more: str) -> Any:
    chosen = [case.request.pk for case in cases]
    return client.post(QUEUE, {"action": action, "_selected_action": chosen, **more})


def hands_of() -> list[str | None]:
    rows = RefundRequest.objects.order_by("pk")
    return list(rows.values_list("handler__name", flat=True))


def test_what_can_be_claimed_is_and_the_rest_says_why(case: Case) -> None:
    others = states.more(case, 2)
    states.in_first_check(case)
    for other in others:
        other.submitted()
    people = case.people
    people.lead.groups.add(people.first_line.groups.get())
    page = text_of(press(visitor(people.lead), "claim_selected", case, *others))
    assert "Done for 2 requests. 1 stays as it was, and says why." in page
    assert f"{case.request.number} Xinghe Media first was first" in page
    assert f"{others[0].request.number} Xinghe Media Done" in page
    assert hands_of() == ["first", "lead", "lead"]


def test_claiming_many_is_no_way_around_the_rules(case: Case) -> None:
    case.submitted()
    for person in (case.people.auditor, case.people.superuser, case.people.approver):
        page = text_of(press(visitor(person), "claim_selected", case))
        assert "This is for another role." in page
        assert "Done for 0 requests." in page
    assert hands_of() == [None]


def test_what_is_given_back_is_in_nobodys_hands(case: Case) -> None:
    (other,) = states.more(case, 1)
    case.in_evaluation()
    states.in_first_check(other)
    page = text_of(
        press(visitor(case.people.evaluator), "give_back_selected", case, other)
    )
    assert f"{other.request.number} Xinghe Media Only who has the case in hand" in page
    assert hands_of() == [None, "first"]


def test_passing_on_moves_each_by_its_own_step(case: Case) -> None:
    (other,) = states.more(case, 1)
    states.in_first_check(case)
    other.submitted()
    press(visitor(case.people.first_line), "pass_on_selected", case, other)
    assert (case.request.state, other.request.state) == ("evaluation", "submitted")
    assert case.request.events.filter(kind="pass_on").count() == 1


def test_handing_over_first_asks_to_whom_and_changes_nothing(case: Case) -> None:
    case.in_evaluation()
    answer = press(visitor(case.people.evaluator), "hand_over_selected", case)
    page = text_of(answer)
    assert answer.status_code == 200
    assert "Hand over 1 request" in page
    assert "evaluator: evaluation" in page
    assert hands_of() == ["evaluator"]


def test_handing_over_lists_what_went_and_what_could_not(case: Case) -> None:
    same_customer, unclaimed = states.more(case, 2)
    case.in_evaluation()
    states.in_first_check(same_customer)
    unclaimed.submitted()
    people = case.people
    page = text_of(
        press(
            visitor(people.evaluator),
            "hand_over_selected",
            case,
            same_customer,
            unclaimed,
            apply="1",
            to=people.second_evaluator.email,
            reason="I am away.",
        )
    )
    assert "Done for 1 request. 2 stay as they were" in page
    assert "Only who has the case in hand, their superior" in page
    assert "Nobody has this case in hand; who takes it, has it." in page
    assert hands_of() == ["evaluator2", "first", None]
    assert case.request.events.get(kind="hand_over").reason == "I am away."


@pytest.mark.parametrize("to", ["", "nobody@example.test", "owner@example.test"])
def test_handing_over_to_nobody_we_know_asks_again(case: Case, to: str) -> None:
    case.in_evaluation()
    client = visitor(case.people.evaluator)
    answer = press(client, "hand_over_selected", case, apply="1", to=to, reason="x")
    assert answer.status_code == 422
    assert hands_of() == ["evaluator"]


def test_whoever_belongs_to_the_customer_is_handed_nothing(case: Case) -> None:
    case.in_evaluation()
    people = case.people
    Membership.objects.create(customer=people.customer, user=people.second_evaluator)
    page = text_of(
        press(
            visitor(people.evaluator),
            "hand_over_selected",
            case,
            apply="1",
            to=people.second_evaluator.email,
        )
    )
    assert "They can't take this case." in page
    assert hands_of() == ["evaluator"]


def test_more_than_can_be_done_at_once_is_refused_whole(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "AT_ONCE", 2)
    others = states.more(case, 2)
    for each in (case, *others):
        each.submitted()
    client = visitor(case.people.first_line)
    answer = press(client, "claim_selected", case, *others)
    assert "That is more than 2 requests. Nothing was done" in told(answer)
    assert hands_of() == [None, None, None]
    press(client, "claim_selected", *others)
    assert hands_of() == [None, "first", "first"]


def test_nothing_is_approved_or_paid_in_bulk(case: Case) -> None:
    case.pending_approval()
    client = visitor(case.people.approver)
    page = client.get(QUEUE).content.decode()
    for action in ("approve", "pay", "offer", "reject", "delete_selected"):
        assert f'value="{action}' not in page
        press(client, action, case)
    assert case.request.state == "pending_approval"


def test_a_row_of_another_managers_customer_is_not_there(case: Case) -> None:
    case.submitted()
    case.people.customer.account_manager = None
    case.people.customer.save()
    before = Event.objects.count()
    page = text_of(press(visitor(case.people.account_manager), "claim_selected", case))
    assert "Done for" not in page or "Done for 0 requests" in page
    assert str(case.request.number) not in page
    assert Event.objects.count() == before


def test_each_row_costs_the_same_and_none_more_than_by_itself(case: Case) -> None:
    cases = [case, *states.more(case, 8)]
    for each in cases:
        each.submitted()
    client = visitor(case.people.first_line)
    client.get(QUEUE)
    with_two = _cost(client, *cases[:2])
    with_six = _cost(client, *cases[2:8])
    alone = cases[8].request
    with CaptureQueriesContext(connection) as by_itself:
        claim(alone, by=case.people.first_line, at=case.at)
    per_row = (with_six - with_two) / 4
    assert per_row <= len(by_itself)


def _cost(client: Client, *cases: Case) -> int:
    with CaptureQueriesContext(connection) as captured:
        press(client, "claim_selected", *cases)
    return len(captured)
