"""Two requests about the same thing at once: one of them is paid. PostgreSQL."""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import pytest

from accounts.models import Service
from refunds.errors import RefundError
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import RefundRequest
from refunds.review.answers import propose_otherwise, withdraw
from refunds.review.appeal import appeal, decide_appeal, take_up_again
from refunds.review.hands import claim
from refunds.review.lapse import lapse_overdue
from refunds.review.offer import offer
from refunds.review.rejection import reject
from refunds.states import State
from tests.people import People, make_people
from tests.refunds.claims import CLAIMS, Desk, again, promised, settled
from tests.refunds.payouts.till import Till, state_of
from tests.refunds.together import queued_behind

pytestmark = pytest.mark.postgres
PART = 100_00


@pytest.fixture
def desk(people: People, now: datetime) -> Desk:
    return Desk(people, now)


@pytest.fixture
def till(sandbox: Sandbox, merchants: None, now: datetime) -> Till:
    return Till(sandbox, now)


@pytest.fixture
def desk_of_many(committed: None, now: datetime) -> Desk:
    """Really committed: for several people at once."""
    return Desk(make_people(), now)


def two_about_one_outage(desk: Desk) -> list[RefundRequest]:
    """One says that it was down, the other that it could not be used."""
    service = CLAIMS["outage_share"].happen(desk)
    service.outages.update(began_at=desk.at - timedelta(days=11))
    requests = [
        desk.evaluate(desk.file(service, ground, amount=PART))
        for ground in ("outage", "unavailable")
    ]
    assert desk.answer(requests[0]).rule == "live.long_outage"
    assert desk.answer(requests[0]).amount == desk.answer(requests[1]).amount
    return requests


def test_an_outage_offered_to_two_requests_at_once_is_paid_once(
    desk_of_many: Desk,
) -> None:
    desk = desk_of_many
    requests = two_about_one_outage(desk)
    answers = queued_behind(
        requests,
        *(
            partial(offer, request, by=desk.people.evaluator, at=desk.at, amount=PART)
            for request in requests
        ),
    )
    refused = [answer for answer in answers if isinstance(answer, RefundError)]
    assert len(refused) == 1
    states = {state_of(request) for request in requests}
    assert states == {State.OFFERED, State.EVALUATION}


def test_what_is_held_out_to_one_is_not_held_out_to_the_other(desk: Desk) -> None:
    one, other = two_about_one_outage(desk)
    owed = desk.answer(other).amount
    desk.offer(one, PART)
    assert desk.answer(other).amount == 0
    withdraw(one, by=desk.people.owner, at=desk.at)
    assert desk.answer(other).amount == owed


def test_what_was_sent_back_or_rejected_is_free_again(desk: Desk) -> None:
    one, other = two_about_one_outage(desk)
    owed = desk.answer(other).amount
    desk.offer(one, PART)
    propose_otherwise(one, by=desk.people.owner, at=desk.at, words="Rather 200.")
    assert desk.answer(other).amount == owed
    reject(
        again(one),
        by=desk.people.evaluator,
        at=desk.at,
        code="duplicate",
        words="It is in your other request.",
    )
    desk.accept(desk.offer(other, PART))
    assert promised(one.service) == PART


def test_an_offer_taken_up_again_after_its_twin_was_paid_is_refused(
    desk: Desk,
) -> None:
    one, other = two_about_one_outage(desk)
    desk.offer(one, PART)
    later = Desk(desk.people, desk.at + timedelta(days=60))
    withdraw(other, by=desk.people.owner, at=desk.at)
    lapse_overdue(at=later.at)
    assert state_of(one) is State.LAPSED
    twin = later.evaluate(later.file(one.service, "unavailable", amount=PART))
    later.accept(later.offer(twin, PART))
    with pytest.raises(RefundError, match="another request"):
        take_up_and_accept(later, one)
    assert promised(one.service) == PART
    assert later.answer(one).amount == 0


def take_up_and_accept(desk: Desk, request: RefundRequest) -> None:
    take_up_again(request, by=desk.people.owner, at=desk.at)
    desk.accept(again(request))


def test_an_offer_under_appeal_still_stands(desk: Desk) -> None:
    one, other = two_about_one_outage(desk)
    desk.offer(one, PART)
    judge_of_appeals = desk.people.second_evaluator
    appeal(one, by=desk.people.owner, at=desk.at, words="It was longer.")
    assert desk.answer(other).amount == 0
    claim(again(one), by=judge_of_appeals, at=desk.at)
    decide_appeal(
        again(one),
        by=judge_of_appeals,
        at=desk.at,
        move="uphold_appeal",
        words="We look again.",
    )
    desk.offer(other, PART)
    assert desk.answer(one).amount == 0


def test_who_asked_for_less_was_given_all_of_it(desk: Desk, till: Till) -> None:
    one, other = two_about_one_outage(desk)
    assert (desk.answer(one).amount or 0) > PART
    settled(desk, till, desk.accept(desk.offer(one, PART)))
    assert desk.answer(other).amount == 0


def test_goodwill_for_a_short_outage_counts_once_it_turns_out_long(
    desk: Desk, till: Till
) -> None:
    service = desk.service("live_streaming", days=12)
    outage = desk.goes_down(service, hours=41)
    request = desk.evaluate(desk.file(service, "outage", amount=PART))
    assert desk.answer(request).denied == "below_threshold"
    settled(desk, till, desk.accept(desk.offer(request, PART, reason="Goodwill.")))
    outage.ended_at = outage.began_at + timedelta(hours=80)
    outage.save()
    again_asked = desk.evaluate(desk.file(service, "outage", amount=PART))
    workings = desk.answer(again_asked).ledger.workings
    assert workings["minutes_out"] == (80 - 41) * 60


def test_two_offers_never_promise_more_together_than_was_paid(desk: Desk) -> None:
    """Everything for one reason, and the time of a breach for another one."""
    service = CLAIMS["full"].happen(desk)
    breached(desk, service)
    whole, part = (
        desk.evaluate(desk.file(service, ground, keep=False, amount=500_00))
        for ground in ("change_of_mind", "outage")
    )
    everything = desk.answer(whole).amount or 0
    desk.offer(whole, everything, reason="All of it.")
    desk.offer(part, desk.answer(part).amount or 0, reason="All of it.")
    desk.accept(again(whole))
    with pytest.raises(RefundError):
        desk.accept(again(part))
    assert promised(service) == everything


def breached(desk: Desk, service: Service) -> None:
    """For the last two days."""
    service.readings.create(
        metric="availability",
        period_from=desk.at - timedelta(days=2),
        period_to=desk.at,
        promised="99.99",
        measured="97",
        source="provider",
        accepted=True,
    )


def test_an_offer_taken_up_again_does_not_block_its_twin(desk: Desk) -> None:
    """The twin was offered in the meantime; nothing was paid for either of them."""
    one, other = two_about_one_outage(desk)
    desk.offer(one, PART)
    withdraw(other, by=desk.people.owner, at=desk.at)
    later = Desk(desk.people, desk.at + timedelta(days=60))
    lapse_overdue(at=later.at)
    twin = later.evaluate(later.file(one.service, "unavailable", amount=PART))
    later.offer(twin, PART)
    with suppress(RefundError):
        take_up_again(one, by=desk.people.owner, at=later.at)
    later.accept(again(twin))
    assert promised(one.service) == PART
