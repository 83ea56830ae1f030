"""F30: the gate is looked at when the money is sent, not only when it was agreed on."""

import pytest

from refunds.errors import NotPermitted, RefundError
from refunds.models import RefundRequest
from refunds.payouts.invoices import plan
from refunds.payouts.release import release
from refunds.payouts.retry import retry
from refunds.payouts.reversals import as_red_letter, complete
from refunds.payouts.slips import confirm_slip, lapse_slips, raise_slip
from refunds.states import State
from tests.people import Case
from tests.refunds.payouts.invoices.desk import (
    LAST_MONTH,
    MONTH_TURNED,
    PAPER,
    RED,
    booked,
    invoicing,
    issue,
    planned,
    reversal_of,
)
from tests.refunds.payouts.till import REFUND, Till, leg_of, state_of


def assert_nothing_was_sent(till: Till) -> None:
    till.work()
    assert till.calls(REFUND) == 0
    assert till.moved() == []


def test_the_month_turns_between_approval_and_execution(case: Case, till: Till) -> None:
    reversal, finance = planned(case, kind=PAPER), case.people.finance
    case.known_to(till.sandbox)
    with pytest.raises(NotPermitted, match="An invoice has to be reversed first"):
        release(case.request, by=finance, at=MONTH_TURNED)
    with pytest.raises(RefundError, match="The month has turned"):
        complete(reversal, by=finance, at=MONTH_TURNED, number="V", reissued_number="P")
    with pytest.raises(NotPermitted, match="An invoice has to be reversed first"):
        release(case.request, by=finance, at=MONTH_TURNED)
    assert_nothing_was_sent(till)
    as_red_letter(reversal, by=finance, at=MONTH_TURNED)
    complete(reversal, by=finance, at=MONTH_TURNED, number="R")
    release(case.request, by=finance, at=till.at)
    till.work()
    assert till.moved() == [(leg_of(case.request).key, 10_000_00)]


def test_a_slip_that_lapsed_pays_nothing_even_if_the_buyer_confirms_then(
    case: Case, till: Till
) -> None:
    reversal, finance = booked(case), case.people.finance
    raise_slip(reversal, by=finance, at=till.at, slip_number="S-1")
    till.later(hours=72, seconds=1)
    assert lapse_slips(at=till.at) == 1
    with pytest.raises(RefundError, match="counts for nothing"):
        confirm_slip(reversal, by=finance, at=till.at)
    with pytest.raises(NotPermitted, match="An invoice has to be reversed first"):
        release(case.request, by=finance, at=till.at)
    assert_nothing_was_sent(till)


def test_an_invoice_issued_after_the_release_shuts_the_gate_again(
    case: Case, till: Till, released: RefundRequest
) -> None:
    """It opens once that invoice is dealt with, and the payout goes on by itself."""
    issue(case, 12_000_00)
    assert_nothing_was_sent(till)
    assert leg_of(released).code == "invoice_gate_closed"
    assert state_of(released) is State.PAYOUT_BLOCKED
    finance = case.people.finance
    retry(released, by=finance, at=till.at)
    assert_nothing_was_sent(till)
    assert state_of(released) is State.PAYOUT_BLOCKED
    plan(released, by=finance, at=till.at)
    complete(reversal_of(released), by=finance, at=till.at, number=RED)
    assert state_of(released) is State.PAYING
    till.work()
    assert till.moved() == [(leg_of(released).key, 10_000_00)]


def test_an_invoice_planned_while_the_money_waits_is_reversed_in_time(
    case: Case, till: Till, released: RefundRequest
) -> None:
    issue(case, 12_000_00)
    finance = case.people.finance
    plan(released, by=finance, at=till.at)
    complete(reversal_of(released), by=finance, at=till.at, number=RED)
    till.work()
    assert till.moved() == [(leg_of(released).key, 10_000_00)]


def test_what_else_holds_the_payout_up_is_not_tried_again_by_itself(
    case: Case, till: Till, released: RefundRequest
) -> None:
    issue(case, 12_000_00)
    assert_nothing_was_sent(till)
    finance = case.people.finance
    plan(released, by=finance, at=till.at)
    leg = leg_of(released)
    leg.code = "in_dispute"
    leg.save(update_fields=["code"])
    complete(reversal_of(released), by=finance, at=till.at, number=RED)
    assert state_of(released) is State.PAYOUT_BLOCKED
    till.later(minutes=5)
    assert_nothing_was_sent(till)


def test_half_of_it_does_not_open_the_gate(case: Case, till: Till) -> None:
    issue(case, 6_000_00, on=LAST_MONTH)
    issue(case, 6_000_00)
    request, finance = invoicing(case), case.people.finance
    first, second = request.invoice_reversals.order_by("pk")
    complete(first, by=finance, at=till.at, number=RED)
    with pytest.raises(NotPermitted, match="An invoice has to be reversed first"):
        release(request, by=finance, at=till.at)
    complete(second, by=finance, at=till.at, number=RED[::-1])
    release(request, by=finance, at=till.at)
