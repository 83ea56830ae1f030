"""One case, or all in one act, to somebody who may take them; nothing stays behind."""

from datetime import datetime, timedelta

import pytest

from accounts.models import Absence, Membership, Role
from refunds.errors import NotPermitted, RefundError
from refunds.models import Deadline, Notice
from refunds.review.appeal import appeal, bring_new_evidence
from refunds.review.approval import send_back
from refunds.review.handover import hand_over, hand_over_all
from refunds.review.hands import claim, release
from refunds.review.offer import offer
from refunds.review.rejection import reject
from refunds.states import State
from tests.people import Case, make_case
from tests.refunds.test_step import join


def test_the_next_one_has_it_and_owes_it_and_is_told(case: Case) -> None:
    people = case.people
    request = case.in_evaluation()
    due = Deadline.objects.get(request=request, closed_at=None).due_at
    hand_over(
        request,
        by=people.evaluator,
        at=case.at + timedelta(hours=2),
        to=people.second_evaluator,
        reason="On holiday.",
    )
    assert case.request.handler == people.second_evaluator
    owed = Deadline.objects.get(request=request, closed_at=None)
    assert (owed.user, owed.due_at) == (people.second_evaluator, due)
    event = case.request.events.latest("position")
    assert (event.kind, event.data) == (
        "hand_over",
        {"from": people.evaluator.pk, "to": people.second_evaluator.pk},
    )
    told = Notice.objects.get(kind="staff_handed_over")
    assert told.recipient == people.second_evaluator
    with pytest.raises(NotPermitted, match="Take the case first"):
        offer(case.request, by=people.evaluator, at=case.at, amount=10_000_00)
    offer(case.request, by=people.second_evaluator, at=case.at, amount=10_000_00)


def test_who_has_it_the_superior_and_the_lead_hand_it_over_nobody_else(
    case: Case,
) -> None:
    people, request = case.people, case.in_evaluation()
    others = (people.owner, people.approver, people.second_evaluator, people.superuser)
    for other in others:
        with pytest.raises(NotPermitted):
            hand_over(request, by=other, at=case.at, to=people.second_evaluator)
    hand_over(request, by=people.lead, at=case.at, to=people.second_evaluator)
    assert case.request.handler == people.second_evaluator


def test_only_to_somebody_who_could_take_it(case: Case) -> None:
    people, request = case.people, case.in_evaluation()
    Membership.objects.create(user=people.second_evaluator, customer=people.customer)
    for heir in (people.second_evaluator, people.first_line, people.owner):
        with pytest.raises(NotPermitted, match="They can't take this case"):
            hand_over(request, by=people.evaluator, at=case.at, to=heir)
    with pytest.raises(RefundError, match="already"):
        hand_over(request, by=people.evaluator, at=case.at, to=people.evaluator)
    assert case.request.handler == people.evaluator


def test_in_an_appeal_only_to_somebody_new(case: Case) -> None:
    people, request = case.people, case.in_evaluation()
    reject(request, by=people.evaluator, at=case.at, code="not_proven", words="No.")
    appeal(case.request, by=people.owner, at=case.at, words="It does.")
    claim(case.request, by=people.second_evaluator, at=case.at)
    with pytest.raises(NotPermitted, match="had no part"):
        hand_over(
            case.request, by=people.second_evaluator, at=case.at, to=people.evaluator
        )
    join(people.finance, Role.EVALUATOR)
    hand_over(case.request, by=people.second_evaluator, at=case.at, to=people.finance)
    assert case.request.handler == people.finance


def test_it_comes_back_to_whom_it_was_handed(case: Case) -> None:
    people = case.people
    case.pending_approval()
    hand_over(case.request, by=people.evaluator, at=case.at, to=people.second_evaluator)
    assert case.request.state == State.PENDING_APPROVAL
    send_back(case.request, by=people.approver, at=case.at, reason="Too much.")
    owed = Deadline.objects.get(request=case.request, closed_at=None, left=None)
    assert owed.user == people.second_evaluator


