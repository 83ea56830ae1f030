"""`verify_audit`: a full life verifies; whatever is touched afterwards is named."""

from collections.abc import Iterator
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from refunds.models import Event, RefundRequest
from refunds.payouts.release import release
from refunds.record.triggers import drop_triggers, install_triggers
from refunds.record.verify import Break, find_breaks
from tests.people import Case, make_case

pytestmark = pytest.mark.database_rules
NUMBER = "RF-2026-000001"


@pytest.fixture
def life(case: Case, now: datetime) -> RefundRequest:
    """From submission to release, beside another one; and one that is a draft."""
    release(case.agreed(), by=case.people.finance, at=now)
    make_case(case.people, at=now).offered()
    make_case(case.people, at=now).draft()
    return case.request


@pytest.fixture
def unguarded(life: RefundRequest) -> Iterator[RefundRequest]:
    """Somebody who may alter tables has taken the triggers away."""
    drop_triggers()
    yield life
    install_triggers()


def tamper(statement: str, *parameters: int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        assert cursor.rowcount == 1


def test_a_full_life_verifies(life: RefundRequest) -> None:
    assert life.event_count == life.events.count() == 8
    assert list(find_breaks()) == []
    assert list(find_breaks(batch=1)) == []
    told = StringIO()
    call_command("verify_audit", stdout=told)
    assert told.getvalue() == f"All {Event.objects.count()} events verify.\n"


def test_an_altered_event_is_named(unguarded: RefundRequest) -> None:
    for change in (
        "reason = 'Something else.'",
        "actor_id = NULL",
        "kind = 'withdraw'",
        "from_state = 'draft'",
        "to_state = 'refunded'",
        "data = '{\"amount\": 1}'",
        "at = '2026-11-15 00:00:00+00:00'",
    ):
        with transaction.atomic():
            tamper(
                f"UPDATE refunds_event SET {change}"
                " WHERE request_id = %s AND position = 5",
                unguarded.pk,
            )
            assert list(find_breaks()) == [Break(NUMBER, 5, "altered")], change
            transaction.set_rollback(True)
    assert list(find_breaks()) == []


def test_an_event_altered_with_its_digest_breaks_at_the_next(
    unguarded: RefundRequest,
) -> None:
    tamper(
        "UPDATE refunds_event SET reason = 'x', digest = %s"
        " WHERE request_id = %s AND position = 5",
        "0" * 64,
        unguarded.pk,
    )
    assert [found.position for found in find_breaks()] == [5]


def test_a_removed_event_is_named(unguarded: RefundRequest) -> None:
    tamper(
        "DELETE FROM refunds_event WHERE request_id = %s AND position = 4", unguarded.pk
    )
    assert list(find_breaks()) == [Break(NUMBER, 4, "removed or moved")]


def test_a_removed_event_is_named_though_the_rest_moved_up(
    unguarded: RefundRequest,
) -> None:
    tamper(
        "DELETE FROM refunds_event WHERE request_id = %s AND position = 4", unguarded.pk
    )
    for position in (5, 6, 7, 8):
        tamper(
            "UPDATE refunds_event SET position = %s"
            " WHERE request_id = %s AND position = %s",
            position - 1,
            unguarded.pk,
            position,
        )
    assert list(find_breaks()) == [Break(NUMBER, 4, "inserted or moved")]


def test_the_first_event_removed_is_named(unguarded: RefundRequest) -> None:
    tamper(
        "DELETE FROM refunds_event WHERE request_id = %s AND position = 1", unguarded.pk
    )
    assert [(f.request, f.position) for f in find_breaks()] == [(NUMBER, 1)]


def test_the_last_event_removed_is_named(unguarded: RefundRequest) -> None:
    tamper(
        "DELETE FROM refunds_event WHERE request_id = %s AND position = 8", unguarded.pk
    )
    (found,) = find_breaks()
    assert (found.request, found.position) == (NUMBER, 8)
    assert "removed" in found.fault


def test_all_events_removed_are_named(unguarded: RefundRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM refunds_event")
    assert [found.position for found in find_breaks()] == [1, 1]


def test_an_inserted_event_is_named(unguarded: RefundRequest) -> None:
    event = Event.objects.get(request=unguarded, position=8)
    event.pk, event.position, event.kind = None, 9, "settle"
    event.previous = event.digest
    event.save(force_insert=True)
    assert [(f.request, f.position) for f in find_breaks()] == [(NUMBER, 9)]


def test_an_event_inserted_in_the_middle_is_named(unguarded: RefundRequest) -> None:
    for position in (8, 7, 6, 5):
        tamper(
            "UPDATE refunds_event SET position = %s"
            " WHERE request_id = %s AND position = %s",
            position + 1,
            unguarded.pk,
            position,
        )
    event = Event.objects.get(request=unguarded, position=4)
    event.pk, event.position = None, 5
    event.save(force_insert=True)
    assert list(find_breaks()) == [Break(NUMBER, 5, "inserted or moved")]


def test_two_events_that_changed_places_are_named(unguarded: RefundRequest) -> None:
    for before, after in ((3, 100), (4, 3), (100, 4)):
        tamper(
            "UPDATE refunds_event SET position = %s"
            " WHERE request_id = %s AND position = %s",
            after,
            unguarded.pk,
            before,
        )
    assert list(find_breaks()) == [Break(NUMBER, 3, "inserted or moved")]


def test_an_event_moved_to_another_request_is_named_in_both(
    unguarded: RefundRequest,
) -> None:
    other = RefundRequest.objects.get(number="RF-2026-000002")
    tamper(
        "UPDATE refunds_event SET request_id = %s, position = %s"
        " WHERE request_id = %s AND position = 8",
        other.pk,
        other.event_count + 1,
        unguarded.pk,
    )
    assert {(f.request, f.position) for f in find_breaks()} == {
        (NUMBER, 8),
        (other.number, other.event_count + 1),
    }


def test_an_event_slipped_under_a_draft_does_not_accuse_others(
    unguarded: RefundRequest, case: Case, now: datetime
) -> None:
    draft = RefundRequest.objects.get(number=None)
    later = make_case(case.people, at=now)
    later.submitted()
    event = Event.objects.filter(request=unguarded).first()
    assert event is not None
    event.pk, event.request = None, draft
    event.save(force_insert=True)
    assert "RF-2026-000003" not in {found.request for found in find_breaks()}


def test_a_state_that_no_event_led_to_is_named(unguarded: RefundRequest) -> None:
    tamper(
        "UPDATE refunds_refundrequest SET state = 'refunded' WHERE id = %s",
        unguarded.pk,
    )
    assert [found.request for found in find_breaks()] == [NUMBER]


def test_the_command_fails_and_says_which(unguarded: RefundRequest) -> None:
    tamper(
        "UPDATE refunds_event SET reason = 'x' WHERE request_id = %s AND position = 2",
        unguarded.pk,
    )
    told = StringIO()
    with pytest.raises(CommandError, match="1 of the event chains"):
        call_command("verify_audit", stdout=StringIO(), stderr=told)
    assert told.getvalue() == f"{NUMBER}: event 2 was altered\n"
