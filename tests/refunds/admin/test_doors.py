"""The console's doors: who may press which, and what one reads who may not."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership, User
from refunds.admin.doors import BY_NAME
from refunds.models import Event, Finding, Message, Offer, RefundRequest
from refunds.review.hands import claim
from tests.people import Case
from tests.refunds.pages import states
from tests.refunds.pages.visits import reads, text_of, told, visitor

WORDS = {"words": "The log shows it."}


@dataclass(frozen=True)
class Pressed:
    """Where the door is open, for whom, with what; and the state behind it."""

    reach: Callable[[Case], RefundRequest]
    who: str
    to: str
    answers: dict[str, str] = field(default_factory=dict)


DOORS = {
    "claim": Pressed(Case.submitted, "first_line", "preliminary_review"),
    "take_up": Pressed(states.passed_on, "evaluator", "evaluation"),
    "take_appeal": Pressed(states.in_appeal, "second_evaluator", "appealed"),
    "pass_on": Pressed(states.in_first_check, "first_line", "evaluation"),
    "offer": Pressed(
        Case.in_evaluation, "evaluator", "pending_approval", {"amount": "10,000"}
    ),
    "approve": Pressed(Case.pending_approval, "approver", "offered"),
    "send_back": Pressed(
        Case.pending_approval, "approver", "evaluation", {"reason": "Look again."}
    ),
    "ask_for_information": Pressed(
        Case.in_evaluation, "evaluator", "awaiting_information", WORDS
    ),
    "reject": Pressed(
        Case.in_evaluation, "evaluator", "rejected", {"code": "not_proven", **WORDS}
    ),
    "uphold_appeal": Pressed(
        states.in_the_judges_hands, "second_evaluator", "evaluation", WORDS
    ),
    "reject_finally": Pressed(
        states.in_the_judges_hands, "second_evaluator", "rejected_finally", WORDS
    ),
    "let_offer_stand": Pressed(
        states.offer_in_the_judges_hands, "second_evaluator", "offered", WORDS
    ),
    "pay": Pressed(Case.agreed, "finance", "paying"),
    "retry_payout": Pressed(states.held_up, "finance", "paying"),
    "release": Pressed(states.in_first_check, "first_line", "submitted"),
    "put_down": Pressed(Case.in_evaluation, "evaluator", "evaluation"),
    "finding": Pressed(
        Case.in_evaluation,
        "evaluator",
        "evaluation",
        {"kind": "defect_verified", **WORDS},
    ),
    "note": Pressed(Case.submitted, "account_manager", "submitted", WORDS),
    "message": Pressed(Case.submitted, "account_manager", "submitted", WORDS),
}
OPEN_OFFER = re.compile(r'(?s)<details open>.{,200}/do/offer/"(.*?)</form>')
NEEDS_KEYS = ("pay", "retry_payout")


def sheet(request: RefundRequest) -> str:
    return f"/admin/refunds/refundrequest/{request.pk}/change/"


def press(client: Client, request: RefundRequest, door: str, **answers: str) -> Any:
    return client.post(f"/admin/refunds/refundrequest/{request.pk}/do/{door}/", answers)


def everything() -> list[object]:
    """What a press could change."""
    rows: list[object] = list(
        RefundRequest.objects.values_list("state", "handler", "event_head")
    )
    kinds = (Event, Finding, Message, Offer)
    return rows + [kind._default_manager.count() for kind in kinds]


def test_every_door_is_tried_here() -> None:
    assert set(DOORS) == set(BY_NAME)


@pytest.mark.parametrize("door", DOORS)
def test_who_may_not_press_a_door_changes_nothing(
    case: Case, door: str, request: pytest.FixtureRequest
) -> None:
    if door in NEEDS_KEYS:
        request.getfixturevalue("sandbox")
    pressed, people = DOORS[door], case.people
    found = pressed.reach(case)
    before = everything()
    for person in (people.auditor, people.superuser):
        answer = press(visitor(person), found, door, **pressed.answers)
        assert answer["Location"] == sheet(found)
        assert told(answer).strip(), "it says why"
        assert "done" not in told(answer)
        assert everything() == before
    no_role = press(visitor(people.lead), found, door, **pressed.answers)
    assert no_role.status_code == 403
    for outsider in (people.owner, people.stranger, None):
        answer = press(visitor(outsider), found, door, **pressed.answers)
        assert answer["Location"].startswith("/admin/login/")
    assert everything() == before
    right = visitor(getattr(people, pressed.who))
    assert right.get(f"{sheet(found)[:-7]}do/{door}/").status_code == 405
    assert everything() == before
    answer = press(right, found, door, **pressed.answers)
    assert f"done for {found.number}" in told(answer)
    assert everything() != before
    assert case.request.state == pressed.to


@pytest.mark.parametrize("door", DOORS)
def test_who_belongs_to_the_customer_decides_nothing(
    case: Case, door: str, request: pytest.FixtureRequest
) -> None:
    if door in NEEDS_KEYS:
        request.getfixturevalue("sandbox")
    pressed = DOORS[door]
    found = pressed.reach(case)
    person: User = getattr(case.people, pressed.who)
    Membership.objects.create(customer=case.people.customer, user=person)
    before = RefundRequest.objects.values_list("state", "handler").get()
    press(visitor(person), found, door, **pressed.answers)
    assert RefundRequest.objects.values_list("state", "handler").get() == before
    assert not Finding.objects.exists()
    assert not Message.objects.filter(internal=True).exists()


def test_a_door_that_is_none_is_nowhere(case: Case) -> None:
    request = case.submitted()
    client = visitor(case.people.first_line)
    for name in ("settle", "lapse", "accept", "submit", "delete"):
        assert press(client, request, name).status_code == 404
    assert case.request.state == "submitted"


def test_no_door_opens_to_a_draft_or_to_another_managers_customer(case: Case) -> None:
    draft = case.draft()
    client = visitor(case.people.first_line)
    assert client.get(sheet(draft)).status_code == 404
    assert press(client, draft, "claim").status_code == 404


def test_no_door_opens_to_another_managers_customer(case: Case) -> None:
    sent, customer = case.submitted(), case.people.customer
    customer.account_manager = None
    customer.save()
    manager = visitor(case.people.account_manager)
    assert manager.get(sheet(sent)).status_code == 404
    assert press(manager, sent, "note", **WORDS).status_code == 404


def test_of_two_who_claim_the_second_is_told_who_was_first(case: Case) -> None:
    request = case.submitted()
    people = case.people
    people.lead.groups.add(people.first_line.groups.get())
    first, second = visitor(people.first_line), visitor(people.lead)
    press(first, request, "claim")
    answer = press(second, request, "claim")
    assert "first was first: at 2026-11-16 10:00" in told(answer)
    assert "In first check" in told(answer)
    assert case.request.handler == people.first_line
    assert request.events.count() == 2


def test_of_two_who_take_up_an_evaluation_the_second_is_told(case: Case) -> None:
    request = states.passed_on(case)
    press(visitor(case.people.evaluator), request, "take_up")
    answer = press(visitor(case.people.second_evaluator), request, "take_up")
    assert "Somebody has this case in hand already." in told(answer)
    assert case.request.handler == case.people.evaluator


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"amount": "1.234"}, "with 2 decimals at most"),
        ({"amount": ""}, "This field is required."),
        ({"amount": "0"}, "has to be above zero"),
        ({"amount": "-1"}, "has to be above zero"),
        ({"amount": "999,999"}, "This is above the ceiling"),
        ({"amount": "9,000"}, "This departs from the computed amount: say why."),
        ({"amount": "9,000", "reason": "x" * 5001}, "at most 5000 characters"),
    ],
)
def test_an_offer_that_cannot_be_made_says_so_at_its_field(
    case: Case, answers: dict[str, str], words: str
) -> None:
    request = case.in_evaluation()
    before = everything()
    answer = press(visitor(case.people.evaluator), request, "offer", **answers)
    assert answer.status_code == 422
    offered = OPEN_OFFER.search(answer.content.decode())
    assert offered, "the form stands open"
    assert words in offered[1]
    assert f'value="{answers["amount"]}"' in offered[1] or not answers["amount"]
    assert everything() == before


def test_an_offer_that_departs_goes_to_a_second_person_with_its_reason(
    case: Case,
) -> None:
    request = case.in_evaluation()
    client = visitor(case.people.evaluator)
    press(client, request, "offer", amount="500", reason="Goodwill.")
    page = reads(client, sheet(request))
    assert case.request.state == "pending_approval"
    for words in ("CNY 500.00", "Departs from the computed amount.", "Goodwill."):
        assert words in page
    assert "Approve : You made this proposal" in page or "another role" in page


@pytest.mark.parametrize(
    ("door", "answers", "words"),
    [
        ("reject", {"code": "", "words": "No."}, "This field is required."),
        ("reject", {"code": "not_proven"}, "This field is required."),
        ("reject", {"code": "made_up", "words": "No."}, "Select a valid choice"),
        ("ask_for_information", {"words": " "}, "This field is required."),
        ("finding", {"kind": "made_up", "words": "x"}, "Select a valid choice"),
        ("note", {}, "This field is required."),
    ],
)
def test_a_form_half_filled_in_is_shown_again(
    case: Case, door: str, answers: dict[str, str], words: str
) -> None:
    request = case.in_evaluation()
    before = everything()
    answer = press(visitor(case.people.evaluator), request, door, **answers)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert everything() == before


def test_a_form_whose_door_is_shut_by_now_still_says_something(case: Case) -> None:
    request = case.pending_approval()
    client = visitor(case.people.evaluator)
    answer = press(client, request, "offer", amount="1.234")
    if answer.status_code == 302:
        assert told(answer)
    else:
        assert "with 2 decimals at most" in text_of(answer)


def test_claiming_from_the_list_takes_what_can_be_taken(case: Case) -> None:
    taken = case.submitted()
    claim(taken, by=case.people.first_line, at=case.at)
    others = states.more(case, 2)
    for other in others:
        other.submitted()
    people = case.people
    people.lead.groups.add(people.first_line.groups.get())
    chosen = list(RefundRequest.objects.values_list("pk", flat=True))
    answer = visitor(people.lead).post(
        "/admin/refunds/refundrequest/",
        {"action": "claim_selected", "_selected_action": chosen},
    )
    assert "Claimed: 2" in told(answer)
    assert f"{taken.number}: first was first" in told(answer)
    handlers = RefundRequest.objects.order_by("pk").values_list("handler__name")
    assert [name for (name,) in handlers] == ["first", "lead", "lead"]


def test_claiming_from_the_list_is_no_way_around_the_rules(case: Case) -> None:
    request = case.submitted()
    for person in (case.people.auditor, case.people.superuser, case.people.approver):
        answer = visitor(person).post(
            "/admin/refunds/refundrequest/",
            {"action": "claim_selected", "_selected_action": [request.pk]},
        )
        assert f"{request.number}: This is for another role." in told(answer)
    assert case.request.handler is None
