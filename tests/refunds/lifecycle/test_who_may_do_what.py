"""Every move, by everybody, however they stand to the case, at every stage: as the
table says, and whoever is refused has changed nothing."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import groupby
from operator import itemgetter

import pytest

from accounts.models import User
from refunds.filing.automatic import decide_waiting
from refunds.payouts.release import move_agreed_on
from refunds.review.handover import hand_over
from refunds.review.lapse import lapse_overdue
from tests.refunds.lifecycle.attempts import attempt, everything, taken_back
from tests.refunds.lifecycle.doors import TASKS
from tests.refunds.lifecycle.people import PEOPLE
from tests.refunds.lifecycle.stages import STAGES
from tests.refunds.lifecycle.table import (
    ANOTHER_HAS_IT,
    could_take,
    may,
    may_happen_by_itself,
)
from tests.refunds.lifecycle.tried import (
    BY_NOBODY,
    agree,
    everybody,
    here,
    tried_here,
    ways,
)
from tests.refunds.lifecycle.verbs import step_alone, verb
from tests.refunds.lifecycle.world import World

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.property,
    pytest.mark.usefixtures("clock_stands_still"),
]
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


# The verbs


def made(world: World, stage: str, move: str, user: User | None) -> str:
    """A verb that would make another move at this stage is no way to this one."""
    by_step = move in CHOSEN_BY_STATE and move not in here(stage)
    act = step_alone(move) if by_step else verb(move, user)
    # Who hands over has seen in whose hands it is; the other verbs look anew.
    found = world.request if move == "hand_over" else world.found
    return attempt(found, partial(act, found, by=user, at=world.at), move)


def test_by_the_verbs(world: World, stage: str) -> None:
    wrong = []
    for name, person in everybody(world):
        to_try = ways(stage, person)
        if not to_try:
            continue
        with taken_back():
            user = world.dress(person)
            for hands, found in groupby(to_try, itemgetter(0)):
                world.put_in_hands(hands, user)
                for _hands, move in found:
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
    for name, person in everybody(world) if "hand_over" in tried_here(stage) else ():
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
