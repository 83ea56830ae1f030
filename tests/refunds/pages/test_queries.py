"""A page costs the same with many rows as with one."""

from datetime import timedelta

import pytest

from accounts.members import invite
from accounts.models import Membership
from refunds.models import Measurement, RefundRequest
from refunds.review.messages import write
from tests.factories import UserFactory, pay_for
from tests.people import Case
from tests.refunds.pages.states import REACHES, more
from tests.refunds.pages.visits import queries, visitor


def test_my_requests_grow_without_more_queries(case: Case) -> None:
    case.submitted()
    owner = visitor(case.people.owner)
    with_one = queries(owner, "/requests/")
    others = more(case, 6)
    for other in others[:3]:
        other.submitted()
    for other in others[3:]:
        other.draft()
    assert queries(owner, "/requests/") == with_one


def test_my_services_grow_without_more_queries(case: Case) -> None:
    owner = visitor(case.people.owner)
    with_one = queries(owner, "/services/")
    more(case, 14)
    assert queries(owner, "/services/") == with_one


def test_a_request_costs_the_same_with_a_long_history(case: Case) -> None:
    request = case.offered()
    owner = visitor(case.people.owner)
    path = f"/requests/{request.number}/"
    write(request, by=case.people.owner, at=case.at, words="When?")
    with_few = queries(owner, path)
    for who in (case.people.owner, case.people.evaluator) * 17:
        write(request, by=who, at=case.at, words="Soon.")
    assert request.events.count() >= 40
    assert queries(owner, path) == with_few
    assert with_few <= 30


def test_a_draft_costs_the_same_with_many_files(case: Case) -> None:
    draft = case.draft()
    owner = visitor(case.people.owner)
    path = f"/drafts/{draft.pk}/"
    with_one = queries(owner, path)
    file = draft.evidence.get()
    for number in range(12):
        file.pk, file.sha256 = None, f"{number:064}"
        file.save(force_insert=True)
    assert queries(owner, path) == with_one


def grow(case: Case) -> None:
    """Much of everything that a customer's page may show."""
    people, request = case.people, case.request
    for number in range(6):
        write(request, by=people.owner, at=case.at, words=f"When? {number}")
        write(request, by=people.evaluator, at=case.at, words=f"Soon. {number}")
        person = UserFactory.create()
        Membership.objects.create(customer=people.customer, user=person, role="member")
        invite(
            people.customer,
            email=f"guest{number}@example.test",
            role=Membership.Role.MEMBER,
            by=people.owner,
            at=case.at,
        )
        pay_for(case.service, amount=100_00, paid_at=case.at)
        outage = case.service.outages.earliest("pk")
        outage.pk, outage.began_at = None, outage.began_at - timedelta(days=number + 1)
        outage.ended_at = outage.began_at + timedelta(hours=1)
        outage.save(force_insert=True)
        more_evidence(request, number)
    for index, other in enumerate(more(case, 6)):
        other.submitted() if index % 2 else other.draft()


def more_evidence(request: RefundRequest, number: int) -> None:
    file = request.evidence.earliest("pk")
    file.pk, file.sha256 = None, f"{number + 100:064}"
    file.save(force_insert=True)
    Measurement.objects.create(
        request=request,
        evidence=file,
        metric="availability",
        period_from=file.added_at - timedelta(days=3),
        period_to=file.added_at - timedelta(days=2),
        measured="98.5",
        added_by=file.added_by,
        added_at=file.added_at,
    )


def address_of(case: Case, page: str) -> str:
    request = case.request
    known = {
        "number": request.number,
        "contract": case.service.contract.number,
        "service": case.service.pk,
        "draft": request.pk,
        "customer": case.people.customer.pk,
    }
    return page.format(**known)


REQUEST = "/requests/{number}/"
WALK = [
    ("draft", "/services/"),
    ("draft", "/services/{service}/"),
    ("draft", "/contracts/{contract}/terms/"),
    ("draft", "/drafts/{draft}/"),
    ("draft", "/drafts/{draft}/check/"),
    ("submitted", "/requests/"),
    ("submitted", REQUEST),
    ("submitted", REQUEST + "receipt/"),
    ("submitted", REQUEST + "add/"),
    ("submitted", REQUEST + "withdraw/"),
    ("awaiting_information", REQUEST + "supply_information/"),
    ("offered", REQUEST),
    ("offered", REQUEST + "accept/"),
    ("offered", REQUEST + "propose_otherwise/"),
    ("offered", REQUEST + "appeal/"),
    ("rejected", REQUEST),
    ("rejected", REQUEST + "bring_new_evidence/"),
    ("agreed", REQUEST),
    ("agreed", REQUEST + "receipt/"),
    ("lapsed", REQUEST + "take_up_again/"),
    ("submitted", "/customers/{customer}/members/"),
    ("submitted", "/policy/"),
    ("submitted", "/policy/calculator/"),
]


@pytest.mark.parametrize(("reach", "page"), WALK)
def test_every_page_costs_the_same_with_much_as_with_little(
    case: Case, reach: str, page: str
) -> None:
    case.draft() if reach == "draft" else REACHES[reach](case)
    owner = visitor(case.people.owner)
    path = address_of(case, page)
    with_little = queries(owner, path)
    grow(case)
    assert queries(owner, path) == with_little
    assert with_little <= 40
