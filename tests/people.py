"""Who is who in the tests, and how they stand to each other."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

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
from tests.factories import CustomerFactory, UserFactory, live_service


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


def make_people() -> People:
    customer = CustomerFactory.create(name="Xinghe Media")
    lead = _staff("lead", None)
    people = People(
        customer=customer,
        owner=_member("owner", customer, Membership.Role.OWNER),
        member=_member("member", customer, Membership.Role.MEMBER),
        stranger=_member("stranger", CustomerFactory.create(), Membership.Role.OWNER),
        first_line=_staff("first", lead, Role.FIRST_LINE),
        evaluator=_staff("evaluator", lead, Role.EVALUATOR),
        second_evaluator=_staff("evaluator2", lead, Role.EVALUATOR),
        approver=_staff("approver", lead, Role.APPROVER),
        finance=_staff("finance", lead, Role.FINANCE),
        auditor=_staff("auditor", lead, Role.AUDITOR),
        account_manager=_staff("manager", lead, Role.ACCOUNT_MANAGER),
        superuser=UserFactory.create(
            email="root@example.test", is_staff=True, is_superuser=True
        ),
        lead=lead,
    )
    customer.account_manager = people.account_manager
    customer.save()
    for group in Group.objects.all():
        Lead.objects.create(role=group, user=lead)
    return people


def _member(name: str, customer: Customer, role: str) -> User:
    user = UserFactory.create(email=f"{name}@example.test", name=name)
    Membership.objects.create(customer=customer, user=user, role=role)
    return user  # type: ignore[no-any-return]


def _staff(name: str, superior: User | None, *roles: Role) -> User:
    user = UserFactory.create(
        email=f"{name}@example.test", name=name, is_staff=True, superior=superior
    )
    user.groups.set(Group.objects.filter(name__in=roles))
    return user  # type: ignore[no-any-return]


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
