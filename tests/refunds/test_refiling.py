"""The same thing claimed again, and again: it is paid once. PostgreSQL."""

from datetime import datetime, timedelta

import pytest

from accounts.models import Service
from refunds.errors import AlreadyOpen, AmountRefused, RefundError
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import RefundRequest
from refunds.review.lapse import lapse_overdue
from refunds.review.rejection import reject
from refunds.states import State
from tests.people import People
from tests.refunds.claims import (
    BY_AGREEMENT,
    CLAIMS,
    Desk,
    Kind,
    again,
    promised,
    settled,
)
from tests.refunds.payouts.till import Till, state_of

pytestmark = pytest.mark.postgres


@pytest.fixture
def desk(people: People, now: datetime) -> Desk:
    return Desk(people, now)


@pytest.fixture
def till(sandbox: Sandbox, merchants: None, now: datetime) -> Till:
    return Till(sandbox, now)


def evaluated(desk: Desk, service: Service, kind: Kind, ground: str) -> RefundRequest:
    request = desk.evaluate(desk.file(service, ground, keep=kind.keep, amount=500_00))
    if kind.finding:
        item = "Tokyo" if kind.finding == "item_undelivered" else ""
        desk.find(request, kind.finding, item)
    return again(request)


@pytest.mark.parametrize("kind", CLAIMS.values(), ids=list(CLAIMS))
def test_what_was_paid_out_is_not_paid_again(
    desk: Desk, till: Till, kind: Kind
) -> None:
    """Three times the same; what the policy owes is given the first time only."""
    service = kind.happen(desk)
    request = evaluated(desk, service, kind, kind.ground)
    owed = desk.answer(request).amount
    assert owed
    request = desk.accept(desk.offer(request, owed, reason="All of it."))
    settled(desk, till, request)
    for _time in range(2):
        refiled = evaluated(desk, service, kind, kind.ground)
        assert not desk.answer(refiled).amount
        with pytest.raises(RefundError):
            desk.offer(refiled, 1)
        reject(
            refiled,
            by=desk.people.evaluator,
            at=desk.at,
            code="duplicate",
            words="We paid for this before.",
        )
        withdrawn_for_good(refiled, at=desk.at)
    assert promised(service) == owed


def withdrawn_for_good(request: RefundRequest, *, at: datetime) -> None:
    """The rejection's time to appeal is over."""
    lapse_overdue(at=at + timedelta(days=60))
    assert state_of(request) is State.CLOSED


@pytest.mark.parametrize("kind", CLAIMS.values(), ids=list(CLAIMS))
def test_what_is_agreed_on_is_not_owed_once_more(desk: Desk, kind: Kind) -> None:
    service = kind.happen(desk)
    agreed(desk, service, kind)
    check_not_owed_again(desk, service, kind)


@pytest.mark.parametrize("kind", CLAIMS.values(), ids=list(CLAIMS))
def test_what_is_on_its_way_is_not_owed_once_more(desk: Desk, kind: Kind) -> None:
    service = kind.happen(desk)
    desk.release(agreed(desk, service, kind))
    check_not_owed_again(desk, service, kind)


def agreed(desk: Desk, service: Service, kind: Kind) -> RefundRequest:
    request = evaluated(desk, service, kind, kind.ground)
    owed = desk.answer(request).amount or 0
    return desk.accept(desk.offer(request, owed, reason="All of it."))


def check_not_owed_again(desk: Desk, service: Service, kind: Kind) -> None:
    """For the same reason it can't even be filed; for another one nothing is due."""
    for _time in range(2):
        with pytest.raises(AlreadyOpen):
            desk.file(service, kind.ground, keep=kind.keep)
    if kind.other == kind.ground:
        return
    refiled = evaluated(desk, service, kind, kind.other)
    assert not desk.answer(refiled).amount
    with pytest.raises(RefundError):
        desk.offer(refiled, 1)


@pytest.mark.parametrize("kind", BY_AGREEMENT.values(), ids=list(BY_AGREEMENT))
def test_what_was_agreed_in_talks_lowers_the_next_ceiling(
    desk: Desk, till: Till, kind: Kind
) -> None:
    service = kind.happen(desk)
    ceilings = []
    for _time in range(2):
        request = evaluated(desk, service, kind, kind.ground)
        ceilings.append(desk.answer(request).ceiling)
        request = desk.offer(request, 4_000_00, reason="As agreed by telephone.")
        settled(desk, till, desk.accept(request))
    assert ceilings == [11_500_00, 7_500_00]
    request = evaluated(desk, service, kind, kind.ground)
    assert desk.answer(request).ceiling == 3_500_00
    with pytest.raises(AmountRefused, match="above the ceiling"):
        desk.offer(request, 4_000_00, reason="Once more.")


def test_a_full_refund_of_four_fifths_is_not_followed_by_the_last_fifth(
    desk: Desk, till: Till
) -> None:
    kind = CLAIMS["full"]
    service = kind.happen(desk)
    service.contract.clauses.create(
        rule="line.trial_window", field="share", value="0.8", wording="80 % come back."
    )
    request = evaluated(desk, service, kind, kind.ground)
    owed = desk.answer(request).amount or 0
    assert owed == 11_500_00 * 8 // 10
    settled(desk, till, desk.accept(desk.offer(request, owed, reason="All of it.")))
    refiled = evaluated(desk, service, kind, kind.ground)
    assert not desk.answer(refiled).amount
