"""What the buyer has booked, they confirm within 72 hours, or the slip lapses."""

from datetime import timedelta

import pytest

from refunds.errors import NotPermitted, RefundError
from refunds.payouts.reversals import complete, set_buyer_booked
from refunds.payouts.slips import confirm_slip, lapse_slips, raise_slip
from refunds.record.verify import find_breaks
from tests.people import Case
from tests.refunds.payouts.invoices.desk import (
    LAST_MONTH,
    PAPER,
    RED,
    again,
    booked,
    planned,
)
from tests.refunds.payouts.till import kinds_of

HOURS_72 = timedelta(hours=72)
SECOND = timedelta(seconds=1)


def test_what_the_buyer_booked_needs_their_word_first(case: Case) -> None:
    reversal, finance = booked(case), case.people.finance
    with pytest.raises(RefundError, match="Raise a slip for them to confirm"):
        complete(reversal, by=finance, at=case.at, number=RED)
    raise_slip(reversal, by=finance, at=case.at, slip_number="S-1")
    assert again(reversal).slip_until == case.at + HOURS_72
    with pytest.raises(RefundError, match="has not confirmed the slip yet"):
        complete(reversal, by=finance, at=case.at, number=RED)
    confirm_slip(reversal, by=finance, at=case.at + HOURS_72 - SECOND)
    # Once confirmed, it stays so.
    assert lapse_slips(at=case.at + 2 * HOURS_72) == 0
    complete(reversal, by=finance, at=case.at + 2 * HOURS_72, number=RED)
    assert kinds_of(case.request)[-3:] == [
        "slip_raised",
        "slip_confirmed",
        "reversal_done",
    ]
    assert list(find_breaks()) == []


def test_a_slip_lapses_to_the_second_and_is_raised_again(case: Case) -> None:
    reversal, finance = booked(case), case.people.finance
    raise_slip(reversal, by=finance, at=case.at, slip_number="S-1")
    over = case.at + HOURS_72
    assert lapse_slips(at=over - SECOND) == 0
    with pytest.raises(RefundError, match="slip S-1 has lapsed"):
        confirm_slip(reversal, by=finance, at=over)
    assert lapse_slips(at=over) == 1
    assert lapse_slips(at=over) == 0
    assert again(reversal).state == "slip_lapsed"
    with pytest.raises(RefundError, match="counts for nothing"):
        confirm_slip(reversal, by=finance, at=over + SECOND)
    with pytest.raises(RefundError, match="The slip has lapsed"):
        complete(reversal, by=finance, at=over, number=RED)
    with pytest.raises(RefundError, match="the new one has another number") as told:
        raise_slip(reversal, by=finance, at=over, slip_number="S-1")
    assert told.value.field == "slip_number"
    raise_slip(reversal, by=finance, at=over, slip_number="S-2")
    assert again(reversal).slip_until == over + HOURS_72
    confirm_slip(reversal, by=finance, at=over)
    complete(reversal, by=finance, at=over, number=RED)
    assert case.request.invoices_are_dealt_with()
    assert kinds_of(case.request).count("slip_lapsed") == 1


def test_a_slip_is_raised_where_one_is_needed_and_once(case: Case) -> None:
    reversal, finance = planned(case), case.people.finance
    with pytest.raises(RefundError, match="the buyer has not booked the invoice"):
        raise_slip(reversal, by=finance, at=case.at, slip_number="S-1")
    with pytest.raises(RefundError, match="No slip waits"):
        confirm_slip(reversal, by=finance, at=case.at)
    set_buyer_booked(reversal, by=finance, at=case.at, booked=True)
    with pytest.raises(RefundError, match="That is what is recorded already"):
        set_buyer_booked(reversal, by=finance, at=case.at, booked=True)
    with pytest.raises(RefundError, match="Write the number") as told:
        raise_slip(reversal, by=finance, at=case.at, slip_number=" ")
    assert told.value.field == "slip_number"
    raise_slip(reversal, by=finance, at=case.at, slip_number="S-1")
    with pytest.raises(RefundError, match="A slip was raised for it already"):
        raise_slip(reversal, by=finance, at=case.at, slip_number="S-2")
    with pytest.raises(RefundError, match="A slip was raised for it"):
        set_buyer_booked(reversal, by=finance, at=case.at, booked=False)
    assert again(reversal).slip_number == "S-1"


def test_paper_needs_no_slip(case: Case) -> None:
    reversal = planned(case, kind=PAPER, on=LAST_MONTH)
    with pytest.raises(RefundError, match="Only a fully digital invoice"):
        raise_slip(reversal, by=case.people.finance, at=case.at, slip_number="S-1")


def test_what_the_buyer_takes_out_of_their_books_needs_no_slip_any_more(
    case: Case,
) -> None:
    reversal, finance = booked(case), case.people.finance
    raise_slip(reversal, by=finance, at=case.at, slip_number="S-1")
    lapse_slips(at=case.at + HOURS_72)
    set_buyer_booked(reversal, by=finance, at=case.at + HOURS_72, booked=False)
    complete(reversal, by=finance, at=case.at + HOURS_72, number=RED)
    assert again(reversal).state == "done"


def test_only_finance_raises_and_confirms(case: Case) -> None:
    reversal, people = booked(case), case.people
    for person in (people.evaluator, people.owner, people.superuser):
        with pytest.raises(NotPermitted):
            raise_slip(reversal, by=person, at=case.at, slip_number="S-1")
        with pytest.raises(NotPermitted):
            confirm_slip(reversal, by=person, at=case.at)
    assert again(reversal).state == "planned"
