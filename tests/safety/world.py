"""A customer whose every word, number, sum and file can be told from all others', with
one of each thing that is kept; beside it another customer with a case of its own."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import time_machine
from django.contrib.auth.models import Group
from django.db import transaction
from PIL import Image

from accounts.models import Contract, Customer, Membership, Payment, Role, Service, User
from refunds.demo.merchants import ensure_merchants
from refunds.filing.drafts import draft_for, save_draft
from refunds.filing.evidence import add_evidence
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import Evidence, Ground, RefundRequest
from refunds.review.offer import offer
from tests.conftest import NOW
from tests.factories import UserFactory, live_service
from tests.people import Case, People, make_people
from tests.refunds.pages.states import money_back
from tests.refunds.payouts.another_account import PLAIN, Blocked, blocked
from tests.safety.beside import one_of_each

PAID, ASKED = 13_579_31, 9_876_54
WORD = "zqxmark"


class Marked(Case):
    """A case whose words, file and sums are told from all others'."""

    def draft(self, *, amount: int | None = None) -> RefundRequest:
        draft = draft_for(self.service, by=self.people.owner)
        draft.ground = Ground.UNAVAILABLE
        draft.description = "Zqxmark could not be streamed for days."
        draft.amount_asked = amount or ASKED
        save_draft(draft)
        add_evidence(
            draft,
            content=picture(WORD),
            name="zqxmark-log.jpg",
            kind=Evidence.Kind.FAULT_LOG,
            by=self.people.owner,
            at=self.at,
        )
        return draft

    def pending_approval(self) -> RefundRequest:
        self.in_evaluation()
        offer(self.request, by=self.people.evaluator, at=self.at, amount=ASKED)
        return self.request


@dataclass(frozen=True)
class World:
    people: People
    draft: RefundRequest
    evaluated: RefundRequest
    offered: RefundRequest
    paid: RefundRequest
    blocked: RefundRequest  # with another account named
    other: RefundRequest  # the stranger's own, offered
    nobody: User  # signed in, acts for no customer
    left: User  # acted for the customer once
    other_manager: User  # looks after the stranger's customer
    only: dict[Role, User]  # who has this role alone, and no part in any case
    marks: re.Pattern[str]


@contextmanager
def made(sandbox: Sandbox) -> Iterator[World]:
    """In a transaction that is taken back at the end."""
    whole = transaction.atomic()
    with whole:
        with time_machine.travel(NOW, tick=False):
            world = _made(sandbox)
        yield world
        transaction.set_rollback(True)


def _made(sandbox: Sandbox) -> World:
    people = make_people()
    _mark(people)
    ensure_merchants(sandbox.state_dir, url=sandbox.url)
    paid, held, draft, evaluated, offered = (_case(people, n) for n in range(1, 6))
    money_back(paid, sandbox)
    stopped: Blocked = blocked(held)
    stopped.named(holder="Zqxmark Media")
    draft.draft()
    evaluated.in_evaluation()
    offered.offered()
    theirs = Customer.objects.get(memberships__user=people.stranger)
    manager = _only(Role.ACCOUNT_MANAGER, "other-manager@example.test")
    Customer.objects.filter(pk=theirs.pk).update(account_manager=manager)
    one_of_each(paid, evaluated)
    cases = (paid, held, evaluated, offered)
    return World(
        people=people,
        draft=draft.request,
        evaluated=evaluated.request,
        offered=offered.request,
        paid=paid.request,
        blocked=held.request,
        other=_theirs(people, theirs),
        nobody=UserFactory.create(email="nobody@example.test"),
        left=_left(people.customer),
        other_manager=manager,
        only={role: _only(role, f"only-{role}@example.test") for role in Role},
        marks=_marks(case.request for case in cases),
    )


def _mark(people: People) -> None:
    people.customer.name = "Zqxmark Media 星河"
    people.customer.save()
    for user in (people.owner, people.member):
        user.email, user.name = (
            f"zqxmark-{user.name}@example.test",
            f"Zqxmark {user.name}",
        )
        user.save()


def _case(people: People, number: int) -> Marked:
    service = live_service(customer=people.customer, reviewer=people.evaluator, at=NOW)
    Contract.objects.filter(pk=service.contract_id).update(number=f"ZQXMARK-C-{number}")
    Service.objects.filter(pk=service.pk).update(name=f"Zqxmark service {number}")
    service.tickets.update(
        number=f"ZQXMARK-T-{number}", subject="Zqxmark can't be streamed"
    )
    allocations = service.allocations.all()
    Payment.objects.filter(allocations__in=allocations).update(
        amount=PAID,
        trade_number=f"ZQXMARK2026{number:08d}",
        payer_account="zqxmark****8802",
    )
    allocations.update(amount=PAID)
    return Marked(people, Service.objects.get(pk=service.pk), NOW)


def _theirs(people: People, customer: Customer) -> RefundRequest:
    """The stranger's own, by the same reviewers."""
    service = live_service(customer=customer, reviewer=people.evaluator, at=NOW)
    own = People(**{**vars(people), "customer": customer, "owner": people.stranger})
    return Case(own, service, NOW).offered()


def _only(role: Role, email: str) -> User:
    user: User = UserFactory.create(email=email, name=f"Only {role}", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def _left(customer: Customer) -> User:
    user: User = UserFactory.create(email="left@example.test")
    Membership.objects.create(customer=customer, user=user).delete()
    return user


def _marks(requests: Iterable[RefundRequest]) -> re.Pattern[str]:
    """Names, addresses and trade numbers have the word; beside it the numbers of the
    requests, the sums, the account and the hash of the file."""
    told = [WORD, "星河", PLAIN, "****3445", "8802"]
    for amount in (PAID, ASKED):
        told += [f"{amount / 100:,.2f}", f"{amount / 100:.2f}", str(amount)]
    for request in requests:
        told += [
            str(request.number),
            *request.evidence.values_list("sha256", flat=True),
        ]
    return re.compile("|".join(map(re.escape, sorted(set(told)))), re.IGNORECASE)


def picture(comment: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), "#663399").save(out, "JPEG", comment=comment)
    return out.getvalue()
