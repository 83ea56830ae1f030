"""How a case comes to each stage, by the verbs of those who bring it there."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from accounts.models import (
    Invoice,
    ProductLine,
    Service,
    Usage,
    User,
)
from refunds.filing.drafts import draft_for, save_draft
from refunds.filing.evidence import add_evidence
from refunds.filing.submit import submit
from refunds.models import (
    Evidence,
    Ground,
    LegState,
    PayoutLeg,
    RefundRequest,
)
from refunds.review.answers import accept
from refunds.review.appeal import (
    bring_new_evidence,
    decide_appeal,
)
from refunds.review.fulfilment import fulfil
from refunds.review.offer import offer
from refunds.review.rejection import reject
from refunds.step import step
from tests.factories import (
    ContractFactory,
    ServiceFactory,
    pay_for,
)
from tests.people import Case, picture
from tests.refunds.pages import states
from tests.refunds.payouts.arrived import arrive

LARGE, SMALL, BY_RECORDS = 10_000_00, 1_000_00, 899_00
WORDS = "As the log shows."


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
    arrive(case.request)


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
