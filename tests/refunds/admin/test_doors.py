"""The console's doors: who may press which, and what one reads who may not."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from accounts.models import Membership, User
from refunds.admin.doors import BY_NAME
from refunds.models import Finding, Message, RefundRequest
from tests.people import Case
from tests.refunds.admin.pressing import being_carried_out, everything, press, sheet
from tests.refunds.pages import states
from tests.refunds.pages.visits import text_of, told, visitor

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
    "fulfil": Pressed(being_carried_out, "evaluator", "fulfilled", WORDS),
    "release": Pressed(states.in_first_check, "first_line", "submitted"),
    "put_down": Pressed(Case.in_evaluation, "evaluator", "evaluation"),
    "hand_over": Pressed(
        Case.in_evaluation, "evaluator", "evaluation", {"to": "evaluator2@example.test"}
    ),
    "finding": Pressed(
        Case.in_evaluation,
        "evaluator",
        "evaluation",
        {"kind": "defect_verified", **WORDS},
    ),
    "tags": Pressed(Case.in_evaluation, "evaluator", "evaluation", {"tags": "price"}),
    "note": Pressed(Case.submitted, "account_manager", "submitted", WORDS),
    "message": Pressed(Case.submitted, "account_manager", "submitted", WORDS),
}
NEEDS_KEYS = ("pay", "retry_payout")


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
    assert str(found.number) in told(answer)
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
    assert "was first and has this case in hand." in told(answer)
    assert case.request.handler == case.people.evaluator


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
