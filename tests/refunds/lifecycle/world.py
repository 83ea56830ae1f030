"""A case at a stage and everybody round it, dressed as the person who tries."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.contrib.auth.models import Group

from accounts.models import (
    Absence,
    Customer,
    Lead,
    Membership,
    Role,
    User,
)
from refunds.models import (
    RefundRequest,
    Threshold,
)
from refunds.states import IN_HAND
from tests.factories import (
    CustomerFactory,
    UserFactory,
)
from tests.people import Case, People, make_case, make_people
from tests.refunds.lifecycle.people import ACTED, FILED, PROPOSED, Person
from tests.refunds.lifecycle.reached import BUILD
from tests.refunds.lifecycle.table import ANOTHER_HAS_IT, HAS_IT, NOBODY_HAS_IT


@dataclass
class FiledForThem(Case):
    """Filed on the customer's behalf, so that who filed it can be tried too."""

    filer: User

    def draft(self, *, amount: int | None = None) -> RefundRequest:
        draft = super().draft(amount=amount)
        RefundRequest.objects.filter(pk=draft.pk).update(
            filed_by=self.filer, channel=RefundRequest.Channel.PHONE
        )
        return self.request


@dataclass
class World:
    """One case at a stage, and everybody round it."""

    case: FiledForThem
    another_customer: Customer
    colleague: User  # Has it in hand where the person tried has not.
    taker: User  # May be handed any case.
    groups: dict[str, Group]

    @cached_property
    def found(self) -> RefundRequest:
        """The case as it came to its stage; a step locks and reads it anew."""
        return self.request

    @property
    def request(self) -> RefundRequest:
        return self.case.request

    @property
    def at(self) -> datetime:
        return self.case.at

    def has(self, person: Person) -> bool:
        """What the records decide, nobody files on a customer's behalf."""
        return FILED not in person.deeds or self.found.filed_by_id == self.case.filer.pk

    def dress(self, person: Person) -> User:
        """The user who is that person; who did deeds, is who did them."""
        user = self._who_did(person) or UserFactory.build(name="the one who tries")
        user.is_active, user.is_staff = person.active, person.staff
        user.is_superuser = person.superuser
        new = user.pk is None
        user.save()
        if person.roles or not new:
            user.groups.set([self.groups[role] for role in person.roles])
        self._relate(user, person)
        return user

    def _who_did(self, person: Person) -> User | None:
        """Read anew: what an instance remembers of its roles is another person's."""
        did = self._identity(person)
        return did and User.objects.get(pk=did.pk)

    def _identity(self, person: Person) -> User | None:
        if PROPOSED in person.deeds:
            return self.case.people.evaluator
        if ACTED in person.deeds:
            return self.case.people.first_line
        if FILED in person.deeds:
            return self.case.filer
        return None

    def _relate(self, user: User, person: Person) -> None:
        customer = self.case.people.customer
        if person.membership:
            join(user, customer, person.membership)
        if person.of_another_customer:
            join(user, self.another_customer, "owner")
        if person.manages:
            ours = person.manages == "the customer"
            managed = customer if ours else self.another_customer
            Customer.objects.filter(pk=managed.pk).update(account_manager=user)
        if person.leads:
            Lead.objects.filter(role__name__in=person.leads).update(user=user)
        if person.deputy_of_leads:
            today = self.at.date()
            Absence.objects.create(
                user=self.case.people.lead,
                deputy=user,
                first_day=today,
                last_day=today,
            )
        if person.superior:
            User.objects.filter(pk=self.colleague.pk).update(superior=user)

    def put_in_hands(self, hand: str, user: User | None) -> None:
        holder = {HAS_IT: user, ANOTHER_HAS_IT: self.colleague, NOBODY_HAS_IT: None}
        found = self.request
        RefundRequest.objects.filter(pk=found.pk).update(handler=holder[hand])
        if found.state in IN_HAND:
            running = found.deadlines.filter(closed_at=None, left=None)
            running.update(user=holder[hand])


def join(user: User, customer: Customer, role: str) -> None:
    Membership.objects.create(user=user, customer=customer, role=role)


def make_world(stage: str, *, at: datetime) -> World:
    Threshold.objects.update(release_below=5_000_00)
    people: People = make_people()
    service = make_case(people, at=at).service
    case = FiledForThem(people, service, at, UserFactory.create(name="filer"))
    BUILD[stage](case)
    groups = {group.name: group for group in Group.objects.all()}
    roles = (Role.FIRST_LINE, Role.EVALUATOR)
    colleague, taker = (
        UserFactory.create(email=f"{name}@example.test", name=name, is_staff=True)
        for name in ("colleague", "taker")
    )
    for user in (colleague, taker):
        user.groups.set([groups[role] for role in roles])
    return World(case, CustomerFactory.create(), colleague, taker, groups)
