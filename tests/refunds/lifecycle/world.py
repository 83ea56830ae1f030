"""How a case comes to each stage, who the people are there, and what stands written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from accounts.models import (
    Absence,
    Customer,
    Invoice,
    Lead,
    Membership,
    ProductLine,
    Role,
    Service,
    Usage,
    User,
)
from refunds.errors import RefundError
from refunds.filing.drafts import draft_for, save_draft
from refunds.filing.evidence import add_evidence
from refunds.filing.submit import submit
from refunds.models import (
    Evidence,
    Ground,
    LegState,
    PayoutLeg,
    RefundRequest,
    Threshold,
)
from refunds.payouts.release import release
from refunds.payouts.retry import retry
from refunds.review import hands
from refunds.review.answers import accept, propose_otherwise, withdraw
from refunds.review.appeal import (
    appeal,
    bring_new_evidence,
    decide_appeal,
    take_up_again,
)
from refunds.review.approval import approve, send_back
from refunds.review.fulfilment import fulfil
from refunds.review.handover import hand_over
from refunds.review.information import ask_for_information, supply_information
from refunds.review.offer import offer
from refunds.review.rejection import reject
from refunds.states import IN_HAND
from refunds.step import step
from tests.factories import (
    ContractFactory,
    CustomerFactory,
    ServiceFactory,
    UserFactory,
    pay_for,
)
from tests.people import Case, People, make_case, make_people, picture
from tests.refunds.lifecycle.expectations import (
    ACTED,
    ANOTHER_HAS_IT,
    FILED,
    HAS_IT,
    NOBODY_HAS_IT,
    PROPOSED,
    Person,
)
from tests.refunds.pages import states

LARGE, SMALL, BY_RECORDS = 10_000_00, 1_000_00, 899_00
WORDS = "As the log shows."


# Stages


def by_itself(case: Case, move: str) -> None:
    with step(case.request, move, by=None, at=case.at):
        pass


def _small(case: Case) -> None:
    case.in_evaluation(amount=SMALL)


def _offered_after_an_appeal(case: Case) -> None:
    states.offer_in_the_judges_hands(case)
    _judged(case, "let_offer_stand")


def _judged(case: Case, move: str) -> None:
    judge = case.people.second_evaluator
    decide_appeal(case.request, by=judge, at=case.at, move=move, words=WORDS)


def _declined_by(case: Case, by: User) -> None:
    reject(case.request, by=by, at=case.at, code="not_proven", words=WORDS)


def _declined_after_new_evidence(case: Case) -> None:
    states.declined(case)
    bring_new_evidence(case.request, by=case.people.owner, at=case.at, words=WORDS)
    _declined_by(case, case.people.evaluator)


def _declined_after_an_appeal(case: Case) -> None:
    states.in_the_judges_hands(case)
    _judged(case, "uphold_appeal")
    _declined_by(case, case.people.second_evaluator)


def _agreed_small(case: Case) -> None:
    _small(case)
    offer(case.request, by=case.people.evaluator, at=case.at, amount=SMALL)
    accept(case.request, by=case.people.owner, at=case.at)


def _invoice(case: Case) -> None:
    Invoice.objects.create(
        number=f"2431200000{case.service.pk:010d}",
        contract=case.service.contract,
        kind=Invoice.Kind.DIGITAL,
        issued_on=date(2026, 11, 1),
        amount=12_000_00,
    )


def _agreed_with_an_invoice(case: Case) -> None:
    case.agreed()
    _invoice(case)


def _no_money_in_it(case: Case) -> None:
    case.agreed()
    _write(case, agreed_amount=0, agreed_alternative="credit")


def _behind_an_invoice(case: Case) -> None:
    _agreed_with_an_invoice(case)
    by_itself(case, "correct_invoice")


def _dealt_with(case: Case) -> None:
    by_itself(case, "correct_invoice")
    Invoice.objects.filter(contract=case.service.contract).delete()


def _invoice_dealt_with(case: Case) -> None:
    _agreed_with_an_invoice(case)
    _dealt_with(case)


def _small_invoice_dealt_with(case: Case) -> None:
    _agreed_small(case)
    _invoice(case)
    _dealt_with(case)


def _write(case: Case, **fields: object) -> None:
    RefundRequest.objects.filter(pk=case.request.pk).update(**fields)


def _legs(case: Case) -> QuerySet[PayoutLeg]:
    return PayoutLeg.objects.filter(payout__request=case.request)


def _all_arrived(case: Case) -> None:
    states.on_its_way(case)
    _legs(case).update(state=LegState.SUCCEEDED)


def _something_beside(case: Case) -> None:
    _all_arrived(case)
    _write(case, agreed_alternative="credit")


def _held_up(case: Case) -> None:
    states.on_its_way(case)
    _legs(case).update(state=LegState.NEEDS_ACTION, next_at=None)
    by_itself(case, "block_payout")


def _carried_out(case: Case) -> None:
    _no_money_in_it(case)
    by_itself(case, "carry_out")


def _refunded(case: Case) -> None:
    _all_arrived(case)
    by_itself(case, "settle")


def _fulfilled(case: Case) -> None:
    _carried_out(case)
    fulfil(case.request, by=case.people.evaluator, at=case.at, words=WORDS)


def _lapsed(case: Case) -> None:
    states.waiting_for_documents(case)
    by_itself(case, "lapse")


def _lapsed_long_ago(case: Case) -> None:
    _lapsed(case)
    case.at += timedelta(days=91)


def _records_decide(case: Case) -> None:
    """A course bought two hours ago by mistake, nothing of it watched."""
    contract = ContractFactory.create(
        customer=case.people.customer,
        product_line=ProductLine.ONLINE_COURSE,
        signed_on=case.at.date(),
    )
    case.service = ServiceFactory.create(
        contract=contract, billing=Service.Billing.LESSONS
    )
    Usage.objects.create(service=case.service, lessons_total=20, lessons_used=0)
    pay_for(case.service, amount=BY_RECORDS, paid_at=case.at - timedelta(hours=2))
    draft = draft_for(case.service, by=case.people.owner)
    draft.ground, draft.amount_asked = Ground.MISTAKE, BY_RECORDS
    draft.description = "Bought twice by mistake."
    save_draft(draft)
    paper(draft, Evidence.Kind.PAYMENT_RECORD, by=case.people.owner, at=case.at)
    submit(draft, by=case.people.owner, at=case.at)
    assert case.request.decides_itself


def paper(draft: RefundRequest, kind: str, *, by: User, at: datetime) -> None:
    add_evidence(draft, content=picture(), name="log.jpg", kind=kind, by=by, at=at)


BUILD: dict[str, Callable[[Case], object]] = {
    "draft": Case.draft,
    "submitted": Case.submitted,
    "submitted, the records decide": _records_decide,
    "first check": states.in_first_check,
    "waiting for documents": states.waiting_for_documents,
    "evaluation": Case.in_evaluation,
    "evaluation of a small sum": _small,
    "second check": Case.pending_approval,
    "offered": Case.offered,
    "offered after an appeal": _offered_after_an_appeal,
    "declined": states.declined,
    "declined after new evidence": _declined_after_new_evidence,
    "declined after an appeal": _declined_after_an_appeal,
    "appeal": states.in_appeal,
    "appeal against an offer": states.offer_in_appeal,
    "agreed": Case.agreed,
    "agreed on a small sum": _agreed_small,
    "agreed, with an invoice": _agreed_with_an_invoice,
    "agreed, no money in it": _no_money_in_it,
    "invoice open": _behind_an_invoice,
    "invoice dealt with": _invoice_dealt_with,
    "invoice of a small sum dealt with": _small_invoice_dealt_with,
    "paying": states.on_its_way,
    "paid, all arrived": _all_arrived,
    "paid, something beside": _something_beside,
    "held up": _held_up,
    "being carried out": _carried_out,
    "refunded": _refunded,
    "fulfilled": _fulfilled,
    "lapsed": _lapsed,
    "lapsed, an offer": states.out_of_time,
    "lapsed long ago": _lapsed_long_ago,
    "closed": states.shut,
    "withdrawn": states.taken_back,
    "declined finally": states.declined_finally,
}


# People


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
        user = self._identity(person)
        User.objects.filter(pk=user.pk).update(
            is_active=person.active,
            is_staff=person.staff,
            is_superuser=person.superuser,
        )
        user.groups.set([self.groups[role] for role in person.roles])
        self._relate(user, person)
        return User.objects.get(pk=user.pk)

    def _identity(self, person: Person) -> User:
        if PROPOSED in person.deeds:
            return self.case.people.evaluator
        if ACTED in person.deeds:
            return self.case.people.first_line
        if FILED in person.deeds:
            return self.case.filer
        return UserFactory.create(name="the one who tries")  # type: ignore[no-any-return]

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


# Moves, each by its own verb; what has none, by the step alone


# What the events carry that no verb wrote.
PROPOSAL: dict[str, object] = {
    "offer": 0,
    "amount": 0,
    "due": 0,
    "departs": True,
    "assessment": 0,
}
DATA: dict[str, dict[str, object]] = {
    "agree_automatically": {"assessment": 0, "amount": 0},
    "pay": {"amount": 0, "legs": []},
    "retry_payout": {"keys": []},
    "submit": {
        "assessment": 0,
        "amount_asked": 0,
        "currency": "CNY",
        "ground": "",
        "evidence": [],
    },
    "accept": {"offer": 0, "amount": 0},
    "approve": {"offer": 0, "amount": 0},
    "reject": {"code": "not_proven"},
    "hand_over": {"from": None, "to": None},
    "offer": PROPOSAL,
    "propose": PROPOSAL,
}


def step_alone(move: str) -> Callable[..., object]:
    """The move by the step itself, as no verb would make it."""

    def made(request: RefundRequest, *, by: User | None, at: datetime) -> None:
        with step(request, move, by=by, at=at) as taken:
            taken.data |= DATA.get(move, {})

    return made


def _sum_of(request: RefundRequest) -> int:
    return request.amount_asked or 0


def _offer(request: RefundRequest, *, by: User, at: datetime) -> object:
    return offer(request, by=by, at=at, amount=_sum_of(request))


def _with(verb: Callable[..., object], **more: Any) -> Callable[..., object]:
    return lambda request, **who: verb(request, **who, **more)


def _hand_to_the_taker(request: RefundRequest, *, by: User, at: datetime) -> None:
    taker = User.objects.get(email="taker@example.test")
    hand_over(request, by=by, at=at, to=taker, reason=WORDS)


VERBS: dict[str, Callable[..., object]] = {
    "submit": submit,
    "withdraw": withdraw,
    "supply_information": _with(supply_information, words=WORDS),
    "accept": accept,
    "propose_otherwise": _with(propose_otherwise, words=WORDS),
    "appeal": _with(appeal, words=WORDS),
    "bring_new_evidence": _with(bring_new_evidence, words=WORDS),
    "take_up_again": take_up_again,
    "claim": hands.claim,
    "take_up": hands.claim,
    "take_appeal": hands.claim,
    "pass_on": _with(hands.pass_on, reason=WORDS),
    "release": hands.release,
    "put_down": hands.release,
    "hand_over": _hand_to_the_taker,
    "ask_for_information": _with(ask_for_information, words=WORDS),
    "reject": _with(reject, code="not_proven", words=WORDS),
    "offer": _offer,
    "propose": _offer,
    "approve": approve,
    "send_back": _with(send_back, reason=WORDS),
    "uphold_appeal": _with(decide_appeal, move="uphold_appeal", words=WORDS),
    "reject_finally": _with(decide_appeal, move="reject_finally", words=WORDS),
    "let_offer_stand": _with(decide_appeal, move="let_offer_stand", words=WORDS),
    "pay": release,
    "retry_payout": retry,
    "fulfil": _with(fulfil, words=WORDS),
    **{
        move: step_alone(move)
        for move in (
            "agree_automatically",
            "lapse",
            "close",
            "correct_invoice",
            "carry_out",
            "settle",
            "block_payout",
            "reopen",
        )
    },
}
# Those that work without a person.
WITHOUT_A_PERSON = {"pay"}


def verb(move: str, by: User | None) -> Callable[..., object]:
    """The move's own verb; where nobody makes it and the verb needs one, the step."""
    if by is None and move not in WITHOUT_A_PERSON:
        return step_alone(move)
    return VERBS[move]


