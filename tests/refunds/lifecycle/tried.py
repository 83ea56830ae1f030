"""Who tries what at a stage. In `make test` every person tries every move; to repeat it
in other hands, or at a stage like another, is left to `make torture`."""

import os
from collections.abc import Collection, Iterator

from accounts.models import User
from tests.refunds.lifecycle.attempts import taken_back
from tests.refunds.lifecycle.people import PEOPLE, STAFF, SYSTEM, Person
from tests.refunds.lifecycle.stages import DIFFER_IN, STAGES
from tests.refunds.lifecycle.table import (
    ANOTHER_HAS_IT,
    HANDS,
    HANDS_MATTER,
    ROWS,
    may,
)
from tests.refunds.lifecycle.world import World
from tests.refunds.test_lifecycle import moves

TORTURE = bool(os.environ.get("TORTURE"))
OF_THE_MODEL = {(move, source) for move, source, _targets in moves()}
MOVES = sorted({move for move, _source in OF_THE_MODEL})
MAY_MOST = (PEOPLE["the owner"], PEOPLE["everything at once"])
BY_NOBODY = {row.move for row in ROWS if SYSTEM in row.may}
FIRST_OF_ITS_STATE = {state: stage for stage, state in reversed(STAGES.items())}
# Doors are thin: in `make test` those try them whom a door of its own mind would let
# through, or keep out; in `make torture` everybody.
AT_THE_PAGES = (
    "the owner",
    "a member",
    "an owner who left",
    "another customer's owner",
    "only auditor",
    "the customer's account manager",
    "a superuser without a role",
    "everything at once",
    "everything, and filed it",
    "everything, and an owner of the customer",
)
AT_THE_SHEET = (
    "the owner",
    "only evaluator",
    "only auditor",
    "a superuser without a role",
    "everything at once",
    "everything, and proposed it",
    "everything, and filed it",
    "everything, and an owner of the customer",
    "everything, who left",
)
# Rendered pages and parsed commands take time; these differ in what could let them in.
SOME = (
    "the owner",
    "only auditor",
    "everything at once",
    "everything, and filed it",
    "everything, and an owner of the customer",
    "everything, who left",
)


def everybody(world: World) -> list[tuple[str, Person]]:
    return [(name, person) for name, person in PEOPLE.items() if world.has(person)]


def here(stage: str) -> set[str]:
    return {row.move for row in ROWS if stage in row.stages}


def tried_here(stage: str) -> set[str]:
    """Of two stages that are alike, what is alike is tried at one."""
    everywhere = here(stage)
    return everywhere if TORTURE else everywhere & DIFFER_IN.get(stage, everywhere)


def ways(stage: str, person: Person) -> list[tuple[str, str]]:
    """In whose hands the case is, and the move that the person tries."""
    elsewhere = tried_elsewhere(stage, person) if person in MAY_MOST else set()
    return [
        (hands, move)
        for hands in HANDS
        for move in sorted(tried_here(stage) | elsewhere)
        if hands in hands_tried(stage, person, move)
    ]


def tried_elsewhere(stage: str, person: Person) -> set[str]:
    """What no row allows here. A move that its state has not, is tried at one stage of
    the state, by somebody who makes it in another."""
    state = STAGES[stage]
    theirs = {row.move for row in ROWS if row.may & person.counts_as}
    if TORTURE:
        return set(MOVES)
    if FIRST_OF_ITS_STATE[state] != stage:
        theirs = set()
    return {move for move in MOVES if move in theirs or (move, state) in OF_THE_MODEL}


def hands_tried(stage: str, person: Person, move: str) -> set[str]:
    """Each kind, where they matter. Whom no row allows it in any hands, tries it in
    those in which others may: then nothing but the person stands in the way."""
    staff = person.roles or person.leads or STAFF in person.counts_as
    if not staff or move not in HANDS_MATTER & tried_here(stage):
        return {ANOTHER_HAS_IT}
    if TORTURE or any(may(person, move, stage, hands) for hands in HANDS):
        return set(HANDS)
    return {hands_for(move, stage)}


def hands_for(move: str, stage: str) -> str:
    """Those in which somebody may, so that only the person decides."""
    rows = [row for row in ROWS if row.move == move and stage in row.stages]
    return next(h for h in HANDS if all(h in row.hands for row in rows))


def at_the_doors(
    world: World, these: tuple[str, ...], *, to_try: Collection[object]
) -> Iterator[tuple[str, Person, User]]:
    """Nobody comes where there is nothing to try."""
    for name, person in everybody(world) if to_try else ():
        if TORTURE or name in these:
            with taken_back():
                yield name, person, world.dress(person)


def agree(stage: str, wrong: list[str]) -> None:
    assert not wrong, "\n".join([f"At “{stage}”:", *wrong])
