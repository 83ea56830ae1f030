"""What `manage.py seed` makes could have been made by the verbs: chains, clocks, money
and who moved what; and every page opens on it."""

from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Min, Sum
from pytest_django import Settings

from refunds.demo.many.fill import fill
from refunds.demo.many.tables import Ids
from refunds.judging import recompute
from refunds.models import (
    AllocationBalance,
    Assessment,
    Deadline,
    Event,
    Offer,
    PayoutLeg,
    RefundRequest,
)
from refunds.models.leg_state import MOVED_NOTHING
from refunds.record.verify import find_breaks
from refunds.search import words_of
from refunds.states import State
from tests.conftest import NOW
from tests.people import People
from tests.refunds.lifecycle.invariants import BY_ITSELF, ENDED, RUNS, STANDS_STILL
from tests.refunds.pages.visits import visitor
from tests.refunds.sound import is_sound
from tests.refunds.test_lifecycle import GOES_TO

pytestmark = pytest.mark.database_rules
MANY = 300


@pytest.fixture
def seeded(people: People) -> People:
    fill(MANY, seed=5, at=NOW, tell_of=lambda _done: None)
    return people


def test_what_was_made_is_sound(seeded: People, now: datetime) -> None:
    assert RefundRequest.objects.exclude(state="draft").count() == MANY
    is_sound(at=now)
    connection.check_constraints()


def test_only_moves_of_the_workflow_led_to_where_each_stands(seeded: People) -> None:
    assert list(find_breaks()) == []
    for request in RefundRequest.objects.exclude(state="draft"):
        state, before = "draft", None
        for event in request.events.order_by("position"):
            assert before is None or event.at >= before, event
            before = event.at
            assert event.at <= NOW
            if event.to_state:
                assert event.from_state == state, event
                assert event.to_state in GOES_TO[state], event
                assert state not in ENDED, event
                assert (event.actor is None) >= (event.kind in BY_ITSELF), event
                state = event.to_state
        assert request.state == state


def test_clocks_run_as_the_state_says_and_the_queue_knows_the_first(
    seeded: People,
) -> None:
    for request in RefundRequest.objects.exclude(state="draft"):
        standing = request.deadlines.filter(closed_at=None)
        running = standing.filter(left=None)
        earliest = running.aggregate(first=Min("due_at"))["first"]
        assert request.due_at == earliest
        still = set(standing.exclude(left=None).values_list("kind", flat=True))
        if not request.waits_for_account():
            owed = set(running.values_list("kind", "owner"))
            assert owed == RUNS.get(request.state, set())
            assert still <= STANDS_STILL.get(request.state, set())
    stopped = Deadline.objects.exclude(closed_at=None) | Deadline.objects.exclude(
        left=None
    )
    assert not stopped.exclude(next_at=None).exists()


def test_money_adds_up_and_balances_are_what_the_legs_say(seeded: People) -> None:
    given = RefundRequest.objects.filter(state__in=("refunded", "fulfilled"))
    assert given.exists()
    for request in given.exclude(agreed_amount=0):
        arrived = request.payout.legs.filter(state="succeeded")
        assert arrived.aggregate(all=Sum("amount"))["all"] == request.agreed_amount
        assert request.invoices_are_dealt_with()
    for balance in AllocationBalance.objects.all():
        legs = PayoutLeg.objects.filter(allocation=balance.allocation_id)
        flying = legs.exclude(state__in=(*MOVED_NOTHING, "succeeded"))
        assert balance.reserved == sum(leg.amount for leg in flying)
        succeeded = legs.filter(state="succeeded")
        assert balance.refunded == sum(leg.amount for leg in succeeded)
        payment = balance.allocation.payment.balance
        assert (payment.reserved, payment.refunded) == (
            balance.reserved,
            balance.refunded,
        )


def test_four_eyes_saw_what_they_have_to_see(seeded: People) -> None:
    offered = Offer.objects.select_related("request")
    assert offered.exists()
    for offer in offered:
        if offer.needs_second_person() and offer.request.state != "pending_approval":
            assert offer.approved_by_id not in (None, offer.proposed_by_id)
    decisions = ("uphold_appeal", "reject_finally", "let_offer_stand")
    for decision in Event.objects.filter(kind__in=decisions):
        appeal = Event.objects.get(request=decision.request, kind="appeal")
        before = decision.request.events.filter(position__lt=appeal.position)
        assert not before.filter(actor=decision.actor).exists()


def test_each_assessment_recomputes_and_each_request_is_found(seeded: People) -> None:
    for assessment in Assessment.objects.all():
        assert recompute(assessment).as_dict() == assessment.answer
    related = RefundRequest.objects.select_related("contract", "customer", "service")
    for request in related.exclude(state="draft")[:50]:
        assert request.search_words.terms == words_of(request).terms


def test_every_page_opens_on_a_request_of_every_state(seeded: People) -> None:
    queue = visitor(seeded.evaluator)
    assert queue.get("/admin/refunds/refundrequest/").status_code == 200
    for state in State:
        request = RefundRequest.objects.filter(state=state).first()
        if request is None or not request.number:
            continue
        sheet = f"/admin/refunds/refundrequest/{request.pk}/change/"
        assert queue.get(sheet).status_code == 200, state
        theirs = visitor(request.filed_by)
        assert theirs.get(f"/requests/{request.number}/").status_code == 200, state
        assert theirs.get("/requests/").status_code == 200, state


def test_a_second_run_adds_more_and_numbers_go_on(seeded: People) -> None:
    fill(20, seed=6, at=NOW, tell_of=lambda _done: None)
    numbers = RefundRequest.objects.exclude(number=None).values_list(
        "number", flat=True
    )
    assert len(set(numbers)) == MANY + 20
    assert list(find_breaks()) == []


def test_numbers_of_rows_go_on_after_those_that_were_written_by_hand(
    people: People,
) -> None:
    last = people.customer.pk
    assert Ids().next(type(people.customer)) > last


@pytest.mark.django_db
def test_it_refuses_where_real_money_moves(settings: Settings) -> None:
    settings.PAYS_INTO_SANDBOX = False
    with pytest.raises(CommandError, match="sandbox"):
        call_command("seed", "--requests", "10")
    assert not RefundRequest.objects.exists()
