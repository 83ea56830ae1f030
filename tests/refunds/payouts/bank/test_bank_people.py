"""One poisoned name, and one person too many, at the bank's counter."""

from contextlib import suppress

from accounts.models import Membership, Payment
from refunds.errors import RefundError
from refunds.models import LegState, RefundRequest
from tests.people import People, make_case
from tests.refunds.payouts.bank.counter import Counter, released_by_bank
from tests.refunds.payouts.till import balances, leg_of


def test_a_name_of_invisible_signs_holds_up_nobody_else(
    owed: RefundRequest, counter: Counter, people: People
) -> None:
    Payment.objects.update(payer_name="\u200b")
    other = released_by_bank(make_case(people, at=counter.at), at=counter.at)
    batch = counter.batch()
    assert leg_of(other).batch == batch
    assert leg_of(owed).state == LegState.NEEDS_ACTION


def test_who_belongs_to_the_customer_takes_no_answer_about_its_money(
    owed: RefundRequest, counter: Counter, people: People
) -> None:
    batch = counter.send()
    counter.turn(leg_of(owed), "RJCT:AC01")
    before = balances()
    Membership.objects.create(
        customer=people.customer, user=people.finance, role="member"
    )
    with suppress(RefundError):
        counter.take(counter.answer(batch))
    assert balances() == before


def test_a_bank_or_holder_that_changed_since_the_release_gets_no_money(
    owed: RefundRequest, counter: Counter
) -> None:
    Payment.objects.update(payer_name="Mallory", payer_bank_code="105100000017")
    with suppress(AssertionError):
        counter.batch()
    assert leg_of(owed).batch is None