def test_who_lost_the_role_can_still_let_go(case: Case) -> None:
    people, request = case.people, case.in_evaluation()
    people.evaluator.groups.clear()
    people.evaluator.__dict__.pop("rights", None)
    release(request, by=people.evaluator, at=case.at)
    assert case.request.handler is None


def test_all_cases_go_in_one_act_and_each_is_accounted_for(
    case: Case, now: datetime
) -> None:
    people = case.people
    join(people.second_evaluator, Role.FIRST_LINE)
    join(people.evaluator, Role.FIRST_LINE)
    evaluated = case.in_evaluation()
    checked = make_case(people, at=now)
    claim(checked.submitted(), by=people.evaluator, at=now)
    proposed = make_case(people, at=now)
    proposed.pending_approval()
    done = hand_over_all(
        people.evaluator, by=people.evaluator, at=now, to=people.second_evaluator
    )
    assert done.over == [evaluated, checked.request, proposed.request]
    assert (done.given_back, done.kept) == ([], [])
    for each in (case, checked, proposed):
        assert each.request.handler == people.second_evaluator


def test_what_the_other_may_not_take_goes_back_to_the_unclaimed_or_is_named(
    case: Case, now: datetime
) -> None:
    people = case.people
    evaluated = case.in_evaluation()
    proposed = make_case(people, at=now)
    proposed.pending_approval()
    done = hand_over_all(people.evaluator, by=people.lead, at=now, to=people.first_line)
    assert (done.over, done.given_back) == ([], [evaluated])
    assert done.kept == [proposed.request]
    assert case.request.handler is None
    assert proposed.request.handler == people.evaluator


def test_all_of_it_or_nothing(
    case: Case, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = case.people
    case.in_evaluation()
    second = make_case(people, at=now)
    second.in_evaluation()

    def fails(*args: object, **options: object) -> None:
        if case.request.handler == people.second_evaluator:
            raise ZeroDivisionError

    monkeypatch.setattr("refunds.step.tell_of_move", fails)
    with pytest.raises(ZeroDivisionError):
        hand_over_all(
            people.evaluator, by=people.evaluator, at=now, to=people.second_evaluator
        )
    assert case.request.handler == second.request.handler == people.evaluator


def test_nobody_hands_over_the_cases_of_somebody_they_are_not_above(
    case: Case, now: datetime
) -> None:
    people = case.people
    case.in_evaluation()
    for other in (people.second_evaluator, people.superuser, people.owner):
        with pytest.raises(NotPermitted, match="superior"):
            hand_over_all(people.evaluator, by=other, at=now, to=other)


def test_the_deputy_of_an_absent_superior_may(case: Case, now: datetime) -> None:
    people = case.people
    case.in_evaluation()
    Absence.objects.create(
        user=people.lead,
        deputy=people.approver,
        first_day=now.date(),
        last_day=now.date(),
    )
    for later, allowed in ((timedelta(days=1), False), (timedelta(), True)):
        at = now + later
        if not allowed:
            with pytest.raises(NotPermitted):
                hand_over(
                    case.request, by=people.approver, at=at, to=people.second_evaluator
                )
            continue
        hand_over(case.request, by=people.approver, at=at, to=people.second_evaluator)
    assert case.request.handler == people.second_evaluator


def test_new_evidence_comes_back_to_whom_it_was_handed(case: Case) -> None:
    people, request = case.people, case.in_evaluation()
    reject(request, by=people.evaluator, at=case.at, code="not_proven", words="No.")
    hand_over(case.request, by=people.evaluator, at=case.at, to=people.second_evaluator)
    bring_new_evidence(case.request, by=people.owner, at=case.at, words="A new log.")
    assert case.request.handler == people.second_evaluator
    told = Notice.objects.get(kind="staff_returned")
    assert told.recipient == people.second_evaluator