# What is written

LOOKS_ONLY = {"Presence"}
WRITES = ("INSERT", "UPDATE", "DELETE")
NOT_ABOUT_CASES = ('"django_session"', '"accounts_user"', '"refunds_presence"')


def _tables() -> list[str]:
    refunds = [
        model._meta.db_table
        for model in apps.get_app_config("refunds").get_models()
        if model.__name__ not in LOOKS_ONLY
        and not model._meta.db_table.startswith("refunds_policy")
    ]
    return [*refunds, "accounts_service", "accounts_payment"]


def everything() -> tuple[str, ...]:
    """A fingerprint of all that stands about requests, in one query."""
    ask = ", ".join(
        f"(SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} t)"
        for table in _tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ask}")
        return tuple(cursor.fetchone())


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever happens inside, did not happen."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def attempt(request: RefundRequest, act: Callable[[], object], kind: str) -> str:
    """What became of it: "made", "refused", or what was wrong with how it ended. Then
    it did not happen."""
    wrote: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if sql.startswith(WRITES) and not any(name in sql for name in NOT_ABOUT_CASES):
            wrote.append(sql)
        return execute(sql, params, many, context)

    with taken_back():
        with connection.execute_wrapper(listen):
            fault = _fault_of(act)
        if fault.startswith("broke") or not wrote:
            return fault or "refused"
        events, after = list(request.events.order_by("position")), everything()
    if everything() == after:
        return fault or "refused"
    if fault:
        return f"{fault}, and yet it wrote"
    made = [event.kind for event in events[request.events.count() :]]
    return "made" if made == [kind] else f"made otherwise: {made}"


def _fault_of(act: Callable[[], object]) -> str:
    """No transaction round it: what a verb leaves behind when it refuses, is seen."""
    try:
        act()
    except (RefundError, CommandError):
        return "refused"
    except (ValueError, DatabaseError) as fault:
        return f"broke: {fault!r:.90}"
    return ""
