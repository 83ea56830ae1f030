"""What the records alone decide, and what makes it a person's case after all."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from accounts.models import Customer, Payment, ProductLine, Service, Usage
from refunds.errors import NotAllowedAnyMore
from refunds.filing.automatic import decide, decide_waiting
from refunds.filing.drafts import draft_for, save_draft
from refunds.filing.evidence import add_evidence
from refunds.filing.submit import submit
from refunds.models import Evidence, Ground, Offer, RefundRequest
from refunds.pages.history import events_before, history_for_staff
from refunds.record.verify import find_breaks
from refunds.review.hands import claim
from refunds.states import State
from tests.conftest import NOW
from tests.factories import ContractFactory, ServiceFactory, pay_for
from tests.people import People, make_people
from tests.refunds.together import queued_behind

PRICE = 899_00
SOON = NOW + timedelta(seconds=3)


def course(customer: Customer) -> Service:
    """Bought two hours ago, nothing watched: `course.mistake`, up to CNY 2,000."""
    contract = ContractFactory.create(
        customer=customer,
        product_line=ProductLine.ONLINE_COURSE,
        signed_on=NOW.date(),
    )
    service = ServiceFactory.create(contract=contract, billing=Service.Billing.LESSONS)
    Usage.objects.create(service=service, lessons_total=20, lessons_used=0)
    pay_for(service, amount=PRICE, paid_at=NOW - timedelta(hours=2))
    return service  # type: ignore[no-any-return]


def sent(people: People, *, amount: int = PRICE, colour: str = "") -> RefundRequest:
    """Each with a paper of its own, unless they share a colour."""
    draft = draft_for(course(people.customer), by=people.owner)
    draft.ground, draft.amount_asked = Ground.MISTAKE, amount
    draft.description = "Bought twice by mistake."
    save_draft(draft)
    add_evidence(
        draft,
        content=_paper(colour or f"#{draft.pk:06x}"),
        name="receipt.png",
        kind=Evidence.Kind.PAYMENT_RECORD,
        by=people.owner,
        at=NOW,
    )
    return submit(draft, by=people.owner, at=NOW)


def _paper(colour: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "PNG")
    return out.getvalue()


def fresh(request: RefundRequest) -> RefundRequest:
    return RefundRequest.objects.get(pk=request.pk)


def test_what_the_records_prove_is_agreed_without_a_person(people: People) -> None:
    refund = sent(people)
    assert decide_waiting(at=SOON) == 1
    refund = fresh(refund)
    assert refund.state == State.AGREED
    assert refund.agreed_amount == PRICE
    assert refund.service.ended_at == NOW
    assert refund.compensation.given["spans"] == []
    assert not Offer.objects.exists()
    assert list(find_breaks()) == []


def test_the_second_sweep_finds_nothing_to_do(people: People) -> None:
    refund = sent(people)
    decide_waiting(at=SOON)
    assert decide_waiting(at=SOON) == 0
    assert fresh(refund).events.filter(kind="agree_automatically").count() == 1


def test_who_asks_for_less_gets_that(people: People) -> None:
    refund = sent(people, amount=100_00)
    decide_waiting(at=SOON)
    assert fresh(refund).agreed_amount == 100_00


def test_nothing_is_decided_that_a_rule_leaves_to_people(people: People) -> None:
    service = course(people.customer)
    Usage.objects.filter(service=service).update(lessons_used=1)
    draft = draft_for(service, by=people.owner)
    draft.ground, draft.amount_asked = Ground.CONTENT_DEFECT, PRICE
    draft.description = "The third lesson has no sound."
    save_draft(draft)
    kinds = (Evidence.Kind.PROGRESS_SCREENSHOT, Evidence.Kind.PAYMENT_RECORD)
    for number, kind in enumerate(kinds):
        add_evidence(
            draft,
            content=_paper(f"#{number:06x}"),
            name="shot.png",
            kind=kind,
            by=people.owner,
            at=NOW,
        )
    refund = submit(draft, by=people.owner, at=NOW)
    assert decide_waiting(at=SOON) == 0
    assert fresh(refund).state == State.SUBMITTED


def waits_for_a_person(request: RefundRequest, *, words: str) -> None:
    refund = fresh(request)
    assert refund.state == State.SUBMITTED
    assert not refund.decides_itself
    assert history_for_staff(events_before(refund, None)).lines[0].reason == words
    assert list(find_breaks()) == []


def test_a_payment_in_dispute_is_a_warning_sign(people: People) -> None:
    refund = sent(people)
    Payment.objects.filter(customer=people.customer).update(disputed=True)
    assert decide_waiting(at=SOON) == 0
    waits_for_a_person(refund, words="A payment of the customer is in dispute.")


def test_a_second_one_under_the_same_rule_waits_for_90_days(people: People) -> None:
    sent(people)
    decide_waiting(at=SOON)
    second = sent(people)
    assert decide_waiting(at=SOON) == 0
    waits_for_a_person(
        second, words="The customer was refunded under this rule within 90 days."
    )
    RefundRequest.objects.filter(state=State.AGREED).update(
        agreed_at=NOW - timedelta(days=91)
    )
    third = sent(people)
    assert decide(third, at=SOON)


def test_papers_seen_with_another_request_are_a_warning_sign(people: People) -> None:
    RefundRequest.objects.filter(pk=sent(people, colour="red").pk).update(
        decides_itself=False
    )
    second = sent(people, colour="red")
    assert decide_waiting(at=SOON) == 0
    waits_for_a_person(second, words="The same evidence was sent with another request.")


def test_usage_that_came_in_meanwhile_leaves_it_to_people(people: People) -> None:
    refund = sent(people)
    Usage.objects.filter(service=refund.service).update(lessons_used=1)
    assert decide_waiting(at=SOON) == 0
    waits_for_a_person(refund, words="")


def test_who_claimed_it_first_decides_it(people: People) -> None:
    refund = sent(people)
    claim(refund, by=people.first_line, at=SOON)
    assert not decide(refund, at=SOON)
    assert fresh(refund).state == State.PRELIMINARY_REVIEW


@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
def test_two_workers_agree_on_it_once() -> None:
    refund = sent(make_people())
    done = queued_behind(
        [refund], lambda: decide(refund, at=SOON), lambda: decide(refund, at=SOON)
    )
    assert sorted(map(bool, done)) == [False, True]
    assert refund.events.filter(kind="agree_automatically").count() == 1


@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
def test_of_two_at_the_same_moment_the_second_sees_the_first() -> None:
    people = make_people()
    first, second = sent(people), sent(people)
    done = queued_behind(
        [people.customer],
        lambda: decide(first, at=SOON),
        lambda: decide(second, at=SOON),
    )
    assert sorted(map(bool, done)) == [False, True]


@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
def test_a_claim_and_the_records_at_once_have_one_winner() -> None:
    people = make_people()
    refund = sent(people)
    decided, claimed = queued_behind(
        [refund],
        lambda: decide(refund, at=SOON),
        lambda: claim(refund, by=people.first_line, at=SOON),
    )
    assert bool(decided) is isinstance(claimed, NotAllowedAnyMore)
