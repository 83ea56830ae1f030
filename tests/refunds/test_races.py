"""Two at once: one wins, the other is told so; nothing happens twice. PostgreSQL."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest

from refunds.errors import AlreadyOpen, NotAllowedAnyMore, RefundError
from refunds.filing.submit import submit
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import LegState, PayoutCall, PayoutLeg, RefundRequest
from refunds.payouts.release import release
from refunds.payouts.send import work
from refunds.record.verify import find_breaks
from refunds.review.answers import accept, withdraw
from refunds.review.approval import approve, send_back
from refunds.review.hands import claim
from refunds.states import State
from refunds.step import lock
from tests.people import Case, People, make_case, make_people
from tests.refunds.payouts.till import REFUND, Till, kinds_of, leg_of, state_of
from tests.refunds.together import queued_behind

pytestmark = pytest.mark.postgres


@pytest.fixture
def people(committed: None) -> People:
    return make_people()


@pytest.fixture
def case(people: People, now: datetime) -> Case:
    return make_case(people, at=now)


@pytest.fixture
def till(sandbox: Sandbox, merchants: None, now: datetime) -> Till:
    return Till(sandbox, now)


def the_loser(answers: list[object]) -> RefundError:
    """Of two, exactly one was refused."""
    refused = [answer for answer in answers if isinstance(answer, RefundError)]
    assert len(answers) == 2
    assert len(refused) == 1
    return refused[0]


def assert_one_event(request: RefundRequest, kind: str) -> None:
    assert kinds_of(request).count(kind) == 1
    assert list(find_breaks()) == []


def test_two_reviewers_claim_the_same_case(case: Case, now: datetime) -> None:
    request, people = case.submitted(), case.people
    people.lead.groups.set(people.first_line.groups.all())
    claims = [
        partial(claim, request, by=by, at=now)
        for by in (people.first_line, people.lead)
    ]
    loser = the_loser(queued_behind([request], *claims))
    request = case.request
    assert isinstance(loser, NotAllowedAnyMore)
    assert request.handler in (people.first_line, people.lead)
    assert str(loser).startswith(f"{request.handler} was first: at 2026-11-16 10:00")
    assert state_of(request) is State.PRELIMINARY_REVIEW
    assert_one_event(request, "claim")


def test_two_evaluators_take_up_the_same_case(case: Case, now: datetime) -> None:
    request, people = case.in_evaluation(), case.people
    RefundRequest.objects.update(handler=None)
    claims = [
        partial(claim, request, by=by, at=now)
        for by in (people.evaluator, people.second_evaluator)
    ]
    loser = the_loser(queued_behind([request], *claims))
    assert "was first and has this case in hand." in str(loser)
    assert kinds_of(request).count("take_up") == 2  # One of them before the race.
    assert list(find_breaks()) == []


def test_two_approvers_decide_the_same_offer(case: Case, now: datetime) -> None:
    request, people = case.pending_approval(), case.people
    people.lead.groups.set(people.approver.groups.all())
    loser = the_loser(
        queued_behind(
            [request],
            partial(approve, request, by=people.approver, at=now),
            partial(approve, request, by=people.lead, at=now),
        )
    )
    assert isinstance(loser, NotAllowedAnyMore)
    assert "Waiting for the customer" in str(loser)
    assert state_of(request) is State.OFFERED
    assert_one_event(request, "approve")


def test_one_approves_while_another_sends_back(case: Case, now: datetime) -> None:
    request, people = case.pending_approval(), case.people
    people.lead.groups.set(people.approver.groups.all())
    loser = the_loser(
        queued_behind(
            [request],
            partial(approve, request, by=people.approver, at=now),
            partial(send_back, request, by=people.lead, at=now, reason="Too much."),
        )
    )
    assert isinstance(loser, NotAllowedAnyMore)
    offer = case.request.offers.get()
    approved = state_of(request) is State.OFFERED
    assert (offer.approved_by is not None) == approved
    assert len({"approve", "send_back"} & set(kinds_of(request))) == 1


def test_an_offer_accepted_twice_is_agreed_once(case: Case, now: datetime) -> None:
    request, people = case.offered(), case.people
    twice = [partial(accept, request, by=people.owner, at=now)] * 2
    loser = the_loser(queued_behind([request], *twice))
    assert isinstance(loser, NotAllowedAnyMore)
    assert str(loser).startswith("owner was first")
    assert state_of(request) is State.AGREED
    assert_one_event(request, "accept")
    assert request.deadlines.filter(kind="payout", closed_at=None).count() == 1


def test_accepted_and_withdrawn_at_once_is_one_of_both(
    case: Case, now: datetime
) -> None:
    request, people = case.offered(), case.people
    acts: list[Callable[[], object]] = [
        partial(accept, request, by=people.owner, at=now),
        partial(withdraw, request, by=people.owner, at=now),
    ]
    loser = the_loser(queued_behind([request], *acts))
    assert isinstance(loser, NotAllowedAnyMore)
    agreed = case.request.agreed_amount is not None
    assert state_of(request) is (State.AGREED if agreed else State.WITHDRAWN)
    assert (case.request.service.ended_at is not None) == agreed


def test_a_draft_sent_twice_is_one_request(case: Case, now: datetime) -> None:
    draft = case.draft()
    twice = [partial(submit, draft, by=case.people.owner, at=now)] * 2
    loser = the_loser(queued_behind([draft], *twice))
    assert isinstance(loser, NotAllowedAnyMore)
    assert case.request.number == "RF-2026-000001"
    assert case.request.assessments.count() == 1
    assert_one_event(case.request, "submit")


def test_two_drafts_for_the_same_thing_become_one_open_request(
    case: Case, now: datetime
) -> None:
    """The owner's and the member's: different rows, the same service and ground."""
    people = case.people
    drafts = [case.draft()]
    RefundRequest.objects.update(filed_by=people.member)
    drafts.append(case.draft())
    loser = the_loser(
        queued_behind(
            drafts,
            partial(submit, drafts[0], by=people.member, at=now),
            partial(submit, drafts[1], by=people.owner, at=now),
        )
    )
    assert isinstance(loser, AlreadyOpen)
    assert "RF-2026-000001" in str(loser)
    assert RefundRequest.objects.exclude(state=State.DRAFT).count() == 1
    draft = RefundRequest.objects.get(state=State.DRAFT)
    assert (draft.number, draft.event_count) == (None, 0)
    assert not draft.evidence.exclude(frozen_at=None).exists()


def test_a_payout_released_twice_is_reserved_once(case: Case, now: datetime) -> None:
    request, people = case.agreed(), case.people
    twice = [partial(release, request, by=people.finance, at=now)] * 2
    loser = the_loser(queued_behind([request], *twice))
    assert isinstance(loser, NotAllowedAnyMore)
    assert PayoutLeg.objects.count() == 1
    assert_one_event(request, "pay")


def test_two_workers_at_the_same_leg_send_it_once(
    case: Case, till: Till, now: datetime
) -> None:
    """F9: both have seen it due; the claim is one conditional update."""
    request = case.agreed()
    case.known_to(till.sandbox)
    release(request, by=case.people.finance, at=now)
    leg = leg_of(request)
    answers = queued_behind([leg], *[partial(work, leg.pk, at=now)] * 3)
    assert sorted(map(bool, answers)) == [False, False, True]
    assert till.moved() == [(leg.key, leg.amount)]
    assert till.calls(REFUND) == PayoutCall.objects.count() == 1
    assert leg_of(request).state == LegState.PROCESSING
    assert kinds_of(request).count("payout_sent") == 1


def test_a_worker_who_lost_its_claim_before_sending_sends_nothing(
    case: Case, till: Till, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It claimed, then stood still so long that another one took over."""
    request = case.agreed()
    case.known_to(till.sandbox)
    release(request, by=case.people.finance, at=now)
    leg = leg_of(request)
    others: list[int] = []

    def stands_still(locked: RefundRequest) -> RefundRequest:
        if not others:
            others.append(leg.pk)
            PayoutLeg.objects.filter(pk=leg.pk).update(next_at=now)
            assert work(leg.pk, at=now.replace(second=1))
        return lock(locked)

    monkeypatch.setattr("refunds.payouts.send.lock", stands_still)
    assert work(leg.pk, at=now)
    assert till.calls(REFUND) == 1
    assert leg_of(request).state == LegState.PROCESSING


def test_many_workers_over_many_legs_pay_each_once(
    people: People, till: Till, now: datetime
) -> None:
    cases = [make_case(people, at=now) for _each in range(4)]
    for one in cases:
        release(one.agreed(), by=people.finance, at=now)
        one.known_to(till.sandbox)
    till.fails("slow:0.05", times=None)
    legs = list(PayoutLeg.objects.all())
    queued_behind([legs[0]], till.work, till.work, till.work)
    till.heals()
    till.work_for(rounds=3, seconds=11)
    assert sorted(till.moved()) == sorted((leg.key, leg.amount) for leg in legs)
    assert till.calls(REFUND) == len(legs)
    assert {state_of(one.request) for one in cases} == {State.REFUNDED}
    assert list(find_breaks()) == []
