"""Stripe's webhooks: hints to ask, whatever they claim and however often they come."""

import json
from typing import Any

import pytest

from refunds.gateways.base import NotificationRefused
from refunds.gateways.sandbox.rows import Delivery
from refunds.gateways.sandbox.stripe.credentials import forget_old, rotate
from refunds.models import LegState, Notification, RefundRequest
from refunds.states import State
from tests.refunds.gateways.stripe.replies import replying
from tests.refunds.payouts.stripe.desk import (
    CREATE,
    KEY,
    LIST,
    asked_in_vain,
    assert_paid_once,
    assert_waits_for_a_person,
    fails,
    merchant,
    tell_body,
    told,
    turn,
)
from tests.refunds.payouts.till import Till, balances, leg_of, state_of

SOMEWHERE = "http://127.0.0.1:9/"


@pytest.fixture(autouse=True)
def notified(till: Till) -> None:
    till.sandbox.notify["stripe"] = SOMEWHERE


def posted(till: Till, kind: str = "") -> list[Delivery]:
    found = till.sandbox.ledger.deliveries()
    return [d for d in found if json.loads(d.body)["type"].startswith(kind)]


def settled(till: Till) -> Delivery:
    """The message of success; Stripe tells it once somebody asked it, or by itself."""
    till.later(seconds=10)
    turn(till.sandbox, "succeeded")
    return posted(till, "refund.updated")[-1]


def signed(till: Till, content: dict[str, Any]) -> Delivery:
    """Anything, genuinely signed."""
    return Delivery(
        id=0,
        route="stripe",
        event="",
        url=SOMEWHERE,
        headers={},
        body=json.dumps(content).encode(),
        due_at=None,
        tries=0,
        answered="",
    )


def test_a_message_of_success_makes_us_ask_at_once(
    released: RefundRequest, till: Till
) -> None:
    till.work()
    message = settled(till)
    assert told(till, message).status == 200
    assert state_of(released) is State.PAYING
    till.work()
    assert_paid_once(released, till)
    (kept,) = Notification.objects.all()
    assert (kept.key, kept.claimed, kept.agrees) == (KEY, "succeeded", True)


def test_ten_times_the_same_is_once(released: RefundRequest, till: Till) -> None:
    till.work()
    message = settled(till)
    for _again in range(10):
        assert told(till, message).status == 200
        till.work()
    assert till.calls(LIST) == 1
    assert Notification.objects.count() == 1
    assert_paid_once(released, till)


def test_out_of_order_the_query_decides(released: RefundRequest, till: Till) -> None:
    """F21: success first, the old pending after it."""
    till.work()
    created = posted(till, "refund.created")[0]
    told(till, settled(till))
    till.work()
    told(till, created)
    till.work()
    assert_paid_once(released, till)
    last = Notification.objects.get(event_id=created.event)
    assert (last.claimed, last.agrees) == ("processing", False)


def test_a_message_before_our_own_answer_changes_nothing(
    released: RefundRequest, till: Till
) -> None:
    """F21: booked, but our call is still without an answer."""
    fails(till, "timeout_after_commit")
    till.work()
    told(till, settled(till))
    assert leg_of(released).state == LegState.UNKNOWN
    till.work()
    assert_paid_once(released, till)
    assert till.calls(CREATE) == 1


def test_what_is_claimed_is_not_believed(released: RefundRequest, till: Till) -> None:
    """F22: the message says success, the list says pending."""
    till.work()
    message = settled(till)
    asked_in_vain(till, "not_yet")
    told(till, message)
    till.work()
    assert leg_of(released).state == LegState.PROCESSING
    assert state_of(released) is State.PAYING
    assert Notification.objects.get().agrees is False


def test_another_amount_at_stripe_is_a_persons(
    released: RefundRequest, till: Till
) -> None:
    """F22."""
    till.work()
    told(till, settled(till))
    asked_in_vain(till, "wrong_amount")
    till.work()
    assert_waits_for_a_person(released, "evidence_differs")
    assert Notification.objects.get().agrees is False


