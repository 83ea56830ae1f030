"""Two of finance at the same invoice: one wins, the other gets words. PostgreSQL."""

from datetime import datetime
from functools import partial

import pytest

from accounts.models import Invoice
from refunds.errors import RefundError
from refunds.models import InvoiceReversal
from refunds.payouts.invoices import plan
from refunds.payouts.reversals import complete, drop
from refunds.record.verify import find_breaks
from tests.people import Case, People, make_case, make_people
from tests.refunds.payouts.invoices.desk import (
    PAPER,
    RED,
    again,
    invoicing,
    issue,
    planned,
    reversal_of,
    reversed_of,
    taken,
)
from tests.refunds.payouts.invoices.test_plan import sibling
from tests.refunds.payouts.till import kinds_of
from tests.refunds.together import queued_behind

pytestmark = pytest.mark.postgres


@pytest.fixture
def people(committed: None) -> People:
    people = make_people()
    people.lead.groups.set(people.finance.groups.all())
    return people


@pytest.fixture
def case(people: People, now: datetime) -> Case:
    return make_case(people, at=now)


def refusals(answers: list[object]) -> list[RefundError]:
    return [answer for answer in answers if isinstance(answer, RefundError)]


def test_two_record_the_same_reversal(case: Case) -> None:
    reversal, people = planned(case), case.people
    acts = [
        partial(complete, reversal, by=by, at=case.at, number=number)
        for by, number in ((people.finance, RED), (people.lead, RED[::-1]))
    ]
    [refused] = refusals(queued_behind([case.request], *acts))
    winner = again(reversal).done_by
    assert str(refused).startswith(f"{winner} was first: this reversal is “Done” now.")
    assert reversed_of(reversal.invoice) == 10_000_00
    assert kinds_of(case.request).count("reversal_done") == 1
    assert list(find_breaks()) == []


def test_one_records_what_the_other_drops(case: Case) -> None:
    reversal, people = planned(case), case.people
    acts = [
        partial(complete, reversal, by=people.finance, at=case.at, number=RED),
        partial(drop, reversal, by=people.lead, at=case.at, reason="Not this one."),
    ]
    assert len(refusals(queued_behind([case.request], *acts))) == 1
    done = again(reversal).state == "done"
    assert reversed_of(reversal.invoice) == (10_000_00 if done else 0)


def test_two_requests_never_reverse_more_than_the_invoice_has(case: Case) -> None:
    """Both were planned for the same sum, by hands that did not look."""
    invoice, other = issue(case, 12_000_00), sibling(case)
    first, second = invoicing(case), invoicing(other)
    InvoiceReversal.objects.filter(request=second).update(amount=10_000_00)
    acts = [
        partial(
            complete,
            reversal_of(request),
            by=case.people.finance,
            at=case.at,
            number=number,
        )
        for request, number in ((first, RED), (second, RED[::-1]))
    ]
    [refused] = refusals(queued_behind([invoice], *acts))
    assert "was reversed for another request meanwhile" in str(refused)
    assert reversed_of(invoice) == 10_000_00
    assert list(find_breaks()) == []


def test_two_requests_plan_at_once_within_the_invoice(case: Case) -> None:
    other = sibling(case)
    requests = [case.agreed(), other.agreed()]
    invoice = issue(case, 12_000_00, kind=PAPER)
    acts = [
        partial(plan, request, by=case.people.finance, at=case.at)
        for request in requests
    ]
    assert refusals(queued_behind([invoice], *acts)) == []
    sums = sorted(taken(request)[0][2] for request in requests)
    assert sums == [2_000_00, 10_000_00]


def test_the_same_number_for_two_invoices_is_taken_once(case: Case) -> None:
    issue(case, 5_000_00)
    issue(case, 5_000_00)
    request, finance = invoicing(case), case.people.finance
    acts = [
        partial(complete, row, by=finance, at=case.at, number=RED)
        for row in request.invoice_reversals.all()
    ]
    [refused] = refusals(queued_behind([request], *acts))
    assert "was recorded before" in str(refused)
    assert sorted(row.reversed for row in Invoice.objects.all()) == [0, 5_000_00]
