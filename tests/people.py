"""Who is who in the tests, and how they stand to each other."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from PIL import Image

from accounts.models import Customer, Lead, Membership, Role, Service, User
from refunds.filing.drafts import draft_for, save_draft
from refunds.filing.evidence import add_evidence
from refunds.filing.submit import submit
from refunds.gateways.sandbox.ledger import Ledger
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import Evidence, Ground, RefundRequest
from refunds.review.answers import accept
from refunds.review.approval import approve
from refunds.review.hands import claim, pass_on
from refunds.review.offer import offer
from tests.factories import (
    CustomerFactory,
    UserFactory,
    live_service,
    second_factor_of,
)


@dataclass(frozen=True)
class People:
    customer: Customer
    owner: User  # may file, accept, appeal for `customer`
    member: User  # may file and follow for `customer`
    stranger: User  # owner of another customer: must see nothing
    first_line: User
    evaluator: User
    second_evaluator: User
    approver: User
    finance: User
    auditor: User
    account_manager: User  # of `customer`
    superuser: User  # may open every stock page; has no role
    lead: User  # of every role, superior of all


STAFF = {
    "first": Role.FIRST_LINE,
    "evaluator": Role.EVALUATOR,
    "evaluator2": Role.EVALUATOR,
    "approver": Role.APPROVER,
    "finance": Role.FINANCE,
    "auditor": Role.AUDITOR,
    "manager": Role.ACCOUNT_MANAGER,
}


def make_people() -> People:
    """A statement for each table, because nearly every test begins with them."""
    lead = UserFactory.create(email="lead@example.test", name="lead", is_staff=True)
    root = UserFactory.build(
        email="root@example.test", is_staff=True, is_superuser=True
    )
    staff = {name: _person(name, is_staff=True, superior=lead) for name in STAFF}
    members = {name: _person(name) for name in ("owner", "member", "stranger")}
    User.objects.bulk_create([root, *staff.values(), *members.values()])
    _give_roles(lead, root, staff)
    customer = CustomerFactory.create(
        name="Xinghe Media", account_manager=staff["manager"]
    )
    _let_act(members, customer)
    return People(
        customer=customer,
        **members,
        first_line=staff["first"],
        evaluator=staff["evaluator"],
        second_evaluator=staff["evaluator2"],
        approver=staff["approver"],
        finance=staff["finance"],
        auditor=staff["auditor"],
        account_manager=staff["manager"],
        superuser=root,
        lead=lead,
    )


def _person(name: str, **more: object) -> User:
    user: User = UserFactory.build(email=f"{name}@example.test", name=name, **more)
    return user


def _give_roles(lead: User, root: User, staff: dict[str, User]) -> None:
    groups = {group.name: group for group in Group.objects.all()}
    User.groups.through.objects.bulk_create(
        User.groups.through(user=staff[name], group=groups[role])
        for name, role in STAFF.items()
    )
    Lead.objects.bulk_create(Lead(role=role, user=lead) for role in groups.values())
    Authenticator.objects.bulk_create(
        second_factor_of(user) for user in (root, *staff.values())
    )


def _let_act(members: dict[str, User], customer: Customer) -> None:
    owner = Membership.Role.OWNER
    act = (
        (members["owner"], customer, owner),
        (members["member"], customer, Membership.Role.MEMBER),
        (members["stranger"], CustomerFactory.create(), owner),
    )
    Membership.objects.bulk_create(
        Membership(user=user, customer=each, role=role) for user, each, role in act
    )


@dataclass
class Case:
    """One request of the owner's, and the moves that bring it along."""

    people: People
    service: Service
    at: datetime

    @property
    def request(self) -> RefundRequest:
        return RefundRequest.objects.get(service=self.service)

    def draft(self, *, amount: int | None = None) -> RefundRequest:
        draft = draft_for(self.service, by=self.people.owner)
        draft.ground = Ground.UNAVAILABLE
        draft.description = "Nothing could be streamed for days."
        draft.amount_asked = amount if amount is not None else 10_000_00
        save_draft(draft)
        add_evidence(
            draft,
            content=picture(),
            name="log.jpg",
            kind=Evidence.Kind.FAULT_LOG,
            by=self.people.owner,
            at=self.at,
        )
        return draft

    def submitted(self, *, amount: int | None = None) -> RefundRequest:
        return submit(self.draft(amount=amount), by=self.people.owner, at=self.at)

    def in_evaluation(self, *, amount: int | None = None) -> RefundRequest:
        self.submitted(amount=amount)
        claim(self.request, by=self.people.first_line, at=self.at)
        pass_on(self.request, by=self.people.first_line, at=self.at, reason="")
        claim(self.request, by=self.people.evaluator, at=self.at)
        return self.request

    def pending_approval(self) -> RefundRequest:
        self.in_evaluation()
        offer(self.request, by=self.people.evaluator, at=self.at, amount=10_000_00)
        return self.request

    def offered(self) -> RefundRequest:
        self.pending_approval()
        approve(self.request, by=self.people.approver, at=self.at)
        return self.request

    def agreed(self) -> RefundRequest:
        self.offered()
        accept(self.request, by=self.people.owner, at=self.at)
        return self.request

    def known_to(self, sandbox: Sandbox) -> None:
        self.known_in(sandbox.ledger)

    def known_in(self, ledger: Ledger) -> None:
        """The payments of this case, as the sandbox's trades."""
        for allocation in self.service.allocations.select_related("payment"):
            payment = allocation.payment
            ledger.put_trade(
                route=payment.route,
                currency=payment.currency,
                trade_no=payment.trade_number,
                out_trade_no=f"order-{payment.pk}",
                total_minor=payment.amount,
                paid_at=payment.paid_at,
            )


def make_case(people: People, *, at: datetime) -> Case:
    service = live_service(customer=people.customer, reviewer=people.evaluator, at=at)
    return Case(people, service, at)


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), "#336699").save(out, "JPEG")
    return out.getvalue()
