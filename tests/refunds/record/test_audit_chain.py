"""`verify_audit`: a full life verifies; whatever is touched afterwards is named."""

from collections.abc import Iterator
from datetime import date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from refunds.models import Event, Policy, PolicyEvent, RefundRequest
from refunds.payouts.release import release
from refunds.policies.versions import publish, switch
from refunds.record.triggers import drop_triggers, install_triggers
from refunds.record.verify import Break, Tally, find_breaks
from tests.people import Case, make_case
from tests.refunds.policies.desk import draft_of, first_version, make_editor

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
def policy(life: RefundRequest, now: datetime) -> Policy:
    """One with five events: loaded, a draft, a rule off and on again, published."""
    editor = make_editor()
    draft = draft_of(first_version("live_streaming"), editor)
    for enabled in (False, True):
        switch(draft, "live.long_outage", by=editor, at=now, enabled=enabled)
    publish(draft, by=editor, at=now, in_force_from=date(2027, 1, 1))
    return Policy.objects.get(pk=draft.policy_id)


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
    events = Event.objects.count() + PolicyEvent.objects.count()
    chains = RefundRequest.objects.count() + Policy.objects.count()
    assert told.getvalue() == f"All {events} events in {chains} chains verify.\n"


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
    assert [(f.chain, f.position) for f in find_breaks()] == [(NUMBER, 1)]


def test_the_last_event_removed_is_named(unguarded: RefundRequest) -> None:
    tamper(
        "DELETE FROM refunds_event WHERE request_id = %s AND position = 8", unguarded.pk
    )
    (found,) = find_breaks()
    assert (found.chain, found.position) == (NUMBER, 8)
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
    assert [(f.chain, f.position) for f in find_breaks()] == [(NUMBER, 9)]


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
    assert {(f.chain, f.position) for f in find_breaks()} == {
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
    assert "RF-2026-000003" not in {found.chain for found in find_breaks()}


def test_a_state_that_no_event_led_to_is_named(unguarded: RefundRequest) -> None:
    tamper(
        "UPDATE refunds_refundrequest SET state = 'refunded' WHERE id = %s",
        unguarded.pk,
    )
    assert [found.chain for found in find_breaks()] == [NUMBER]


def test_the_command_fails_and_says_which(unguarded: RefundRequest) -> None:
    tamper(
        "UPDATE refunds_event SET reason = 'x' WHERE request_id = %s AND position = 2",
        unguarded.pk,
    )
    told = StringIO()
    with pytest.raises(CommandError, match="1 of the chains do not verify"):
        call_command("verify_audit", stdout=StringIO(), stderr=told)
    assert told.getvalue() == f"{NUMBER}: event 2 was altered\n"


def test_a_walk_says_how_far_it_is(life: RefundRequest) -> None:
    heard: list[tuple[int, int]] = []
    tally = Tally(told=lambda now: heard.append((now.events, now.chains)), every=10)
    assert list(find_breaks(tally=tally)) == []
    assert heard == [(10, 2)]
    assert tally.events == Event.objects.count() + PolicyEvent.objects.count()


POLICY = "policy live_streaming"


def test_a_policys_life_verifies(policy: Policy) -> None:
    assert policy.event_count == policy.events.count() == 5
    assert list(find_breaks()) == []


def test_a_policys_altered_event_is_named(
    policy: Policy, unguarded: RefundRequest
) -> None:
    for change in (
        "actor_id = NULL",
        "kind = 'rule_removed'",
        "version = 1",
        "at = '2026-11-15 00:00:00+00:00'",
        "data = '{}'",
    ):
        with transaction.atomic():
            tamper(
                f"UPDATE refunds_policyevent SET {change}"
                " WHERE policy_id = %s AND position = 3",
                policy.pk,
            )
            assert list(find_breaks()) == [Break(POLICY, 3, "altered")], change
            transaction.set_rollback(True)
    assert list(find_breaks()) == []


def test_a_policys_removed_event_is_named(
    policy: Policy, unguarded: RefundRequest
) -> None:
    remove = "DELETE FROM refunds_policyevent WHERE policy_id = %s AND position = %s"
    tamper(remove, policy.pk, 5)
    (found,) = find_breaks()
    assert (found.chain, found.position) == (POLICY, 5)
    tamper(remove, policy.pk, 2)
    assert list(find_breaks()) == [Break(POLICY, 2, "removed or moved")]


def test_an_event_inserted_into_a_policys_is_named(
    policy: Policy, unguarded: RefundRequest
) -> None:
    event = PolicyEvent.objects.get(policy=policy, position=5)
    event.pk, event.position, event.previous = None, 6, event.digest
    event.save(force_insert=True)
    assert [(f.chain, f.position) for f in find_breaks()] == [(POLICY, 6)]


def test_two_events_of_a_policy_that_changed_places_are_named(
    policy: Policy, unguarded: RefundRequest
) -> None:
    for before, after in ((3, 100), (4, 3), (100, 4)):
        tamper(
            "UPDATE refunds_policyevent SET position = %s"
            " WHERE policy_id = %s AND position = %s",
            after,
            policy.pk,
            before,
        )
    assert list(find_breaks()) == [Break(POLICY, 3, "inserted or moved")]


def test_what_is_left_of_a_chain_whose_row_is_gone_is_named_and_accuses_no_other(
    policy: Policy, unguarded: RefundRequest
) -> None:
    last = Policy.objects.latest("pk")
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE refunds_policyevent SET policy_id = %s WHERE policy_id = %s",
            [last.pk + 1, last.pk],
        )
        found = {(each.chain, each.fault) for each in find_breaks()}
        cursor.execute(
            "UPDATE refunds_policyevent SET policy_id = %s WHERE policy_id = %s",
            [last.pk, last.pk + 1],
        )
    assert found == {
        (f"policy {last.product_line}", "removed, or appended from outside"),
        (f"policy_id {last.pk + 1}", "left behind"),
    }
