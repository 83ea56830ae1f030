"""A customer who wants more than is owed; and one who gets less."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from refunds.errors import RefundError
from refunds.models import Offer, RefundRequest
from refunds.payouts.release import move_agreed_on
from refunds.review.answers import accept
from refunds.review.appeal import take_up_again
from refunds.review.approval import approve
from refunds.review.fulfilment import fulfil
from refunds.review.lapse import lapse_overdue
from refunds.review.offer import offer
from refunds.states import State
from tests.people import Case, People
from tests.refunds.claims import CLAIMS, Desk, again
from tests.refunds.sound import is_sound

LONGER: dict[str, Any] = {
    "alternative": "extension",
    "alternative_words": "A month longer.",
    "reason": "They would rather stay.",
}


@pytest.fixture
def desk(people: People, now: datetime) -> Desk:
    return Desk(people, now)


def offered(
    desk: Desk, request: RefundRequest, amount: int, *, instead: bool = False
) -> RefundRequest:
    people, at = desk.people, desk.at
    more = LONGER | {"instead": instead}
    offer(request, by=people.evaluator, at=at, amount=amount, **more)
    approve(again(request), by=people.approver, at=at)
    return again(request)


def carried_out(desk: Desk, request: RefundRequest) -> None:
    move_agreed_on(at=desk.at)
    fulfil(again(request), by=desk.people.evaluator, at=desk.at, words="Done.")
    assert again(request).state == State.FULFILLED


def test_an_alternative_alone_is_given_once_for_one_outage(desk: Desk) -> None:
    service = desk.service("live_streaming")
    desk.goes_down(service, hours=1)
    first = offered(desk, desk.evaluate(desk.file(service, "outage")), 0)
    desk.at += timedelta(days=30)
    assert lapse_overdue(at=desk.at) == 1
    second = offered(desk, desk.evaluate(desk.file(service, "outage")), 0)
    carried_out(desk, desk.accept(second))
    is_sound(at=desk.at)
    with suppress(RefundError):
        take_up_again(again(first), by=desk.people.owner, at=desk.at)
        desk.accept(again(first))
    assert again(first).agreed_alternative == ""


def test_a_service_that_ended_with_all_its_money_is_not_made_longer(
    desk: Desk,
) -> None:
    """Two requests stand open at once; the second one ends the service."""
    service = desk.service("dedicated_line", days=3)
    desk.goes_down(service, hours=1, days_ago=2)
    first = offered(desk, desk.evaluate(desk.file(service, "outage")), 0)
    second = desk.evaluate(desk.file(service, "change_of_mind", keep=False))
    desk.accept(desk.offer(second, 1_00))
    service.refresh_from_db()
    assert service.ended_at
    with suppress(RefundError):
        desk.accept(again(first))
    assert again(first).agreed_alternative == ""


def test_who_stays_by_choosing_the_alternative_is_paid_for_later_outages(
    desk: Desk,
) -> None:
    """They go on with the service, so its rest was not given back."""
    service = CLAIMS["unused_share"].happen(desk)
    request = desk.evaluate(desk.file(service, "unavailable", keep=False))
    request = offered(desk, request, 1_00, instead=True)
    accept(request, by=desk.people.owner, at=desk.at, choice="alternative")
    carried_out(desk, request)
    service.refresh_from_db()
    assert service.ended_at is None
    desk.at += timedelta(days=40)
    desk.goes_down(service, hours=80, days_ago=6)
    later = desk.evaluate(desk.file(service, "unavailable", keep=True))
    answer = desk.answer(later)
    assert answer.amount
    is_sound(at=desk.at)


def test_what_is_owed_is_not_replaced_by_a_fen_and_an_alternative(case: Case) -> None:
    request = case.in_evaluation()
    with pytest.raises(RefundError):
        offer(request, by=case.people.evaluator, at=case.at, amount=1, **LONGER)
    assert not Offer.objects.exists()
