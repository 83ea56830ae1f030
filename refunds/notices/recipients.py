"""Who hears of what: the people behind a customer, a role, a deadline.

A Directory is read once for many requests, in a fixed number of queries. Who is away is
heard for by their deputy; what somebody who left us has in hand, by the role's lead.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from accounts.absences import absences_at
from accounts.models import Lead, Membership, User
from refunds.models import Deadline, RefundRequest


class Directory:
    def __init__(self, requests: Iterable[RefundRequest], *, at: datetime) -> None:
        self.requests = list(requests)
        self.at = at
        self.of_roles: dict[str, list[User]] = {}

    @cached_property
    def owners(self) -> dict[int, list[User]]:
        """By customer. The customer's side has no deputies: all owners hear."""
        found: dict[int, list[User]] = defaultdict(list)
        memberships = Membership.objects.filter(
            customer__in={request.customer_id for request in self.requests},
            role=Membership.Role.OWNER,
            user__is_active=True,
        )
        for membership in memberships.select_related("user").order_by("pk"):
            found[membership.customer_id].append(membership.user)
        return found

    @cached_property
    def deputies(self) -> dict[int, User]:
        """By the key of who is away."""
        absences = absences_at(self.at).select_related("deputy__superior")
        return {absence.user_id: absence.deputy for absence in absences}

    @cached_property
    def leads(self) -> dict[str, User]:
        leads = Lead.objects.filter(user__is_active=True, user__is_staff=True)
        found = leads.select_related("user__superior", "role")
        return {lead.role.name: lead.user for lead in found}

    def owners_of(self, request: RefundRequest) -> list[User]:
        return self.owners[request.customer_id]

    def leads_of(self, role: str) -> list[User]:
        """The lead of a role; where nobody is, everybody who has the role."""
        if lead := self.leads.get(role):
            return [lead]
        if role not in self.of_roles:
            people = User.objects.filter(
                is_active=True, is_staff=True, groups__name=role
            )
            self.of_roles[role] = list(people.select_related("superior"))
        return self.of_roles[role]

    def present(self, people: Iterable[User]) -> list[User]:
        """Each of them, or who stands in; nobody twice."""
        return list({p.pk: p for p in map(self._stand_in, people)}.values())

    def who_owes(self, deadline: Deadline) -> list[User]:
        """The people themselves, present or not."""
        if deadline.owner == Deadline.Owner.CUSTOMER:
            return self.owners_of(deadline.request)
        if deadline.user is not None and _works_here(deadline.user):
            return [deadline.user]
        return self.leads_of(deadline.owner)

    def who_hears(self, deadline: Deadline, *, overdue: bool) -> list[User]:
        """Of a reminder: who owes it; when it is overdue, their superior too."""
        people = self.who_owes(deadline)
        if deadline.owner == Deadline.Owner.CUSTOMER:
            return people
        return self.present([*people, *(self.superiors(people) if overdue else [])])

    def superiors(self, people: Iterable[User]) -> list[User]:
        above = [person.superior for person in people if person.superior is not None]
        return [superior for superior in above if _works_here(superior)]

    def _stand_in(self, person: User) -> User:
        """Whose deputy is away as well, is stood in for by the deputy's own; where all
        of them are away, by nobody."""
        passed = {person.pk}
        here = person
        while (deputy := self.deputies.get(here.pk)) is not None:
            if deputy.pk in passed or not _works_here(deputy):
                return person
            passed.add(deputy.pk)
            here = deputy
        return here


def _works_here(person: User) -> bool:
    return person.is_active and person.is_staff
