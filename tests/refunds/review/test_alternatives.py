"""Instead of a refund, or beside it: offered with four eyes, chosen, carried out."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from refunds.errors import NotPermitted, RefundError
from refunds.models import Deadline, Offer, RefundRequest
from refunds.payouts.release import move_agreed_on
from refunds.review.answers import accept
from refunds.review.approval import approve
from refunds.review.fulfilment import fulfil
from refunds.review.offer import offer
from refunds.review.rejection import reject
from refunds.states import State
from tests.people import Case
from tests.refunds.claims import Desk, again

LONGER: dict[str, Any] = {
    "alternative": "extension",
    "alternative_words": "A month longer, until 16 December 2027.",
    "reason": "They would rather stay.",
}


def offered(case: Case, *, amount: int, instead: bool = False) -> RefundRequest:
    """With an extension; approved, because it is no computed amount alone."""
    people = case.people
    request = case.in_evaluation()
    offer(
        request,
        by=people.evaluator,
        at=case.at,
        amount=amount,
        instead=instead,
        **LONGER,
    )
    approve(case.request, by=people.approver, at=case.at)
    return case.request


def test_an_alternative_beside_the_computed_sum_needs_a_second_person(
    case: Case,
) -> None:
    request = case.in_evaluation(amount=1_000_00)
    assert not Offer.objects.exists()
    offer(request, by=case.people.evaluator, at=case.at, amount=1_000_00, **LONGER)
    assert case.request.state == State.PENDING_APPROVAL
    assert Offer.objects.get().departs


def test_both_are_agreed_and_the_service_ends_with_the_money(case: Case) -> None:
    accept(offered(case, amount=10_000_00), by=case.people.owner, at=case.at)
    request = case.request
    assert (request.agreed_amount, request.agreed_alternative) == (
        10_000_00,
        "extension",
    )
    case.service.refresh_from_db()
    assert case.service.ended_at == request.submitted_at


def test_where_the_customer_chooses_they_choose(case: Case) -> None:
    request = offered(case, amount=10_000_00, instead=True)
    with pytest.raises(RefundError, match="Choose one"):
        accept(request, by=case.people.owner, at=case.at)
    with pytest.raises(RefundError, match="Choose one"):
        accept(request, by=case.people.owner, at=case.at, choice="everything")
    assert case.request.state == State.OFFERED
    accept(request, by=case.people.owner, at=case.at, choice="refund")
    agreed = case.request
    assert (agreed.agreed_amount, agreed.agreed_alternative) == (10_000_00, "")


def test_who_chooses_the_alternative_keeps_the_service_until_it_is_carried_out(
    case: Case,
) -> None:
    people = case.people
    request = offered(case, amount=10_000_00, instead=True)
    accept(request, by=people.owner, at=case.at, choice="alternative")
    agreed = case.request
    assert (agreed.agreed_amount, agreed.agreed_alternative) == (0, "extension")
    case.service.refresh_from_db()
    assert case.service.ended_at is None
    assert move_agreed_on(at=case.at) == 1
    assert case.request.state == State.FULFILLING
    owed = Deadline.objects.get(request=agreed, closed_at=None)
    assert (owed.kind, owed.owner) == ("alternative", "evaluator")
    with pytest.raises(RefundError, match="Say what"):
        fulfil(case.request, by=people.evaluator, at=case.at, words=" ")
    with pytest.raises(NotPermitted):
        fulfil(case.request, by=people.finance, at=case.at, words="Done.")
    fulfil(case.request, by=people.evaluator, at=case.at, words="It ends later now.")
    assert case.request.state == State.FULFILLED
    said = case.request.messages.latest("pk")
    assert (said.words, said.from_customer) == ("It ends later now.", False)
    assert not Deadline.objects.filter(request=agreed, closed_at=None).exists()


def test_what_is_owed_is_never_replaced_unasked(case: Case) -> None:
    request, people = case.in_evaluation(), case.people
    with pytest.raises(RefundError, match="offered in money") as refused:
        offer(request, by=people.evaluator, at=case.at, amount=0, **LONGER)
    assert refused.value.field == "amount"
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"alternative_words": "  "}, "alternative_words"),
        ({"alternative": ""}, "alternative"),
        ({"alternative": "gold"}, "alternative"),
        ({"reason": ""}, "reason"),
    ],
)
def test_half_an_alternative_is_refused_at_its_field(
    case: Case, change: dict[str, str], field: str
) -> None:
    request, by = case.in_evaluation(), case.people.evaluator
    with pytest.raises(RefundError) as refused:
        offer(request, by=by, at=case.at, amount=10_000_00, **{**LONGER, **change})
    assert refused.value.field == field
    assert case.request.state == State.EVALUATION


def test_where_nothing_is_owed_an_alternative_stands_alone(
    case: Case, now: datetime
) -> None:
    desk = Desk(case.people, now)
    service = desk.service("live_streaming")
    desk.goes_down(service, hours=1)
    request = desk.evaluate(desk.file(service, "outage"))
    assert desk.answer(request).denied
    by = case.people.evaluator
    with pytest.raises(RefundError, match="no money to choose instead of"):
        offer(request, by=by, at=now, amount=0, instead=True, **LONGER)
    offer(request, by=by, at=now, amount=0, **LONGER)
    assert again(request).state == State.PENDING_APPROVAL
    approve(request, by=case.people.approver, at=now)
    agreed = desk.accept(again(request))
    assert (agreed.agreed_amount, agreed.agreed_alternative) == (0, "extension")


def test_to_pay_nothing_and_give_nothing_is_to_decline(case: Case) -> None:
    request, by = case.in_evaluation(), case.people.evaluator
    with pytest.raises(RefundError, match="decline"):
        offer(request, by=by, at=case.at, amount=0)
    reject(request, by=by, at=case.at, code="not_proven", words="No log.")


@pytest.mark.database_rules
@pytest.mark.parametrize(
    "change",
    [
        {"amount": 0, "alternative": "", "alternative_words": "", "instead": False},
        {"alternative_words": ""},
        {"amount": 0, "instead": True},
    ],
)
def test_the_database_keeps_no_offer_of_nothing(
    case: Case, change: dict[str, object]
) -> None:
    offered(case, amount=10_000_00)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.update(**change)
