"""Every move through every door, by those whom a door of its own mind would let through
or keep out: no door opens more than the table says."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client

from refunds.models import RefundRequest
from tests.refunds.lifecycle.attempts import attempt, taken_back
from tests.refunds.lifecycle.doors import (
    NOT_BY_THE_COMMAND,
    ON_MANY,
    ON_THE_PAGES,
    ON_THE_SHEET,
    TAKES_NEXT,
    opens_sheets,
)
from tests.refunds.lifecycle.people import PEOPLE
from tests.refunds.lifecycle.stages import STAGES
from tests.refunds.lifecycle.table import ANOTHER_HAS_IT, NOBODY_HAS_IT, may
from tests.refunds.lifecycle.tried import (
    AT_THE_PAGES,
    AT_THE_SHEET,
    MOVES,
    SOME,
    TORTURE,
    agree,
    at_the_doors,
    hands_for,
    tried_here,
)
from tests.refunds.lifecycle.visits import (
    by_command,
    on_many,
    on_the_page,
    on_the_sheet,
    visit,
)
from tests.refunds.lifecycle.world import World

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.property,
    pytest.mark.usefixtures("clock_stands_still"),
]

AT_A_DOOR = {*ON_THE_PAGES, *(move for made in ON_THE_SHEET.values() for move in made)}
# An address that is not there, is there at no stage.
PROBED_AT = STAGES if TORTURE else ("evaluation", "agreed", "refunded")


@pytest.fixture(
    scope="module",
    params=[at for at in STAGES if at in PROBED_AT or tried_here(at) & AT_A_DOOR],
)
def stage(request: pytest.FixtureRequest) -> str:
    """Those at which there is something to try."""
    return str(request.param)


# The customer's pages


def test_by_the_pages(world: World, stage: str) -> None:
    wrong = []
    to_try = sorted(tried_here(stage) & ON_THE_PAGES.keys())
    for name, person, user in at_the_doors(world, AT_THE_PAGES, to_try=to_try):
        client = visit(user)
        if stage == "draft":  # Whose it is not, does not see it.
            kept = {"filed_by": user, "channel": "phone"}
            RefundRequest.objects.filter(pk=world.request.pk).update(**kept)
        for move in to_try:
            found = world.request
            came = attempt(found, partial(on_the_page, client, found, move), move)
            comes_in = person.counts_as & ON_THE_PAGES[move]
            allowed = comes_in and may(person, move, stage, ANOTHER_HAS_IT)
            says = "made" if allowed else "refused"
            if came != says:
                wrong.append(f"{move}, {name}: {came}, not {says}")
    agree(stage, wrong)


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


def made_by(doors: dict[str, set[str]], stage: str) -> list[tuple[str, str]]:
    """Each of these doors, with each move that it makes at this stage."""
    tried = tried_here(stage)
    return [
        (door, move) for door, makes in doors.items() for move in sorted(makes & tried)
    ]


def through(
    act: Callable[[Client, RefundRequest, str], object],
    doors: dict[str, set[str]],
    world: World,
    stage: str,
    people: tuple[str, ...],
) -> None:
    """Each of the people goes through each of the doors, by a client of their own."""
    wrong = []
    to_try = made_by(doors, stage)
    for name, person, user in at_the_doors(world, people, to_try=to_try):
        client = visit(user)
        for door, move in to_try:
            hands = hands_for(move, stage)
            world.put_in_hands(hands, user)
            found = world.request
            came = attempt(found, partial(act, client, found, door), move)
            allowed = opens_sheets(person) and may(person, move, stage, hands)
            says = "made" if allowed else "refused"
            if came != says:
                wrong.append(f"{door}, {name}, {hands}: {came}, not {says}")
    agree(stage, wrong)


def test_by_the_sheet(world: World, stage: str) -> None:
    through(on_the_sheet, ON_THE_SHEET, world, stage, AT_THE_SHEET)


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


def test_by_the_actions_on_many(world: World, stage: str) -> None:
    through(on_many, ON_MANY, world, stage, SOME)


def test_by_take_next(world: World, stage: str) -> None:
    wrong = []
    some = SOME if stage in TAKES_NEXT else ("everything at once",)
    for name, person, user in at_the_doors(world, some, to_try=["next"]):
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


def test_by_the_command(world: World, stage: str) -> None:
    wrong = []
    to_try = sorted(tried_here(stage) - {"submit"})
    for name, person, user in at_the_doors(world, SOME, to_try=to_try):
        for move in to_try:
            hands = hands_for(move, stage)
            world.put_in_hands(hands, user)
            found = world.request
            came = attempt(found, partial(by_command, found, move, user), move)
            allowed = move not in NOT_BY_THE_COMMAND and may(person, move, stage, hands)
            says = "made" if allowed else "refused"
            if came != says:
                wrong.append(f"{move}, {name}, {hands}: {came}, not {says}")
    agree(stage, wrong)
