"""The ways a case comes into each state, by the verbs of those who bring it there."""

from collections.abc import Callable
from datetime import date, timedelta

from accounts.models import Invoice, Payment
from refunds.demo.merchants import ensure_merchants
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import RefundRequest
from refunds.payouts.release import move_agreed_on, release
from refunds.payouts.send import send_due
from refunds.review.answers import withdraw
from refunds.review.appeal import appeal, decide_appeal
from refunds.review.hands import claim, pass_on
from refunds.review.information import ask_for_information
from refunds.review.rejection import reject
from refunds.step import step
from tests.factories import live_service
from tests.people import Case

Reach = Callable[[Case], RefundRequest]


def in_first_check(case: Case) -> RefundRequest:
    case.submitted()
    claim(case.request, by=case.people.first_line, at=case.at)
    return case.request


def waiting_for_documents(case: Case) -> RefundRequest:
    in_first_check(case)
    ask_for_information(
        case.request, by=case.people.first_line, at=case.at, words="Send us the log."
    )
    return case.request


def passed_on(case: Case) -> RefundRequest:
    in_first_check(case)
    pass_on(case.request, by=case.people.first_line, at=case.at, reason="Looks whole.")
    return case.request


def declined(case: Case) -> RefundRequest:
    case.in_evaluation()
    reject(
        case.request,
        by=case.people.evaluator,
        at=case.at,
        code="not_proven",
        words="The log shows no outage.",
    )
    return case.request


def in_appeal(case: Case) -> RefundRequest:
    declined(case)
    _appeals(case)
    return case.request


def offer_in_appeal(case: Case) -> RefundRequest:
    case.offered()
    _appeals(case)
    return case.request


def _appeals(case: Case) -> None:
    case.at += timedelta(minutes=1)
    appeal(case.request, by=case.people.owner, at=case.at, words="It does.")


def in_the_judges_hands(case: Case) -> RefundRequest:
    claim(in_appeal(case), by=case.people.second_evaluator, at=case.at)
    return case.request


def offer_in_the_judges_hands(case: Case) -> RefundRequest:
    claim(offer_in_appeal(case), by=case.people.second_evaluator, at=case.at)
    return case.request


def declined_finally(case: Case) -> RefundRequest:
    in_the_judges_hands(case)
    decide_appeal(
        case.request,
        by=case.people.second_evaluator,
        at=case.at,
        move="reject_finally",
        words="The second log shows none either.",
    )
    return case.request


def taken_back(case: Case) -> RefundRequest:
    withdraw(case.submitted(), by=case.people.owner, at=case.at)
    return case.request


def out_of_time(case: Case) -> RefundRequest:
    with step(case.offered(), "lapse", by=None, at=case.at):
        pass
    return case.request


def shut(case: Case) -> RefundRequest:
    with step(declined(case), "close", by=None, at=case.at):
        pass
    return case.request


def behind_an_invoice(case: Case) -> RefundRequest:
    case.agreed()
    Invoice.objects.create(
        number="24312000000123456789",
        contract=case.service.contract,
        kind=Invoice.Kind.DIGITAL,
        issued_on=date(2026, 11, 1),
        amount=12_000_00,
    )
    move_agreed_on(at=case.at)
    return case.request


# These need the sandbox's keys.


def on_its_way(case: Case) -> RefundRequest:
    case.agreed()
    release(case.request, by=case.people.finance, at=case.at)
    return case.request


def held_up(case: Case) -> RefundRequest:
    Payment.objects.update(route_open=False)
    on_its_way(case)
    while case.request.state == "paying":
        assert send_due(clock=lambda: case.at), "nothing is due any more"
    return case.request


def money_back(case: Case, sandbox: Sandbox) -> RefundRequest:
    ensure_merchants(sandbox.state_dir, url=sandbox.url)
    case.known_to(sandbox)
    on_its_way(case)
    for _look in range(6):
        send_due(clock=lambda: case.at)
        sandbox.clock.advance(60)
        case.at += timedelta(seconds=60)
    return case.request


REACHES: dict[str, Reach] = {
    "submitted": lambda case: case.submitted(),
    "preliminary_review": in_first_check,
    "awaiting_information": waiting_for_documents,
    "evaluation": lambda case: case.in_evaluation(),
    "pending_approval": lambda case: case.pending_approval(),
    "offered": lambda case: case.offered(),
    "rejected": declined,
    "appealed": in_appeal,
    "agreed": lambda case: case.agreed(),
    "invoicing": behind_an_invoice,
    "lapsed": out_of_time,
    "closed": shut,
    "withdrawn": taken_back,
    "rejected_finally": declined_finally,
}
WITH_KEYS: dict[str, Reach] = {"paying": on_its_way, "payout_blocked": held_up}


def more(case: Case, count: int) -> list[Case]:
    """More services of the same customer, each with its case."""
    people = case.people
    return [
        Case(
            people,
            live_service(
                customer=people.customer, reviewer=people.evaluator, at=case.at
            ),
            case.at,
        )
        for _service in range(count)
    ]
