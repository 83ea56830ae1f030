"""Too much, twice, or to a dead end: what an offer and its answer let through."""

from datetime import datetime, timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError

import pytest

from accounts.models import Outage, Service, Usage
from refunds.errors import AmountRefused, RefundError
from refunds.judging import owed_still
from refunds.models import Finding, RefundRequest
from refunds.review import answers
from refunds.review.answers import accept
from refunds.review.appeal import take_up_again
from refunds.review.information import ask_for_information
from refunds.review.lapse import lapse_overdue
from refunds.review.offer import offer
from refunds.states import State
from tests.factories import ServiceFactory, pay_for
from tests.people import People, make_people
from tests.refunds.claims import CLAIMS, PAID, Desk, again, promised
from tests.refunds.payouts.till import state_of
from tests.refunds.together import at_once

pytestmark = pytest.mark.postgres
CAP = 5_000_00
MORE_THAN_HALF = 4_000_00
WAIT_SECONDS = 3.0


@pytest.fixture
def desk(people: People, now: datetime) -> Desk:
    return Desk(people, now)


@pytest.fixture
def desk_of_many(committed: None, now: datetime) -> Desk:
    """Really committed: for several people at once."""
    return Desk(make_people(), now)


def capped(service: Service, cap: int = CAP) -> Service:
    service.contract.refund_cap = cap
    service.contract.save()
    return service


def another_on_its_contract(service: Service) -> Service:
    other: Service = ServiceFactory.create(
        contract=service.contract,
        name="Live streaming, Europe",
        activated_at=service.activated_at,
        ends_on=service.ends_on,
    )
    pay_for(
        other,
        amount=PAID,
        paid_at=service.contract.services.get(pk=service.pk)
        .allocations.get()
        .payment.paid_at,
    )
    return other


def test_goodwill_on_a_denied_request_stays_below_the_contracts_cap(
    desk: Desk,
) -> None:
    service = capped(desk.service("live_streaming"), 1_000_00)
    request = desk.evaluate(desk.file(service, "outage"))
    assert desk.answer(request).denied == "not_proven"
    with pytest.raises(AmountRefused):
        offer(
            request,
            by=desk.people.evaluator,
            at=desk.at,
            amount=2_000_00,
            reason="We are sorry.",
        )


def test_two_generous_offers_together_stay_below_the_contracts_cap(
    desk: Desk,
) -> None:
    one = capped(desk.service("live_streaming"))
    other = another_on_its_contract(one)
    for service in (one, other):
        desk.goes_down(service, hours=80)
        request = desk.evaluate(desk.file(service, "outage"))
        assert 0 < (desk.answer(request).amount or 0) < MORE_THAN_HALF
        desk.offer(request, MORE_THAN_HALF, reason="We are sorry.")
    desk.accept(RefundRequest.objects.get(service=one))
    with pytest.raises(RefundError):
        desk.accept(RefundRequest.objects.get(service=other))


def test_two_offers_accepted_at_once_stay_below_the_contracts_cap(
    desk_of_many: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of_many
    one = capped(CLAIMS["unused_share"].happen(desk))
    other = another_on_its_contract(one)
    desk.goes_down(other, hours=80)
    requests = [
        desk.offer(
            desk.evaluate(
                desk.file(service, "unavailable", keep=False, amount=MORE_THAN_HALF)
            ),
            MORE_THAN_HALF,
        )
        for service in (one, other)
    ]
    both_asked = Barrier(2)

    def asked_at_once(request: RefundRequest, *rest: object, at: datetime) -> bool:
        owed = owed_still(request, *rest, at=at)  # type: ignore[arg-type]
        meet(both_asked)
        return owed

    monkeypatch.setattr(answers, "owed_still", asked_at_once)
    at_once(*(partial(accept, r, by=desk.people.owner, at=desk.at) for r in requests))
    assert promised(one) + promised(other) <= CAP


def meet(barrier: Barrier) -> None:
    """Where a lock keeps the second one out, the first goes on alone."""
    try:
        barrier.wait(WAIT_SECONDS)
    except BrokenBarrierError:
        return


def test_units_paid_for_out_of_goodwill_are_not_paid_for_again(
    desk: Desk, people: People
) -> None:
    due = (desk.at + timedelta(days=9)).date()
    service = desk.service("quantity_package", "quantity", delivery_due_on=due)
    Usage.objects.create(service=service, ordered=1000, delivered=600)
    early = desk.evaluate(desk.file(service, "shortfall"))
    assert desk.answer(early).denied == "service_normal"
    desk.accept(desk.offer(early, 4_000_00, reason="For the units that are missing."))
    later = Desk(people, desk.at + timedelta(days=20))
    assert later.answer(later.file(service, "account_risk")).amount == 0


def test_a_service_that_ended_breaks_down_no_more(desk: Desk, people: People) -> None:
    service = desk.service("live_streaming", days=12)
    desk.goes_down(service, hours=80)
    ending = desk.evaluate(desk.file(service, "outage", keep=False, amount=PAID))
    owed = desk.answer(ending).amount
    assert owed
    desk.accept(desk.offer(ending, owed))
    service.refresh_from_db()
    assert service.ended_at == desk.at
    later = Desk(people, desk.at + timedelta(days=20))
    Outage.objects.create(
        service=service,
        began_at=desk.at + timedelta(days=5),
        ended_at=desk.at + timedelta(days=10),
        extent=Outage.Extent.TOTAL,
        cause=Outage.Cause.PROVIDER,
        business_affected=True,
        verified_by=people.evaluator,
    )
    assert not later.answer(later.file(service, "unavailable")).amount


@pytest.mark.parametrize("item", ["Tokio", "tokyo", ""])
def test_an_item_that_was_never_promised_is_not_found_missing(
    desk: Desk, item: str
) -> None:
    service = CLAIMS["undelivered_items"].happen(desk)
    request = desk.evaluate(desk.file(service, "not_delivered"))
    with pytest.raises(RefundError):
        desk.find(request, Finding.Kind.ITEM_UNDELIVERED, item)


def test_of_two_lapsed_twins_taken_up_at_once_one_is_refused_in_words(
    desk_of_many: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of_many
    service = CLAIMS["unused_share"].happen(desk)
    late = desk.at + timedelta(days=30)
    twins = []
    for _n in range(2):
        request = desk.evaluate(desk.file(service, "unavailable", amount=1_00))
        ask_for_information(
            request, by=desk.people.evaluator, at=desk.at, words="Which log is it?"
        )
        twins.append(again(request))
        lapse_overdue(at=late)
    assert {state_of(twin) for twin in twins} == {State.LAPSED}
    both_looked, real = Barrier(2), RefundRequest.open_twin

    def looked_at_once(request: RefundRequest) -> str | None:
        twin = real(request)
        meet(both_looked)
        return twin

    monkeypatch.setattr(RefundRequest, "open_twin", looked_at_once)
    met = at_once(
        *(
            partial(take_up_again, again(twin), by=desk.people.owner, at=late)
            for twin in twins
        )
    )
    assert sum(isinstance(each, RefundError) for each in met) == 1
