"""Who takes part: customers with an owner each, and the staff that is there, with
some more where a role has too few."""

from dataclasses import dataclass, field
from random import Random

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import Customer, Lead, Membership, Role, User
from refunds.demo.many import words
from refunds.demo.many.tables import Ids, Rows

# By role: how many there are at least.
STAFF = {Role.FIRST_LINE: 6, Role.EVALUATOR: 8, Role.APPROVER: 3, Role.FINANCE: 3}


@dataclass(frozen=True)
class Client:
    """A customer and its owner, as row numbers."""

    pk: int
    user: int
    name: str
    chinese: bool


@dataclass
class Staff:
    """Row numbers of users, by role."""

    by_role: dict[str, list[int]] = field(default_factory=dict)

    def one(self, role: Role, dice: Random, *, but: set[int] = frozenset()) -> int:  # type: ignore[assignment]
        """Somebody who had no part in what they now look at."""
        return dice.choice([user for user in self.by_role[role] if user not in but])


def staff() -> Staff:
    """Whoever has one of the roles, and nobody of a customer's."""
    found = Staff()
    for role, least in STAFF.items():
        group = Group.objects.get(name=role.value)
        people = User.objects.filter(
            groups=group, is_staff=True, is_active=True, memberships=None
        )
        for number in range(people.count() + 1, least + 1):
            _hire(group, number)
        found.by_role[role] = list(people.order_by("pk").values_list("pk", flat=True))
        if not Lead.objects.filter(role=group).exists():
            lead = found.by_role[role][0]
            Lead.objects.create(role=group, user_id=lead)
    return found


def _hire(group: Group, number: int) -> None:
    """Nobody can sign in as them."""
    dice = Random(f"{group.name} {number}")
    user, _made = User.objects.get_or_create(
        email=f"{group.name.replace('_', '-')}-{number}@makegood.example",
        defaults={
            "name": words.person(dice, chinese=True),
            "password": make_password(None),
            "is_staff": True,
        },
    )
    user.groups.add(group)


def clients(count: int, *, dice: Random) -> list[Client]:
    """New ones, written; two in three are Chinese."""
    rows, ids = Rows(), Ids()
    made = [_client(rows, ids, dice) for _each in range(count)]
    rows.write(last=Customer)
    return made


def _client(rows: Rows, ids: Ids, dice: Random) -> Client:
    chinese, company = dice.random() < 2 / 3, dice.random() < 0.7
    owner = words.person(dice, chinese=chinese)
    name = words.company(dice, chinese=chinese) if company else owner
    language = "zh-hans" if chinese else "en"
    client = Client(ids.next(Customer), ids.next(User), name, chinese)
    rows.add(
        Customer,
        id=client.pk,
        name=name,
        kind="company" if company else "individual",
        tier="dedicated" if company and dice.random() < 0.1 else "standard",
        language=language,
    )
    rows.add(
        User,
        id=client.user,
        email=f"owner-{client.pk}@customers.example",
        name=owner,
        language=language,
        password=NO_PASSWORD,
        date_joined=timezone.now(),
    )
    rows.add(
        Membership,
        customer_id=client.pk,
        user_id=client.user,
        role=str(Membership.Role.OWNER),
    )
    return client


# Without the random part that Django adds, a million times the same.
NO_PASSWORD = "!"
