"""The moves that exist, written by hand from the workflow page, never derived."""

from collections import defaultdict
from pathlib import Path

import pytest
from django.conf import settings
from django_fsm import GET_STATE

from refunds.clock.terms import TERMS
from refunds.management.commands.states import drawing
from refunds.models import Deadline, RefundRequest
from refunds.notices.outbox import CUSTOMER_HEARS, STAFF_HEARS
from refunds.pages.history import WORDS
from refunds.states import ENDED, OPEN, WITH_THE_CUSTOMER, State

# From workflow.md, "States", and where we depart from it: refunds/README.md. To itself
# where a case is handed over, or taken and given back without a change of state.
GOES_TO = {
    "draft": {"submitted"},
    "submitted": {"preliminary_review", "agreed", "withdrawn"},
    "preliminary_review": {
        "preliminary_review",
        "submitted",
        "evaluation",
        "awaiting_information",
        "rejected",
        "withdrawn",
    },
    "awaiting_information": {
        "awaiting_information",
        "preliminary_review",
        "evaluation",
        "lapsed",
        "withdrawn",
    },
    "evaluation": {
        "evaluation",
        "pending_approval",
        "offered",
        "awaiting_information",
        "rejected",
        "withdrawn",
    },
    "pending_approval": {"pending_approval", "offered", "evaluation"},
    "offered": {"offered", "agreed", "evaluation", "appealed", "lapsed", "withdrawn"},
    "rejected": {
        "rejected",
        "appealed",
        "evaluation",
        "preliminary_review",
        "closed",
    },
    "appealed": {"appealed", "evaluation", "rejected_finally", "offered"},
    "agreed": {"invoicing", "paying", "fulfilling"},
    "invoicing": {"paying"},
    "paying": {"refunded", "fulfilling", "payout_blocked"},
    "payout_blocked": {"paying"},
    "fulfilling": {"fulfilled", "payout_blocked"},
    "refunded": {"payout_blocked"},
    "fulfilled": {"payout_blocked"},
    "lapsed": {"awaiting_information", "offered"},
}


def moves() -> list[tuple[str, str, set[str]]]:
    """(move, from, to) of every transition on the model."""
    found = []
    for transition in RefundRequest._meta.get_field("state").get_all_transitions(
        RefundRequest
    ):
        target = transition.target
        targets = target.allowed_states if isinstance(target, GET_STATE) else [target]
        found.append(
            (transition.name, str(transition.source), {str(t) for t in targets or []})
        )
    return found


def test_every_state_goes_where_the_workflow_says_and_nowhere_else() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for _move, source, targets in moves():
        found[source] |= targets
    assert dict(found) == GOES_TO


def test_ended_and_open_states_and_the_draft_are_all_there_are() -> None:
    assert {*ENDED, *OPEN, State.DRAFT} == set(State)
    assert not set(ENDED) & set(OPEN)


@pytest.mark.parametrize("state", OPEN)
def test_whatever_is_open_has_an_owner_and_a_due_moment(state: str) -> None:
    assert TERMS[state]
    owners = {term.owner for term in TERMS[state]}
    with_customer = Deadline.Owner.CUSTOMER in owners
    assert with_customer == (state in WITH_THE_CUSTOMER)


def test_every_move_has_words_for_the_history() -> None:
    assert {move for move, _source, _targets in moves()} <= set(WORDS)


def test_notices_speak_of_states_and_moves_that_exist() -> None:
    assert set(CUSTOMER_HEARS) <= set(State)
    assert set(STAFF_HEARS) <= {move for move, _source, _targets in moves()}


def test_the_picture_in_the_docs_is_drawn_from_the_lifecycle_as_it_is() -> None:
    picture = Path(settings.BASE_DIR, "docs", "states.md")
    assert picture.read_text(encoding="utf-8") == drawing()
