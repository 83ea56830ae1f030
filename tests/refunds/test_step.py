"""A move is made whole or not at all, by somebody who may, with one event."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from accounts.models import Membership, Role, User
from refunds.errors import NotAllowedAnyMore, NotPermitted, RefundError
from refunds.models import (
    Assessment,
    Deadline,
    Event,
    Message,
    Notice,
    Offer,
    PayoutLeg,
    RefundRequest,
)
from refunds.payouts.release import release
from refunds.record.events import record
from refunds.review.answers import accept, propose_otherwise
from refunds.review.appeal import appeal, decide_appeal, take_up_again
from refunds.review.approval import approve, send_back
from refunds.review.findings import establish
from refunds.review.hands import claim, pass_on
from refunds.review.hands import release as give_back
from refunds.review.information import ask_for_information
from refunds.review.messages import write
from refunds.review.offer import offer
from refunds.review.rejection import reject
from refunds.states import State
from refunds.step import step, why_not
from tests.people import Case, make_case

KEPT: tuple[type[Model], ...] = (
    Assessment,
    Deadline,
    Event,
    Message,
    Notice,
    Offer,
    PayoutLeg,
    RefundRequest,
)

LOOK = {"name": "log.jpg", "sha256": "0" * 64}


def everything() -> dict[str, list[object]]:
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in KEPT
    }


def join(user: User, role: Role) -> None:
    user.groups.add(Group.objects.get(name=role))
    user.__dict__.pop("rights", None)


def make_member(user: User, case: Case) -> None:
    Membership.objects.create(
        user=user, customer=case.people.customer, role=Membership.Role.MEMBER
    )


# Whole or not at all


def test_one_move_is_one_event_that_says_who_when_from_where_to_where(
    case: Case, now: datetime
) -> None:
    request, evaluator = case.in_evaluation(), case.people.evaluator
    later = now + timedelta(hours=1)
    with step(request, "reject", by=evaluator, at=later, reason="Late.") as taken:
        taken.data["code"] = "out_of_time"
    event = request.events.get(position=5)
    assert (event.kind, event.actor, event.at) == ("reject", evaluator, later)
    assert (event.from_state, event.to_state) == ("evaluation", "rejected")
    assert event.reason == "Late."
    assert event.data["code"] == "out_of_time"
    fresh = case.request
    assert (fresh.event_count, fresh.event_head) == (5, event.digest)
    assert fresh.came_from == "evaluation"


def test_a_move_that_is_not_allowed_any_more_leaves_nothing(
    case: Case, now: datetime
) -> None:
    stale = case.offered()
    accept(stale, by=case.people.owner, at=now)
    before = everything()
    with pytest.raises(NotAllowedAnyMore, match="owner was first: at 2026-11-16"):
        accept(stale, by=case.people.owner, at=now)
    with (
        pytest.raises(NotAllowedAnyMore),
        step(stale, "withdraw", by=case.people.owner, at=now),
    ):
        raise AssertionError("the body is not even reached")
    assert everything() == before


def test_a_body_that_fails_leaves_nothing(case: Case, now: datetime) -> None:
    request, people = case.in_evaluation(), case.people
    before = everything()

    def ask_and_fail() -> None:
        with step(request, "ask_for_information", by=people.evaluator, at=now) as taken:
            taken.request.rejection_words = "changed"
            taken.request.save()
            write(request, by=people.evaluator, at=now, words="Never sent.")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_and_fail()
    assert everything() == before


def test_an_event_that_can_not_be_kept_undoes_the_move(
    case: Case, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = case.submitted()
    before = everything()

    def fails(self: Event, **options: object) -> None:
        raise IntegrityError("no room for history")

    monkeypatch.setattr(Event, "save", fails)
    with pytest.raises(IntegrityError, match="history"):
        claim(request, by=case.people.first_line, at=now)
    assert everything() == before


@pytest.mark.parametrize("late", ["move_deadlines", "tell_of_move"])
def test_what_fails_after_the_event_undoes_it_too(
    late: str, case: Case, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = case.submitted()
    before = everything()

    def fails(*args: object, **options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(f"refunds.step.{late}", fails)
    with pytest.raises(ZeroDivisionError):
        claim(request, by=case.people.first_line, at=now)
    assert everything() == before


def test_a_release_that_fails_halfway_reserves_nothing(
    case: Case, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = case.agreed()
    before = everything()

    def fails(task: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("refunds.payouts.release.nudge", fails)
    with pytest.raises(ZeroDivisionError):
        release(request, by=case.people.finance, at=now)
    assert everything() == before


def test_what_was_in_the_callers_hands_is_not_written_back(
    case: Case, now: datetime
) -> None:
    """The row is fetched anew under the lock; a stale copy overwrites nothing."""
    stale = case.submitted()
    claim(stale, by=case.people.first_line, at=now)
    stale.description = "written by nobody"
    pass_on(stale, by=case.people.first_line, at=now, reason="")
    fresh = case.request
    assert fresh.state == State.EVALUATION
    assert fresh.description == "Nothing could be streamed for days."
    assert fresh.event_count == Event.objects.count() == 3


# By somebody who may


MOVES = [
    ("submitted", "claim", "first_line"),
    ("in_evaluation", "ask_for_information", "evaluator"),
    ("in_evaluation", "reject", "evaluator"),
    ("in_evaluation", "propose", "evaluator"),
    ("pending_approval", "approve", "approver"),
    ("pending_approval", "send_back", "approver"),
    ("offered", "accept", "owner"),
    ("offered", "propose_otherwise", "owner"),
    ("offered", "appeal", "owner"),
    ("offered", "withdraw", "owner"),
    ("agreed", "pay", "finance"),
]
EVERYBODY = (
    "owner",
    "member",
    "stranger",
    "first_line",
    "evaluator",
    "second_evaluator",
    "approver",
    "finance",
    "auditor",
    "account_manager",
    "superuser",
    "lead",
)


@pytest.mark.parametrize(("stage", "move", "who"), MOVES)
def test_a_move_is_for_its_person_alone(
    stage: str, move: str, who: str, case: Case, now: datetime
) -> None:
    request: RefundRequest = getattr(case, stage)()
    before = everything()
    for name in set(EVERYBODY) - {who}:
        user = getattr(case.people, name)
        assert why_not(case.request, move, by=user, at=now), name
        with pytest.raises(NotPermitted), step(request, move, by=user, at=now):
            pass
    assert everything() == before


def test_what_happens_by_itself_is_for_nobody(case: Case, now: datetime) -> None:
    request = case.agreed()
    for move in ("settle", "block_payout", "lapse", "close", "reopen"):
        for name in EVERYBODY:
            user = getattr(case.people, name)
            with pytest.raises(RefundError), step(request, move, by=user, at=now):
                pass
    assert case.request.state == State.AGREED


@pytest.mark.parametrize("superuser", [True, False])
def test_nobody_approves_their_own_proposal(
    superuser: bool,  # noqa: FBT001
    case: Case,
    now: datetime,
) -> None:
    request, proposer = case.pending_approval(), case.people.evaluator
    join(proposer, Role.APPROVER)
    proposer.is_superuser = superuser
    proposer.save()
    with pytest.raises(NotPermitted, match="a second person"):
        approve(request, by=proposer, at=now)
    with pytest.raises(NotPermitted, match="a second person"):
        send_back(request, by=proposer, at=now, reason="Too much.")
    assert case.request.state == State.PENDING_APPROVAL
    assert Offer.objects.get().approved_by is None


@pytest.mark.database_rules
def test_not_even_the_database_takes_an_approval_by_the_proposer(case: Case) -> None:
    case.pending_approval()
    with pytest.raises(IntegrityError, match="approved_by"), transaction.atomic():
        Offer.objects.update(approved_by=case.people.evaluator)


def test_an_offer_that_needs_a_second_person_is_not_made_by_one(
    case: Case, now: datetime
) -> None:
    request, people = case.in_evaluation(), case.people

    def offer_alone() -> None:
        with step(request, "offer", by=people.evaluator, at=now) as taken:
            Offer.objects.create(
                request=taken.request,
                assessment=Assessment.objects.latest("pk"),
                amount=10_000_00,
                departs=True,
                reason="",
                proposed_by=people.evaluator,
                proposed_at=now,
            )

    with pytest.raises(NotPermitted, match="second person"):
        offer_alone()
    assert Offer.objects.count() == 0


def test_staff_who_belong_to_the_customer_do_not_decide_its_requests(
    case: Case, now: datetime
) -> None:
    people = case.people
    for user in (people.first_line, people.evaluator, people.approver):
        make_member(user, case)
    request = case.submitted()
    with pytest.raises(NotPermitted, match="belong to this customer"):
        claim(request, by=people.first_line, at=now)
    assert case.request.handler is None


@pytest.mark.parametrize(
    ("stage", "move", "who"),
    [row for row in MOVES if row[2] != "owner"],
)
def test_who_becomes_a_member_of_the_customer_is_out_of_its_cases(
    stage: str, move: str, who: str, case: Case, now: datetime
) -> None:
    getattr(case, stage)()
    user = getattr(case.people, who)
    make_member(user, case)
    words = why_not(case.request, move, by=user, at=now)
    assert "belong to this customer" in str(words)


def test_not_even_giving_back_is_for_staff_of_the_customer(
    case: Case, now: datetime
) -> None:
    request = case.in_evaluation()
    make_member(case.people.evaluator, case)
    with pytest.raises(NotPermitted):
        give_back(request, by=case.people.evaluator, at=now)


def rejected(case: Case, now: datetime) -> RefundRequest:
    reject(
        case.in_evaluation(),
        by=case.people.evaluator,
        at=now,
        code="not_ours",
        words="It was not ours.",
    )
    return case.request


def test_an_appeal_is_decided_by_somebody_new(case: Case, now: datetime) -> None:
    request, people = rejected(case, now), case.people
    for user in (people.first_line, people.approver):
        join(user, Role.EVALUATOR)
    record(request, "evidence_downloaded", by=people.approver, at=now, data=LOOK)
    later = now + timedelta(hours=1)
    appeal(request, by=people.owner, at=later, words="It was yours.")
    request = case.request
    for user in (people.evaluator, people.first_line, people.approver):
        with pytest.raises(NotPermitted, match="somebody new"):
            claim(request, by=user, at=later)
    claim(request, by=people.second_evaluator, at=later)
    for user in (people.evaluator, people.first_line, people.approver):
        for move in ("uphold_appeal", "reject_finally", "let_offer_stand"):
            with pytest.raises(NotPermitted):
                decide_appeal(request, by=user, at=later, move=move, words="No.")
    decide_appeal(
        request,
        by=people.second_evaluator,
        at=later,
        move="uphold_appeal",
        words="Right.",
    )
    assert case.request.state == State.EVALUATION


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=2)])
def test_earlier_is_what_stands_earlier_in_the_history(
    ahead: timedelta, case: Case, now: datetime
) -> None:
    """The machine on which the evaluator rejected has a clock a little ahead."""
    request = rejected(case, now)
    join(case.people.approver, Role.EVALUATOR)
    reader, seen_at = case.people.approver, now + ahead
    record(request, "evidence_downloaded", by=reader, at=seen_at, data=LOOK)
    appeal(request, by=case.people.owner, at=now, words="It was yours.")
    with pytest.raises(NotPermitted):
        claim(case.request, by=case.people.approver, at=now + ahead)


def test_a_finding_is_for_who_has_the_case_in_hand(case: Case, now: datetime) -> None:
    request = case.in_evaluation()
    with pytest.raises(NotPermitted, match="Take the case first"):
        establish(
            request,
            kind="defect_verified",
            words="Seen.",
            by=case.people.second_evaluator,
            at=now,
        )
    assert request.findings.count() == 0


def test_a_departure_or_a_large_sum_always_asks_for_a_second_person(
    case: Case, now: datetime
) -> None:
    request = case.in_evaluation()
    offer(request, by=case.people.evaluator, at=now, amount=1, reason="As agreed.")
    assert case.request.state == State.PENDING_APPROVAL
    assert Offer.objects.get().departs


def test_who_saw_another_offer_does_not_accept_this_one(
    case: Case, now: datetime
) -> None:
    request, people = case.offered(), case.people
    seen = Offer.objects.get().pk
    propose_otherwise(request, by=people.owner, at=now, words="A little more.")
    offer(request, by=people.evaluator, at=now, amount=9_000_00, reason="Less.")
    approve(request, by=people.approver, at=now)
    with pytest.raises(RefundError, match="has changed"):
        accept(request, by=people.owner, at=now, seen=seen)
    assert case.request.state == State.OFFERED
    assert case.request.agreed_amount is None


# Nothing but a move


def test_a_state_is_not_assigned(case: Case) -> None:
    request = case.submitted()
    with pytest.raises(AttributeError):
        request.state = State.REFUNDED


@pytest.mark.database_rules
def test_a_request_is_not_created_beyond_its_draft(case: Case) -> None:
    draft = case.draft()
    for state in set(State) - {State.DRAFT}:
        with pytest.raises(IntegrityError), transaction.atomic():
            RefundRequest.objects.create(
                state=state,
                customer=draft.customer,
                contract=draft.contract,
                service=draft.service,
                currency="CNY",
                filed_by=draft.filed_by,
            )


@pytest.mark.database_rules
def test_there_is_no_state_but_those_of_the_lifecycle(case: Case) -> None:
    case.submitted()
    with pytest.raises(IntegrityError), transaction.atomic():
        RefundRequest.objects.update(state="paid")


@pytest.mark.database_rules
def test_a_request_without_history_is_not_created_agreed(
    case: Case, now: datetime
) -> None:
    draft = case.draft()
    with pytest.raises(IntegrityError), transaction.atomic():
        RefundRequest.objects.create(
            state=State.AGREED,
            number="RF-2026-999999",
            submitted_at=now,
            amount_asked=1,
            agreed_amount=1,
            customer=draft.customer,
            contract=draft.contract,
            service=draft.service,
            currency="CNY",
            filed_by=draft.filed_by,
        )


@pytest.mark.database_rules
@pytest.mark.parametrize(
    "statement", ["state = 'agreed'", "state = 'agreed', agreed_amount = 1"]
)
def test_a_state_does_not_change_without_an_event(statement: str, case: Case) -> None:
    case.submitted()
    with (
        connection.cursor() as cursor,
        pytest.raises(IntegrityError),
        transaction.atomic(),
    ):
        cursor.execute(f"UPDATE refunds_refundrequest SET {statement}")


def test_what_lapsed_is_not_taken_up_again_beside_a_new_request(
    case: Case, now: datetime
) -> None:
    people, old = case.people, case.in_evaluation()
    ask_for_information(old, by=people.evaluator, at=now, words="Which day?")
    with step(old, "lapse", by=None, at=now):
        pass
    case.submitted()
    with pytest.raises(RefundError, match="open request"):
        take_up_again(old, by=people.owner, at=now)


def test_two_requests_do_not_mix_their_histories(case: Case, now: datetime) -> None:
    first = case.submitted()
    other = make_case(case.people, at=now)
    claim(other.submitted(), by=case.people.first_line, at=now)
    with suppress(RefundError):
        claim(first, by=case.people.owner, at=now)
    assert [event.kind for event in first.events.all()] == ["submit"]
    assert [event.position for event in other.request.events.all()] == [1, 2]
