"""All open cases handed over in one act: foreseen, done, told."""

from datetime import date, timedelta

import pytest

from accounts.models import Absence, Membership, User
from refunds.errors import NotPermitted
from refunds.models import RefundRequest
from refunds.review.absence import outlook
from refunds.review.appeal import appeal
from refunds.review.handover import hand_over_all
from refunds.review.hands import claim
from refunds.review.information import ask_for_information
from refunds.review.rejection import reject
from tests.conftest import NOW
from tests.people import Case
from tests.refunds.pages import states
from tests.refunds.pages.visits import reads, text_of, visitor

PAGE = "/admin/absence/"
TODAY = date(2026, 11, 16)


@pytest.fixture
def theirs(case: Case) -> list[Case]:
    """What the evaluator has: two in evaluation, one that waits for documents, and an
    appeal in which the second evaluator had a part."""
    plain, waiting, appealed, own = case, *states.more(case, 3)
    plain.in_evaluation()
    waiting.in_evaluation()
    _ask(waiting)
    _judge(appealed)
    own.in_evaluation()
    return [plain, waiting, appealed, own]


def _ask(case: Case) -> None:
    ask_for_information(
        case.request, by=case.people.evaluator, at=case.at, words="Send us the log."
    )


def _judge(case: Case) -> None:
    """Declined by the second evaluator; the first one has the appeal in hand."""
    people = case.people
    states.passed_on(case)
    claim(case.request, by=people.second_evaluator, at=case.at)
    reject(
        case.request,
        by=people.second_evaluator,
        at=case.at,
        code="not_proven",
        words="The log shows none.",
    )
    case.at += timedelta(minutes=1)
    appeal(case.request, by=people.owner, at=case.at, words="It does.")
    claim(case.request, by=people.evaluator, at=case.at)


def all_of(person: User) -> str:
    return f"{PAGE}hand-over/{person.pk}/"


def test_the_page_says_beforehand_what_becomes_of_each_case(theirs: list[Case]) -> None:
    people = theirs[0].people
    Absence.objects.create(
        user=people.evaluator,
        deputy=people.second_evaluator,
        first_day=TODAY,
        last_day=TODAY,
    )
    client = visitor(people.evaluator)
    page = reads(client, all_of(people.evaluator))
    assert "If evaluator2 gets them" in page, "the deputy is filled in"
    assert page.count("goes to evaluator2") == 3
    assert page.count("goes back to the unclaimed") == 1
    assert "nobody who belongs to the customer or filed it" in page
    assert RefundRequest.objects.filter(handler=people.evaluator).count() == 4


def test_one_act_hands_over_all_and_tells_what_became_of_each(
    theirs: list[Case],
) -> None:
    plain, waiting, appealed, own = theirs
    people = plain.people
    client = visitor(people.evaluator)
    answer = client.post(
        all_of(people.evaluator),
        {"to": people.second_evaluator.email, "reason": "Back in December."},
    )
    page = text_of(answer)
    assert "To evaluator2: 3. Given back: 1. Stayed: 0." in page
    assert f"{appealed.request.number} Xinghe Media given back to the unclaimed" in page
    for each in (plain, waiting, own):
        assert each.request.handler == people.second_evaluator
        event = each.request.events.get(kind="hand_over")
        assert (event.actor, event.reason) == (people.evaluator, "Back in December.")
    assert appealed.request.handler is None


def test_what_waits_on_others_stays_where_the_other_may_not_have_it(
    theirs: list[Case],
) -> None:
    people = theirs[0].people
    Membership.objects.create(customer=people.customer, user=people.second_evaluator)
    page = text_of(
        visitor(people.lead).post(
            all_of(people.evaluator), {"to": people.second_evaluator.email}
        )
    )
    assert "To evaluator2: 0. Given back: 3. Stayed: 1." in page
    assert "stayed, and its superior hears of it They can't take this case." in page
    assert theirs[1].request.handler == people.evaluator


def test_what_was_foreseen_is_what_comes(theirs: list[Case]) -> None:
    people = theirs[0].people
    at = NOW + timedelta(hours=1)
    to = people.second_evaluator
    foreseen = outlook(people.evaluator, by=people.lead, at=at, to=to)
    done = hand_over_all(people.evaluator, by=people.lead, at=at, to=to)
    for what in ("over", "given_back", "kept"):
        seen = [line.case for line in foreseen if line.what == what]
        assert seen == getattr(done, what)


def test_nobody_else_hands_over_what_they_have(theirs: list[Case]) -> None:
    people = theirs[0].people
    for person in (people.second_evaluator, people.superuser, people.finance):
        client = visitor(person)
        assert client.get(all_of(people.evaluator)).status_code == 404
        answer = client.post(all_of(people.evaluator), {"to": person.email})
        assert answer.status_code == 404
    with pytest.raises(NotPermitted):
        outlook(
            people.evaluator,
            by=people.finance,
            at=NOW,
            to=people.second_evaluator,
        )
    assert RefundRequest.objects.filter(handler=people.evaluator).count() == 4


def test_of_who_left_the_superior_hands_over_what_is_left(theirs: list[Case]) -> None:
    people = theirs[0].people
    User.objects.filter(pk=people.evaluator.pk).update(is_active=False)
    lead = visitor(people.lead)
    assert "evaluator has left us 4" in reads(lead, PAGE)
    lead.post(all_of(people.evaluator), {"to": people.second_evaluator.email})
    assert "has left us" not in reads(lead, PAGE)


def test_to_nobody_or_to_oneself_is_asked_again(case: Case) -> None:
    case.in_evaluation()
    people = case.people
    client = visitor(people.evaluator)
    for to in ("", people.evaluator.email, people.owner.email):
        answer = client.post(all_of(people.evaluator), {"to": to})
        assert answer.status_code == 422
    assert case.request.handler == people.evaluator
