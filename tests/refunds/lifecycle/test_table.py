"""The table is whole: every move from every state, every stage, every door."""

import pytest

from refunds.admin.doors import BY_NAME
from refunds.admin.queue import ACTIONS
from refunds.management.commands.move import MOVES as BY_COMMAND
from refunds.pages.requests import PLAIN, WITH_WORDS
from refunds.states import State
from tests.refunds.lifecycle.doors import (
    BY_ITSELF,
    NOT_BY_THE_COMMAND,
    ON_MANY,
    ON_THE_PAGES,
    ON_THE_SHEET,
)
from tests.refunds.lifecycle.reached import BUILD
from tests.refunds.lifecycle.stages import STAGES
from tests.refunds.lifecycle.table import HANDS_MATTER, ROWS
from tests.refunds.lifecycle.verbs import VERBS
from tests.refunds.test_lifecycle import moves

pytestmark = pytest.mark.postgres
MOVES = {move for move, _source, _targets in moves()}


def test_every_move_has_a_row_from_each_state_it_starts_in_and_no_row_is_idle() -> None:
    of_the_model = {(move, source) for move, source, _targets in moves()}
    of_the_table = {(row.move, STAGES[at]) for row in ROWS for at in row.stages}
    assert of_the_table == of_the_model


def test_every_state_has_a_stage_and_every_stage_is_built() -> None:
    assert set(STAGES.values()) == set(State)
    assert set(BUILD) == set(STAGES)


def test_every_move_has_a_verb_and_its_doors_are_declared() -> None:
    at_a_door = {*ON_THE_PAGES, *(m for makes in ON_THE_SHEET.values() for m in makes)}
    assert set(VERBS) == MOVES
    assert at_a_door | BY_ITSELF == MOVES
    assert not at_a_door & BY_ITSELF
    assert HANDS_MATTER <= MOVES


def test_every_door_that_was_built_is_declared() -> None:
    buttons = {name for name, door in BY_NAME.items() if door.move}
    assert buttons == set(ON_THE_SHEET)
    assert {BY_NAME[name].move in makes for name, makes in ON_THE_SHEET.items()} == {
        True
    }
    assert {"submit", "accept", *WITH_WORDS, *PLAIN} == set(ON_THE_PAGES)
    assert {act.__name__ for act in ACTIONS} == set(ON_MANY)


def test_the_command_makes_what_the_doors_make() -> None:
    buttons = {move for name in BY_COMMAND for move in ON_THE_SHEET.get(name, {name})}
    assert {*BY_NAME} - {d.name for d in BY_NAME.values() if not d.move} <= {
        *BY_COMMAND
    }
    assert buttons & MOVES == MOVES - NOT_BY_THE_COMMAND
