"""Who may see which customer: nothing else decides it."""

import pytest

from accounts.access import (
    contracts_of,
    customers_of,
    customers_seen_by_staff,
    membership_of,
    payments_of,
    services_of,
)
from accounts.models import Customer, Membership, Role, User
from tests.factories import CustomerFactory, UserFactory
from tests.people import Case, People
from tests.refunds.pages.visits import reads, visitor

READS_EVERY_CASE = (
    Role.FIRST_LINE,
    Role.EVALUATOR,
    Role.APPROVER,
    Role.FINANCE,
    Role.AUDITOR,
)
READS_NONE = (Role.ADMINISTRATOR, Role.POLICY_EDITOR)


def holder(people: People, role: Role) -> User:
    people.lead.groups.set(people.evaluator.groups.model.objects.filter(name=role))
    return people.lead


@pytest.mark.parametrize("role", READS_EVERY_CASE)
def test_who_reviews_reads_every_customer(people: People, role: Role) -> None:
    seen = customers_seen_by_staff(holder(people, role))
    assert seen.count() == Customer.objects.count()


@pytest.mark.parametrize("role", READS_NONE)
def test_who_decides_no_case_reads_none(people: People, role: Role) -> None:
    assert not customers_seen_by_staff(holder(people, role)).exists()


@pytest.mark.parametrize("role", [Role.SUPPORT_AGENT, Role.EXPERT])
def test_who_has_the_tickets_of_a_line_reads_not_every_customer(
    people: People, role: Role
) -> None:
    assert not customers_seen_by_staff(holder(people, role)).exists()


def test_an_account_manager_reads_their_own_customers(people: People) -> None:
    assert list(customers_seen_by_staff(people.account_manager)) == [people.customer]


def test_a_role_counts_only_for_active_staff(people: People) -> None:
    for change in ({"is_staff": False}, {"is_active": False}):
        person = User.objects.get(pk=people.evaluator.pk)
        for name, value in change.items():
            setattr(person, name, value)
        assert person.roles == frozenset()
        assert not customers_seen_by_staff(person).exists()


def test_to_be_a_superuser_is_no_role(people: People) -> None:
    assert people.superuser.roles == frozenset()
    assert customers_seen_by_staff(people.superuser).exists()
    people.superuser.is_active = False
    assert not customers_seen_by_staff(people.superuser).exists()


def test_one_acts_for_ones_own_customers(case: Case) -> None:
    people = case.people
    for who in (people.owner, people.member):
        assert list(customers_of(who)) == [people.customer]
        assert list(services_of(who)) == [case.service]
        assert list(contracts_of(who)) == [case.service.contract]
        assert payments_of(who).count() == 1
    assert membership_of(people.owner, people.customer.pk) == "owner"
    assert membership_of(people.member, people.customer.pk) == "member"
    for other in (people.stranger, people.evaluator, people.superuser):
        assert case.service not in services_of(other)
        assert not payments_of(other).exists()
        assert membership_of(other, people.customer.pk) is None


def test_who_is_deactivated_acts_for_nobody(people: People) -> None:
    people.owner.is_active = False
    assert not customers_of(people.owner).exists()
    assert membership_of(people.owner, people.customer.pk) is None


def test_one_person_may_belong_to_two_customers(case: Case) -> None:
    other = CustomerFactory.create(name="Second Company")
    Membership.objects.create(
        customer=other, user=case.people.owner, role=Membership.Role.MEMBER
    )
    assert customers_of(case.people.owner).count() == 2
    assert membership_of(case.people.owner, other.pk) == "member"


def test_the_front_door_leads_each_to_their_own(people: People) -> None:
    for person, place in (
        (None, "/account/login/"),
        (people.owner, "/services/"),
        (people.first_line, "/admin/"),
    ):
        assert visitor(person).get("/")["Location"] == place


def test_who_has_no_customer_reads_why_the_list_is_empty(people: People) -> None:
    newcomer = visitor(UserFactory.create())
    assert "No service is on your account yet." in reads(newcomer, "/services/")
    assert "You have not asked for a refund yet." in reads(newcomer, "/requests/")


@pytest.mark.django_db
def test_an_address_is_one_whatever_its_case() -> None:
    made = User.objects.create_user("Lina@Xinghe.Example", "a long password")
    assert made.email == "lina@xinghe.example"
    assert User.objects.get_by_natural_key("LINA@xinghe.example") == made


def test_the_console_is_for_staff(people: People) -> None:
    for person in (people.owner, people.stranger, None):
        answer = visitor(person).get("/admin/")
        assert answer["Location"].startswith("/admin/login/")
    assert visitor(people.auditor).get("/admin/").status_code == 200
