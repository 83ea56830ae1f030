"""`manage.py move`: the same verbs, the same refusals, at the command line."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from refunds.lifecycle import Lifecycle
from refunds.management.commands.move import MOVES, Command
from refunds.models import RefundRequest
from tests.people import Case
from tests.refunds.pages import states


def move(case: Case, name: str, by: str, *fields: str) -> str:
    out = StringIO()
    who = f"{by}@example.test"
    number = str(case.request.number)
    call_command("move", number, name, "--by", who, *fields, stdout=out)
    return out.getvalue().strip()


def refused(case: Case, name: str, by: str, *fields: str) -> str:
    before = RefundRequest.objects.values_list("state", "event_head").get()
    with pytest.raises(CommandError) as error:
        move(case, name, by, *fields)
    assert RefundRequest.objects.values_list("state", "event_head").get() == before
    assert error.value.returncode == 1
    return str(error.value)


def test_a_case_is_brought_to_an_agreement_line_by_line(case: Case) -> None:
    number = case.submitted().number
    first = move(case, "claim", "first")
    assert first == f"{number}: claim by first; preliminary_review"
    move(case, "pass_on", "first", "reason=Looks whole.")
    move(case, "take_up", "evaluator")
    move(case, "tags", "evaluator", "tags=price,support")
    move(case, "hand_over", "evaluator", "to=evaluator2@example.test")
    offered = move(case, "offer", "evaluator2", "amount=10,000.00")
    assert offered == f"{number}: offer by evaluator2; pending_approval"
    move(case, "approve", "approver")
    agreed = move(case, "accept", "owner")
    assert agreed == f"{number}: accept by owner; agreed"
    assert case.request.events.filter(kind="approve").get().actor == (
        case.people.approver
    )
    assert case.request.reason_tags.count() == 2


def test_the_customers_own_moves_are_there_too(case: Case) -> None:
    states.declined(case)
    assert move(case, "appeal", "owner", "words=It does.").endswith("; appealed")


def test_what_the_verb_refuses_is_refused_in_its_words(case: Case) -> None:
    case.in_evaluation()
    assert "another role" in refused(case, "offer", "finance", "amount=10,000")
    assert "say why" in refused(case, "offer", "evaluator", "amount=5")
    assert "above the ceiling" in refused(case, "offer", "evaluator", "amount=999,999")
    assert "was first" in refused(case, "approve", "approver")


def test_fields_that_cannot_be_are_named(case: Case) -> None:
    case.in_evaluation()
    by = "evaluator"
    assert refused(case, "reject", by, "words=No.") == "code: This field is required."
    assert "no field of this move" in refused(case, "reject", by, "why=No.")
    assert "no field of this move: none" in refused(case, "put_down", by, "a=b")
    assert "no field of this move" in refused(case, "reject", by, "code")
    assert "Select a valid choice" in refused(
        case, "hand_over", by, "to=finance@example.test"
    )


def test_who_moves_it_has_to_exist_and_to_be_active(case: Case) -> None:
    case.submitted()
    assert "Nobody has the email" in refused(case, "claim", "nobody")
    case.people.first_line.is_active = False
    case.people.first_line.save()
    assert "is not active any more" in refused(case, "claim", "first")


def test_a_request_that_is_not_there_and_a_move_that_is_none(case: Case) -> None:
    case.submitted()
    with pytest.raises(CommandError, match="There is no request RF-2026-999999"):
        call_command("move", "RF-2026-999999", "claim", "--by", "first@example.test")
    assert "There is no move dance. There are: claim," in refused(
        case, "dance", "first"
    )


def by_themselves() -> list[str]:
    """Every move whose only actor is the system, as the lifecycle has them."""
    field: Any = Lifecycle._meta.get_field("state")
    return sorted(
        {
            move.name
            for move in field.get_all_transitions(RefundRequest)
            if [str(guard.words) for guard in move.permission.guards]
            == ["This happens by itself."]
        }
    )


@pytest.mark.parametrize("name", by_themselves())
def test_what_happens_by_itself_is_made_by_nobody(case: Case, name: str) -> None:
    case.submitted()
    assert refused(case, name, "superuser") == (
        f"{name} happens by itself; nobody makes it."
    )


def test_the_help_lists_every_move_with_its_fields() -> None:
    words = Command().create_parser("manage.py", "move").format_help()
    listed = re.findall(r"(?m)^  (\w+)(.*)$", words.split("their fields:")[1])
    assert [name for name, _fields in listed] == list(MOVES)
    fields = dict(listed)
    assert fields["reject"] == " code=… words=…"
    assert fields["hand_over"] == " to=… [reason=…]"
    assert fields["claim"] == ""
