"""A world of people and open deadlines, as rows and as the oracle knows them."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.contrib.auth.models import Group

from accounts.models import Absence, Lead, Membership, Role, Service, User
from refunds.models import Deadline, Event, Ground, RefundRequest
from refunds.record.events import next_event
from refunds.states import State
from tests.factories import ContractFactory, CustomerFactory, UserFactory
from tests.refunds.clock.reminder_oracle import Clock, Person, hearers

ZONES = {"CN": "Asia/Shanghai", "US": "America/New_York"}
BEGAN = datetime(2026, 9, 1, 2, tzinfo=UTC)
OWED = (
    (Deadline.Kind.PRELIMINARY_REVIEW, Role.FIRST_LINE),
    (Deadline.Kind.EVALUATION, Role.EVALUATOR),
    (Deadline.Kind.APPROVAL, Role.APPROVER),
    (Deadline.Kind.ANSWER, "customer"),
)
Told = Counter[tuple[object, ...]]


@dataclass
class World:
    """Deadlines as rows, and as the oracle knows them."""

    chance: random.Random
    people: dict[int, Person] = field(default_factory=dict)
    in_hand: list[int | None] = field(default_factory=lambda: [None])
    of_role: dict[str, list[int]] = field(default_factory=dict)
    clocks: dict[int, Clock] = field(default_factory=dict)
    deadlines: dict[int, Deadline] = field(default_factory=dict)
    told: Told = field(default_factory=Counter)
    reminded: Told = field(default_factory=Counter)

    def staff(
        self, *roles: Role, superior: User | None = None, left: bool = False
    ) -> User:
        user: User = UserFactory.create(
            is_staff=True, superior=superior, is_active=not left
        )
        user.groups.set(Group.objects.filter(name__in=roles))
        above = superior.pk if superior else None
        self.people[user.pk] = Person(user.pk, superior=above, left=left)
        return user

    def swept(self, at: datetime) -> None:
        """What must stand there once a sweep at that moment is through."""
        for pk, before in self.clocks.items():
            after = self.clocks[pk] = before.swept(at)
            if after.stage != before.stage:
                self.expect(self.deadlines[pk], before.stage, after.stage, at)

    def expect(self, owed: Deadline, before: str, stage: str, at: datetime) -> None:
        late = stage.startswith("overdue")
        by = "customer" if owed.owner == "customer" else "staff"
        kind = f"{by}_overdue" if late else f"{by}_reminder"
        for person in self.who_hears(owed, overdue=late):
            self.told[owed.pk, kind, stage, person, at] += 1
        if owed.kind == Deadline.Kind.EVALUATION and not before:
            for person in self.of_role["customer"]:
                self.told[owed.pk, "customer_delayed", stage, person, at] += 1
        self.reminded[owed.request_id, owed.kind, stage, at] += 1

    def who_hears(self, owed: Deadline, *, overdue: bool) -> Iterable[int]:
        if owed.owner == "customer":
            return self.of_role["customer"]
        named = owed.user_id is not None and not self.people[owed.user_id].left
        owing = [owed.user_id] if named else self.of_role[owed.owner]
        return hearers(
            [pk for pk in owing if pk is not None],
            overdue=overdue,
            people=self.people.__getitem__,
        )


def make_world(deadlines: int, *, chance: random.Random) -> World:
    world = World(chance)
    people_of(world)
    services = services_of(world, -(-deadlines // len(Ground.values)))
    owner = User.objects.get(pk=world.of_role["customer"][0])
    requests = [
        request_about(services[n // len(Ground.values)], n, by=owner)
        for n in range(deadlines)
    ]
    RefundRequest.objects.bulk_create(requests)
    events = [begin(request) for request in requests]
    Event.objects.bulk_create(events)
    RefundRequest.objects.bulk_update(
        requests, ["event_count", "event_head"], batch_size=1000
    )
    rows = Deadline.objects.bulk_create(owes(world, request) for request in requests)
    world.deadlines = {row.pk: row for row in rows}
    world.clocks = {row.pk: clock_of(row) for row in rows}
    return world


def people_of(world: World) -> None:
    chief = world.staff()
    lead = world.staff(superior=chief)
    gone = world.staff(left=True)
    for role in (Role.FIRST_LINE, Role.EVALUATOR):
        Lead.objects.create(role=Group.objects.get(name=role), user=lead)
        world.of_role[role] = [lead.pk]
    approvers = [world.staff(Role.APPROVER, superior=lead) for _n in range(2)]
    world.staff(Role.APPROVER, left=True)
    world.of_role[Role.APPROVER] = [each.pk for each in approvers]
    in_hand = [
        world.staff(superior=lead),
        world.staff(),
        world.staff(superior=gone),
        world.staff(superior=lead, left=True),
        away := world.staff(superior=chief),
    ]
    world.in_hand += [each.pk for each in in_hand]
    Absence.objects.create(
        user=away,
        deputy=in_hand[0],
        first_day=date(2026, 9, 1),
        last_day=date(2026, 10, 31),
    )
    world.people[away.pk] = Person(away.pk, superior=chief.pk, deputy=in_hand[0].pk)


def services_of(world: World, count: int) -> list[Service]:
    customer = CustomerFactory.create()
    for role, active in (("owner", True), ("owner", True), ("owner", False)):
        user = UserFactory.create(is_active=active)
        Membership.objects.create(customer=customer, user=user, role=role)
        if active:
            world.of_role.setdefault("customer", []).append(user.pk)
    Membership.objects.create(customer=customer, user=UserFactory.create())
    contracts = [
        ContractFactory.create(customer=customer, calendar=country, time_zone=zone)
        for country, zone in ZONES.items()
    ]
    return Service.objects.bulk_create(
        Service(contract=world.chance.choice(contracts), name="Live", billing="term")
        for _n in range(count)
    )


def request_about(service: Service, n: int, *, by: User) -> RefundRequest:
    return RefundRequest(
        number=f"RF-2026-{n:06d}",
        customer_id=service.contract.customer_id,
        contract=service.contract,
        service=service,
        ground=Ground.values[n % len(Ground.values)],
        amount_asked=100_00,
        currency="CNY",
        state=State.EVALUATION,
        filed_by=by,
        submitted_at=BEGAN,
        event_count=1,
    )


def begin(request: RefundRequest) -> Event:
    """The history leads to where it stands."""
    request.event_count = 0
    return next_event(
        request, kind="pass_on", by=None, at=BEGAN, to_state=State.EVALUATION
    )


def owes(world: World, request: RefundRequest) -> Deadline:
    """Warned within the month before; due up to eight days later."""
    chance = world.chance
    kind, owner = chance.choice(OWED)
    zone = Clock(request.contract.calendar, request.contract.time_zone, BEGAN, BEGAN)
    warned = zone.next_working(date(2026, 9, chance.randint(1, 28)), +1)
    due = zone.next_working(warned + timedelta(days=chance.randint(0, 8)), +1)
    closes = chance.choice([time(17, 30), time(11, 23)])
    deadline = Deadline(
        request=request,
        kind=kind,
        owner=owner,
        user_id=None if owner == "customer" else chance.choice(world.in_hand),
        started_at=BEGAN,
        warn_at=zone.moment(warned, time(17, 30)),
        due_at=zone.moment(due, closes),
    )
    deadline.next_at = clock_of(deadline).next_at
    return deadline


def clock_of(deadline: Deadline) -> Clock:
    contract = deadline.request.contract
    return Clock(
        contract.calendar, contract.time_zone, deadline.warn_at, deadline.due_at
    ).started()