def test_a_late_failure_is_heard_of_at_once(
    released: RefundRequest, till: Till
) -> None:
    till.work()
    told(till, settled(till))
    till.work()
    till.later(days=20)
    turn(till.sandbox, "failed:lost_or_stolen_card")
    told(till, posted(till, "refund.failed")[0])
    till.work()
    assert leg_of(released).state == LegState.REVERSED
    assert balances() == {(0, 0)}
    assert state_of(released) is State.PAYOUT_BLOCKED


@pytest.mark.parametrize(
    ("seconds", "code"), [(-301, "stale"), (301, "future"), (-300, ""), (300, "")]
)
def test_the_moment_of_a_message_is_looked_at(
    seconds: int, code: str, released: RefundRequest, till: Till
) -> None:
    """F20: by the moment that is signed."""
    till.work()
    message = settled(till)
    if code:
        with pytest.raises(NotificationRefused, match=code):
            told(till, message, ahead=seconds)
        assert not Notification.objects.exists()
    else:
        assert told(till, message, ahead=seconds).status == 200


def test_what_is_forged_changes_nothing(released: RefundRequest, till: Till) -> None:
    """F20."""
    till.work()
    message = settled(till)
    for forged in ("t=1,v1=00", ""):
        with pytest.raises(NotificationRefused, match="bad_signature"):
            tell_body(till, {"Stripe-Signature": forged}, message.body)
    with pytest.raises(NotificationRefused, match="bad_signature"):
        tell_body(till, {}, message.body)
    with pytest.raises(NotificationRefused, match="wrong_merchant"):
        told(till, signed(till, json.loads(message.body) | {"account": "acct_other"}))
    assert not Notification.objects.exists()
    assert leg_of(released).state == LegState.PROCESSING
    assert state_of(released) is State.PAYING


def test_messages_about_something_else_are_taken_and_forgotten(
    released: RefundRequest, till: Till
) -> None:
    till.work()
    ours = json.loads(settled(till).body)
    dashboard = {"object": ours["data"]["object"] | {"metadata": {}}}
    for other in (
        {"type": "charge.dispute.created"},
        {"type": "charge.refunded"},
        {"data": dashboard},
        {"data": None},
        {"data": {"object": "re_1"}},
    ):
        assert told(till, signed(till, ours | other)).status == 200
    assert not Notification.objects.exists()
    contents: tuple[Any, ...] = ([], "x", {"type": "refund.updated"}, {"id": 7})
    for unreadable in contents:
        with pytest.raises(NotificationRefused, match="unreadable"):
            told(till, signed(till, unreadable))


def test_while_the_secret_changes_nothing_is_lost(
    released: RefundRequest, till: Till
) -> None:
    """F26: two signatures, then the old secret signs no more, until we have the new."""
    till.work()
    created, updated = posted(till)[0], settled(till)
    both = rotate(till.sandbox.state_dir)
    assert told(till, created).status == 200
    forget_old(till.sandbox.state_dir)
    with pytest.raises(NotificationRefused, match="bad_signature"):
        told(till, updated)
    ours = merchant()
    ours.set_secrets(ours.secrets | {"webhook_secret_next": both.webhook_secrets[0]})
    ours.save()
    assert told(till, updated).status == 200
    till.work()
    assert_paid_once(released, till)


def test_what_was_not_taken_is_sent_again_signed_anew(
    released: RefundRequest, till: Till
) -> None:
    """F23: we were down; five minutes later the first signature would be stale."""
    with replying(b"", status=503) as down:
        till.sandbox.notify["stripe"] = down.url
        till.work()
        assert till.sandbox.notifier.deliver_due() == 1
    (waiting,) = posted(till)
    assert (waiting.tries, waiting.answered) == (1, "503")
    till.later(minutes=7)
    headers = down.heard[0].headers
    with pytest.raises(NotificationRefused, match="stale"):
        tell_body(till, headers, waiting.body)
    assert told(till, waiting).status == 200
    till.work()
    assert_paid_once(released, till)


def test_without_any_message_it_is_asked_about_all_the_same(
    released: RefundRequest, till: Till
) -> None:
    till.sandbox.notify.clear()
    till.work_for(rounds=2, minutes=1)
    assert posted(till) == []
    assert_paid_once(released, till)
