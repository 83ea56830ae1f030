"""Who keeps the records decides no case: no field of theirs sends money elsewhere,
takes a dispute away, or opens the gate of the invoices."""

from datetime import date

from django.test import Client

from accounts.models import Invoice, Payment
from refunds.models import LegState
from refunds.payouts.disputes import record_dispute
from refunds.payouts.release import release
from refunds.payouts.retry import retry
from tests.accounts.records.conftest import administrator as administrator
from tests.accounts.records.desk import place, send
from tests.people import Case, People
from tests.refunds.pages.visits import plain_static_files as plain_static_files
from tests.refunds.payouts.bank.conftest import counter as counter
from tests.refunds.payouts.bank.counter import PAYER_NUMBER, paid_by_bank
from tests.refunds.payouts.till import Till, leg_of

MALLORYS = "622202020011"


def test_the_account_that_money_came_from_is_not_typed_over(
    case: Case, administrator: Client
) -> None:
    case.agreed()
    paid_by_bank(case)
    payment = Payment.objects.get()
    send(administrator, place(payment), {"payer_number": MALLORYS})
    payment.refresh_from_db()
    assert payment.payer_number == PAYER_NUMBER


def test_no_tick_box_ends_a_dispute(
    case: Case, till: Till, people: People, administrator: Client
) -> None:
    request = case.agreed()
    case.known_to(till.sandbox)
    release(request, by=people.finance, at=till.at)
    payment = Payment.objects.get()
    record_dispute(
        payment,
        by=people.finance,
        at=till.at,
        reference="dp_1",
        amount=payment.amount,
        reason="Not recognised.",
        opened_at=till.at,
    )
    Payment.objects.filter(pk=payment.pk).update(disputed=False)  # By the tick box.
    retry(request, by=people.finance, at=till.at)
    till.work()
    assert leg_of(request).state == LegState.NEEDS_ACTION
    assert till.moved() == []


def test_what_was_reversed_is_not_typed(
    case: Case, administrator: Client, people: People
) -> None:
    request = case.agreed()
    invoice = Invoice.objects.create(
        contract=request.contract,
        number="24112000000012345678",
        kind="digital",
        issued_on=date(2026, 11, 1),
        amount=12_000_00,
    )
    assert not request.invoices_are_dealt_with()
    send(administrator, place(invoice), {"reversed": "12000.00"})
    assert not case.request.invoices_are_dealt_with()
