"""Every move, by everybody, however they stand to the case, at every stage, by every
door: as the table says, and whoever is refused has changed nothing."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from refunds.filing.automatic import decide_waiting
from refunds.models import RefundRequest
from refunds.payouts.release import move_agreed_on
from refunds.review.handover import hand_over
from refunds.review.lapse import lapse_overdue
from tests.refunds.lifecycle.expectations import (
    ANOTHER_HAS_IT,
    DIFFER_IN,
    HANDED_TO,
    HANDS,
    HANDS_MATTER,
    NOBODY_HAS_IT,
    NOT_BY_THE_COMMAND,
    ON_MANY,
    ON_THE_PAGES,
    ON_THE_SHEET,
    PEOPLE,
    READS_SHEETS,
    ROWS,
    STAFF,
    STAGES,
    SYSTEM,
    TAKES_NEXT,
    TASKS,
    Person,
    could_take,
    may,
    may_happen_by_itself,
)
from tests.refunds.lifecycle.world import (
    WORDS,
    World,
    attempt,
    everything,
    step_alone,
    taken_back,
    verb,
)
from tests.refunds.pages.visits import visitor
from tests.refunds.test_lifecycle import moves

pytestmark = [pytest.mark.postgres, pytest.mark.property]
TORTURE = bool(os.environ.get("TORTURE"))
MOVES = sorted({move for move, _source, _targets in moves()})
MAY_MOST = (PEOPLE["the owner"], PEOPLE["everything at once"])
# Verbs that choose among these by the state, or by the sum.
CHOSEN_BY_STATE = {
    "claim",
    "take_up",
    "take_appeal",
    "release",
    "put_down",
    "offer",
    "propose",
}
BY_NOBODY = {row.move for row in ROWS if SYSTEM in row.may}
# Doors are thin: in `make test` those try them whom a door of its own mind would let
# through, or keep out; in `make torture` everybody.
AT_THE_DOORS = (
    "the owner",
    "a member",
    "an owner who left",
    "another customer's owner",
    "only first_line",
    "only evaluator",
    "only auditor",
    "the customer's account manager",
    "a superuser without a role",
    "everything at once",
    "everything, and proposed it",
    "everything, and filed it",
    "everything, and an owner of the customer",
    "everything, who left",
    "everything, who is no staff any more",
)


@pytest.fixture(autouse=True)
def clock_stands_still(world: World) -> Iterator[None]:
    with time_machine.travel(world.at, tick=False):
        yield


def everybody(world: World) -> list[tuple[str, Person]]:
    return [(name, person) for name, person in PEOPLE.items() if world.has(person)]


def here(stage: str) -> set[str]:
    return {row.move for row in ROWS if stage in row.stages}


def tried_here(stage: str) -> set[str]:
    """Of two stages that are alike, what is alike is tried at one."""
    everywhere = here(stage)
    return everywhere if TORTURE else everywhere & DIFFER_IN.get(stage, everywhere)


def agree(stage: str, wrong: list[str]) -> None:
    assert not wrong, "\n".join([f"At “{stage}”:", *wrong])


# The verbs


def tried(stage: str, person: Person, hands: str) -> list[str]:
    """The moves of this stage, with the case in each kind of hands where they matter;
    and by those who may most, every other."""
    if hands != ANOTHER_HAS_IT:
        of_hands = bool(person.roles or person.leads or STAFF in person.counts_as)
        return sorted(tried_here(stage) & HANDS_MATTER) if of_hands else []
    return MOVES if person in MAY_MOST else sorted(tried_here(stage))


def made(world: World, stage: str, move: str, user: User | None) -> str:
    """A verb that would make another move at this stage is no way to this one."""
    by_step = move in CHOSEN_BY_STATE and move not in here(stage)
    act = step_alone(move) if by_step else verb(move, user)
    found = world.found
    return attempt(found, partial(act, found, by=user, at=world.at), move)


def test_by_the_verbs(world: World, stage: str) -> None:
    wrong = []
    for name, person in everybody(world):
        with taken_back():
            user = world.dress(person)
            for hands in HANDS:
                world.put_in_hands(hands, user)
                for move in tried(stage, person, hands):
                    came = made(world, stage, move, user)
                    says = "made" if may(person, move, stage, hands) else "refused"
                    if came != says:
                        wrong.append(f"{move}, {name}, {hands}: {came}, not {says}")
    agree(stage, wrong)


def test_by_itself(world: World, stage: str) -> None:
    wrong = []
    for move in sorted(here(stage) | BY_NOBODY):
        came = made(world, stage, move, None)
        says = "made" if may_happen_by_itself(move, stage) else "refused"
        if came != says:
            wrong.append(f"{move}: {came}, not {says}")
    agree(stage, wrong)


def test_to_whom_a_case_is_handed(world: World, stage: str) -> None:
    wrong = []
    for name, person in everybody(world) if stage in HANDED_TO else ():
        with taken_back():
            user, lead = world.dress(person), world.dress(PEOPLE["the lead"])
            world.put_in_hands(ANOTHER_HAS_IT, None)
            act = partial(hand_over, world.request, by=lead, at=world.at, to=user)
            came = attempt(world.request, act, "hand_over")
        says = "made" if could_take(person, stage) else "refused"
        if came != says:
            wrong.append(f"to {name}: {came}, not {says}")
    agree(stage, wrong)


# The tasks


RUN: dict[str, Callable[..., int]] = {
    "lapse_overdue": lapse_overdue,
    "decide_waiting": decide_waiting,
    "pay_agreed": move_agreed_on,
}


def test_by_the_tasks(world: World, stage: str) -> None:
    wrong = []
    for task, moved in TASKS.items():
        with taken_back():
            RUN[task](at=world.at + timedelta(days=60))
            state, says = world.request.state, moved.get(stage, STAGES[stage])
        if state != says:
            wrong.append(f"{task}: {state}, not {says}")
    before = everything()
    lapse_overdue(at=world.at)
    if everything() != before:
        wrong.append("lapse_overdue: before its time")
    agree(stage, wrong)


# The customer's pages


def visit(user: User) -> Client:
    client = visitor(user)
    client.raise_request_exception = True
    return client


def on_the_page(client: Client, found: RefundRequest, move: str) -> object:
    if move == "submit":
        return client.post(f"/drafts/{found.pk}/check/")
    if move == "accept":
        offer = found.latest_offer()
        sent = {"seen": offer.pk if offer else 0}
        return client.post(f"/requests/{found.number}/accept/", sent)
    return client.post(f"/requests/{found.number}/{move}/", {"words": WORDS})


def at_the_doors(
    world: World, these: tuple[str, ...] = AT_THE_DOORS
) -> Iterator[tuple[str, Person, User]]:
    for name, person in everybody(world):
        if TORTURE or name in these:
            with taken_back():
                yield name, person, world.dress(person)


def test_by_the_pages(world: World, stage: str) -> None:
    wrong = []
    for name, person, user in at_the_doors(world):
        client = visit(user)
        if stage == "draft":  # Whose it is not, does not see it.
            kept = {"filed_by": user, "channel": "phone"}
            RefundRequest.objects.filter(pk=world.request.pk).update(**kept)
        for move in sorted(tried_here(stage) & ON_THE_PAGES.keys()):
            found = world.request
            came = attempt(found, partial(on_the_page, client, found, move), move)
            comes_in = person.counts_as & ON_THE_PAGES[move]
            allowed = comes_in and may(person, move, stage, ANOTHER_HAS_IT)
            says = "made" if allowed else "refused"
            if came != says:
                wrong.append(f"{move}, {name}: {came}, not {says}")
    agree(stage, wrong)


# An address that is not there, is there at no stage.
PROBED_AT = STAGES if TORTURE else ("evaluation", "agreed", "refunded")


def test_no_page_makes_what_is_not_the_customers(world: World, stage: str) -> None:
    wrong = []
    with taken_back():
        client = visit(world.case.people.owner)
        for move in MOVES if stage in PROBED_AT and stage != "draft" else ():
            if move not in ON_THE_PAGES:
                answer: Any = on_the_page(client, world.request, move)
                if answer.status_code != 404:
                    wrong.append(f"{move}: {answer.status_code}")
    agree(stage, wrong)


# The decision sheet


def on_the_sheet(client: Client, found: RefundRequest, door: str) -> object:
    sent = {
        "words": WORDS,
        "reason": WORDS,
        "code": "not_proven",
        "amount": str((found.amount_asked or 0) // 100),
        "to": "taker@example.test",
    }
    return client.post(f"/admin/refunds/refundrequest/{found.pk}/do/{door}/", sent)


def opens_sheets(person: Person) -> bool:
    superuser = person.superuser and STAFF in person.counts_as
    return superuser or bool(person.counts_as & READS_SHEETS)


def hands_for(moves: set[str], stage: str) -> str:
    """Those in which somebody may, so that only the person decides."""
    rows = [row for row in ROWS if row.move in moves and stage in row.stages]
    return next(h for h in HANDS if all(h in row.hands for row in rows))


def test_by_the_sheet(world: World, stage: str) -> None:
    wrong = []
    for name, person, user in at_the_doors(world):
        client = visit(user)
        for door, makes in ON_THE_SHEET.items():
            for move in sorted(makes & tried_here(stage)):
                hands = hands_for({move}, stage)
                world.put_in_hands(hands, user)
                found = world.request
                came = attempt(found, partial(on_the_sheet, client, found, door), move)
                allowed = opens_sheets(person) and may(person, move, stage, hands)
                says = "made" if allowed else "refused"
                if came != says:
                    wrong.append(f"{door}, {name}, {hands}: {came}, not {says}")
    agree(stage, wrong)


def test_no_button_makes_what_the_sheet_does_not_offer(
    world: World, stage: str
) -> None:
    wrong = []
    with taken_back():
        client = visit(world.dress(PEOPLE["everything at once"]))
        for move in (
            sorted(set(MOVES) - ON_THE_SHEET.keys()) if stage in PROBED_AT else ()
        ):
            answer: Any = on_the_sheet(client, world.request, move)
            if answer.status_code != 404:
                wrong.append(f"{move}: {answer.status_code}")
    agree(stage, wrong)


# Many at once

# Rendered pages and parsed commands take time; these differ in what could let them in.
SOME = (
    "the owner",
    "only auditor",
    "everything at once",
    "everything, and filed it",
    "everything, and an owner of the customer",
    "everything, who left",
)


def on_many(client: Client, found: RefundRequest, action: str) -> object:
    sent = {
        "action": action,
        "_selected_action": [found.pk],
        "apply": "yes",
        "to": "taker@example.test",
    }
    return client.post("/admin/refunds/refundrequest/", sent)


def test_by_the_actions_on_many(world: World, stage: str) -> None:
    wrong = []
    for name, person, user in at_the_doors(world, SOME):
        client = visit(user)
        for action, makes in ON_MANY.items():
            for move in sorted(makes & tried_here(stage)):
                hands = hands_for({move}, stage)
                world.put_in_hands(hands, user)
                found = world.request
                came = attempt(found, partial(on_many, client, found, action), move)
                allowed = opens_sheets(person) and may(person, move, stage, hands)
                says = "made" if allowed else "refused"
                if came != says:
                    wrong.append(f"{action}, {name}, {hands}: {came}, not {says}")
    agree(stage, wrong)


def test_by_take_next(world: World, stage: str) -> None:
    wrong = []
    for name, person, user in at_the_doors(world, SOME):
        client = visit(user)
        world.put_in_hands(NOBODY_HAS_IT, user)
        move = TAKES_NEXT.get(stage, "claim")
        act = partial(client.post, "/admin/refunds/refundrequest/next/")
        came = attempt(world.request, act, move)
        allowed = opens_sheets(person) and may(person, move, stage, NOBODY_HAS_IT)
        says = "made" if allowed and stage in TAKES_NEXT else "refused"
        if came != says:
            wrong.append(f"{move}, {name}: {came}, not {says}")
    agree(stage, wrong)


# The command

FIELDS = {
    "pass_on": {"reason": WORDS},
    "reject": {"code": "not_proven", "words": WORDS},
    "send_back": {"reason": WORDS},
    "hand_over": {"to": "taker@example.test"},
    **{
        move: {"words": WORDS}
        for move in (
            "supply_information",
            "propose_otherwise",
            "appeal",
            "bring_new_evidence",
            "ask_for_information",
            "uphold_appeal",
            "reject_finally",
            "let_offer_stand",
            "fulfil",
        )
    },
}


def by_command(found: RefundRequest, move: str, user: User) -> None:
    fields = FIELDS.get(move, {})
    if move in ("offer", "propose"):
        move, fields = "offer", {"amount": str((found.amount_asked or 0) // 100)}
    written = [f"{key}={value}" for key, value in fields.items()]
    call_command("move", found.number, move, *written, by=user.email, stdout=StringIO())


def test_by_the_command(world: World, stage: str) -> None:
    wrong = []
    for name, person, user in at_the_doors(world, SOME):
        for move in sorted(tried_here(stage) - {"submit"}):
            hands = hands_for({move}, stage)
            world.put_in_hands(hands, user)
            found = world.request
            came = attempt(found, partial(by_command, found, move, user), move)
            allowed = move not in NOT_BY_THE_COMMAND and may(person, move, stage, hands)
            says = "made" if allowed else "refused"
            if came != says:
                wrong.append(f"{move}, {name}, {hands}: {came}, not {says}")
    agree(stage, wrong)
