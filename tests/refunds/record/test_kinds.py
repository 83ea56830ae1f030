"""Every event is of a kind that is written down, and carries what is written there."""

from datetime import datetime

import pytest
from django_fsm import Transition

from refunds.models import Event, Policy, PolicyEvent, RefundRequest
from refunds.pages.history import WORDS
from refunds.payouts.release import release
from refunds.record.events import record, record_policy
from refunds.record.kinds import AMONG_STAFF, KINDS, POLICY_KINDS, Kind
from refunds.record.tags import DECISIONS
from refunds.review.findings import establish
from refunds.review.messages import write
from tests.people import Case, make_case

LONGEST_NAME = 40


def moves() -> set[str]:
    state = RefundRequest._meta.get_field("state")
    found: list[Transition] = list(state.get_all_transitions(RefundRequest))
    return {transition.name for transition in found}


def test_every_move_is_a_kind_of_event() -> None:
    assert moves() - set(KINDS) == set()


def test_every_kind_has_words_for_the_history_and_the_other_way_round() -> None:
    assert set(WORDS) == set(KINDS)


def test_what_freezes_tags_may_carry_them() -> None:
    assert {kind for kind, each in KINDS.items() if "tags" in each.known} == {
        *DECISIONS,
        "tagged",
    }
    assert set(KINDS) >= AMONG_STAFF


@pytest.mark.parametrize("kinds", [KINDS, POLICY_KINDS], ids=["requests", "policies"])
def test_every_field_says_what_it_means_and_is_there_once(
    kinds: dict[str, Kind],
) -> None:
    for name, kind in kinds.items():
        assert len(name) <= LONGEST_NAME
        assert len(kind.fields) == len(kind.known), name
        for field in kind.fields:
            assert field.meaning, (name, field.name)
            assert set(field.types) <= {int, str, bool, list, dict, type(None)}


def test_a_kind_that_nobody_wrote_down_is_a_mistake(case: Case, now: datetime) -> None:
    request = case.submitted()
    with pytest.raises(ValueError, match="no event is called 'invented'"):
        record(request, "invented", by=None, at=now)
    assert case.request.event_count == request.events.count() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, r"missing \['message'\]"),
        ({"message": 1, "mood": "good"}, r"not known \['mood'\]"),
        ({"massage": 1}, r"missing \['message'\], not known \['massage'\]"),
    ],
)
def test_so_is_a_field_that_is_missing_or_not_known(
    case: Case, now: datetime, data: dict[str, object], words: str
) -> None:
    request = case.submitted()
    with pytest.raises(ValueError, match=words):
        record(request, "message", by=None, at=now, data=data)
    assert case.request.event_count == request.events.count() == 1


def test_a_policys_events_are_checked_alike(case: Case, now: datetime) -> None:
    policy = Policy.objects.all()[0]
    with pytest.raises(ValueError, match="missing"):
        record_policy(policy, "rule_added", version=2, by=None, at=now, data={})
    with pytest.raises(ValueError, match="no event is called 'submit'"):
        record_policy(policy, "submit", version=2, by=None, at=now, data={})


def test_what_is_carried_is_of_the_type_that_is_written_down(
    case: Case, now: datetime
) -> None:
    evaluator = case.people.evaluator
    request = case.in_evaluation()
    words = "It was down, says the log."
    found = "defect_verified"
    establish(request, by=evaluator, at=now, kind=found, words=words)
    write(request, by=evaluator, at=now, words="Look again.", internal=True)
    release(make_case(case.people, at=now).agreed(), by=case.people.finance, at=now)
    seen = [(KINDS[each.kind], each.data) for each in Event.objects.all()]
    seen += [(POLICY_KINDS[e.kind], e.data) for e in PolicyEvent.objects.all()]
    assert len(seen) > 15
    for kind, data in seen:
        types = {field.name: field.types for field in kind.fields}
        for name, value in data.items():
            assert isinstance(value, types[name]), (name, value)
