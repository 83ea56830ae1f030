"""Who hears of what: the people behind a customer, a role, a deadline.

A Directory is read once for many requests, in a fixed number of queries.
"""

from collections import defaultdict
from collections.abc import Iterable

from accounts.models import Lead, Membership, User
from refunds.models import Deadline, RefundRequest


class Directory:
    def __init__(self, requests: Iterable[RefundRequest]) -> None:
        self.requests = list(requests)
        self.owners: dict[int, list[User]] = defaultdict(list)
        memberships = Membership.objects.filter(
            customer__in={request.customer_id for request in self.requests},
            role=Membership.Role.OWNER,
            user__is_active=True,
        )
        for membership in memberships.select_related("user__superior"):
            self.owners[membership.customer_id].append(membership.user)
        leads = Lead.objects.select_related("user__superior", "role")
        self.leads = {lead.role.name: [lead.user] for lead in leads}

    def owners_of(self, request: RefundRequest) -> list[User]:
        return self.owners[request.customer_id]

    def leads_of(self, role: str) -> list[User]:
        """The lead of a role; where nobody is, everybody who has the role."""
        if role not in self.leads:
            people = User.objects.filter(is_active=True, groups__name=role)
            self.leads[role] = list(people.select_related("superior"))
        return self.leads[role]

    def who_owes(self, deadline: Deadline) -> list[User]:
        if deadline.owner == Deadline.Owner.CUSTOMER:
            return self.owners_of(deadline.request)
        if deadline.user is not None:
            return [deadline.user]
        return self.leads_of(deadline.owner)


def with_superiors(people: Iterable[User]) -> list[User]:
    everybody = {person.pk: person for person in people}
    for person in list(everybody.values()):
        if person.superior is not None:
            everybody.setdefault(person.superior.pk, person.superior)
    return list(everybody.values())
