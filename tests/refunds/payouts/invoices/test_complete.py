"""Finance records what was reversed: number, sum, and what was issued for the rest."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Invoice, Membership
from refunds.errors import NotPermitted, RefundError
from refunds.models import RefundRequest
from refunds.payouts.invoices import plan
from refunds.payouts.release import move_agreed_on
from refunds.payouts.reversals import (
    as_red_letter,
    complete,
    drop,
    set_buyer_booked,
)
from refunds.record.verify import find_breaks
from refunds.states import State
from tests.people import Case
from tests.refunds.payouts.invoices.desk import (
    DIGITAL,
    LAST_MOMENT,
    LAST_MONTH,
    MONTH_TURNED,
    PAPER,
    RED,
    again,
    invoicing,
    issue,
    planned,
    releases_itself_below,
    reversal_of,
    reversed_of,
    taken,
)
from tests.refunds.payouts.till import kinds_of, state_of


def nothing_changed(request: RefundRequest, before: list[Any]) -> bool:
    return before == everything(request)


def everything(request: RefundRequest) -> list[Any]:
    invoices = Invoice.objects.order_by("pk").values_list("number", "reversed")
    return [*invoices, *taken(request), *kinds_of(request)]


def test_a_red_letter_invoice_takes_its_part_and_leaves_the_rest(case: Case) -> None:
    reversal = planned(case)
    complete(reversal, by=case.people.finance, at=case.at, number=f" {RED} ")
    done = again(reversal)
    assert (done.state, done.number, done.done_by) == ("done", RED, case.people.finance)
    assert done.reissued is None
    assert done.invoice.reversed == 10_000_00
    assert kinds_of(case.request)[-1] == "reversal_done"
    assert list(find_breaks()) == []


def test_a_void_takes_all_back_and_issues_what_remains_that_day(case: Case) -> None:
    reversal = planned(case, kind=PAPER)
    finance = case.people.finance
    complete(reversal, by=finance, at=LAST_MOMENT, number="V-1", reissued_number="P-2")
    done = again(reversal)
    assert done.invoice.reversed == done.invoice.amount == 12_000_00
    assert done.reissued is not None
    assert done.reissued.amount == 2_000_00
    assert done.reissued.tax == 113_21
    assert str(done.reissued.issued_on) == "2026-11-30"
    assert done.reissued.contract == case.service.contract
    assert case.request.invoices_are_dealt_with()


def test_a_void_of_the_whole_invoice_issues_nothing(case: Case) -> None:
    issue(case, 10_000_00, kind=PAPER)
    reversal, finance = reversal_of(invoicing(case)), case.people.finance
    before = everything(case.request)
    with pytest.raises(RefundError, match="Nothing remains of this invoice") as told:
        complete(reversal, by=finance, at=case.at, number="V", reissued_number="P")
    assert told.value.field == "reissued_number"
    assert nothing_changed(case.request, before)
    complete(reversal, by=finance, at=case.at, number="V")
    assert Invoice.objects.count() == 1


def test_once_the_month_has_turned_in_beijing_a_void_becomes_red(case: Case) -> None:
    reversal, finance = planned(case, kind=PAPER), case.people.finance
    before = everything(case.request)
    with pytest.raises(RefundError, match="The month has turned: a red-letter"):
        complete(reversal, by=finance, at=MONTH_TURNED, number="V", reissued_number="P")
    assert nothing_changed(case.request, before)
    as_red_letter(reversal, by=finance, at=MONTH_TURNED)
    with pytest.raises(RefundError, match="is a red-letter invoice already"):
        as_red_letter(reversal, by=finance, at=MONTH_TURNED)
    complete(reversal, by=finance, at=MONTH_TURNED, number="R-1")
    assert reversed_of(reversal.invoice) == 10_000_00
    assert Invoice.objects.count() == 1


def test_paper_that_was_booked_or_partly_reversed_is_not_voided(case: Case) -> None:
    reversal, finance = planned(case, kind=PAPER), case.people.finance
    Invoice.objects.update(reversed=1)
    with pytest.raises(RefundError, match="Part of this invoice was reversed before"):
        complete(reversal, by=finance, at=case.at, number="V", reissued_number="P")
    Invoice.objects.update(reversed=0)
    set_buyer_booked(reversal, by=finance, at=case.at, booked=True)
    assert again(reversal).kind == "red_letter"
    complete(reversal, by=finance, at=case.at, number="R-1")
    assert reversed_of(reversal.invoice) == 10_000_00


@pytest.mark.parametrize(
    ("kind", "typed", "field", "words"),
    [
        (DIGITAL, {"number": "  "}, "number", "Write the number."),
        (DIGITAL, {"number": "1" * 19}, "number", "has 20 digits"),
        (DIGITAL, {"number": "1" * 21}, "number", "has 20 digits"),
        (DIGITAL, {"number": "A" * 20}, "number", "has 20 digits"),
        (DIGITAL, {"number": "\x00" + "1" * 19}, "number", "40 letters and digits"),
        (PAPER, {"number": "1" * 41}, "number", "40 letters and digits"),
        (PAPER, {"number": "1"}, "reissued_number", "Write the number."),
        (
            PAPER,
            {"number": "1", "reissued_number": "2" * 41},
            "reissued_number",
            "40 letters and digits",
        ),
        (
            DIGITAL,
            {"number": RED, "reissued_number": "2"},
            "reissued_number",
            "nothing is issued anew",
        ),
    ],
)
def test_a_number_that_is_none_gets_words_and_moves_nothing(
    case: Case, kind: str, typed: dict[str, str], field: str, words: str
) -> None:
    reversal = planned(case, kind=kind)
    before = everything(case.request)
    with pytest.raises(RefundError, match=words) as told:
        complete(reversal, by=case.people.finance, at=case.at, **typed)
    assert told.value.field == field
    assert nothing_changed(case.request, before)


def test_full_width_digits_are_digits(case: Case) -> None:
    reversal = planned(case)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in RED)
    complete(reversal, by=case.people.finance, at=case.at, number=wide)
    assert again(reversal).number == RED


def test_a_number_is_recorded_once(case: Case) -> None:
    issue(case, 5_000_00, on=LAST_MONTH)
    issue(case, 5_000_00)
    request, finance = invoicing(case), case.people.finance
    first, second = request.invoice_reversals.order_by("pk")
    complete(first, by=finance, at=case.at, number=RED)
    before = everything(request)
    with pytest.raises(RefundError, match="was recorded before") as told:
        complete(second, by=finance, at=case.at, number=RED)
    assert told.value.field == "number"
    with pytest.raises(RefundError, match="is an invoice of its own"):
        complete(second, by=finance, at=case.at, number=first.invoice.number)
    assert nothing_changed(request, before)


def test_the_invoice_for_the_rest_has_a_number_of_its_own(case: Case) -> None:
    reversal = planned(case, kind=PAPER)
    taken_already = reversal.invoice.number
    before = everything(case.request)
    with pytest.raises(RefundError, match="was recorded before") as told:
        complete(
            reversal,
            by=case.people.finance,
            at=case.at,
            number="V",
            reissued_number=taken_already,
        )
    assert told.value.field == "reissued_number"
    assert nothing_changed(case.request, before)


def test_never_more_than_the_invoice_is_reversed(case: Case) -> None:
    reversal = planned(case)
    Invoice.objects.update(reversed=2_000_01)
    with pytest.raises(RefundError, match="So much is not left of invoice"):
        complete(reversal, by=case.people.finance, at=case.at, number=RED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.update(reversed=12_000_01)
    assert reversed_of(reversal.invoice) == 2_000_01


def test_who_comes_second_learns_who_was_first(case: Case) -> None:
    reversal, finance = planned(case), case.people.finance
    complete(reversal, by=finance, at=case.at, number=RED)
    before = everything(case.request)
    words = "finance was first: this reversal is “Done” now. Nothing was changed"
    for verb, answers in (
        (complete, {"number": RED}),
        (drop, {"reason": "No."}),
        (as_red_letter, {}),
        (set_buyer_booked, {"booked": True}),
    ):
        with pytest.raises(RefundError, match=words):
            verb(reversal, by=finance, at=case.at, **answers)
    assert nothing_changed(case.request, before)


def test_only_finance_reverses_and_never_for_their_own_customer(case: Case) -> None:
    reversal, people = planned(case), case.people
    for person in (people.evaluator, people.auditor, people.owner, people.superuser):
        with pytest.raises(NotPermitted):
            complete(reversal, by=person, at=case.at, number=RED)
        with pytest.raises(NotPermitted):
            drop(reversal, by=person, at=case.at, reason="No.")
    Membership.objects.create(
        customer=people.customer, user=people.finance, role=Membership.Role.MEMBER
    )
    with pytest.raises(NotPermitted, match="You belong to this customer"):
        complete(reversal, by=people.finance, at=case.at, number=RED)
    assert again(reversal).state == "planned"


def test_what_is_dropped_leaves_the_gate_shut_and_is_planned_again(case: Case) -> None:
    reversal, finance = planned(case), case.people.finance
    with pytest.raises(RefundError, match="Say why it is dropped") as told:
        drop(reversal, by=finance, at=case.at, reason=" ")
    assert told.value.field == "reason"
    drop(reversal, by=finance, at=case.at, reason="The wrong invoice.")
    assert not case.request.invoices_are_dealt_with()
    plan(case.request, by=finance, at=case.at)
    assert [state for _kind, state, _sum in taken(case.request)] == [
        "dropped",
        "planned",
    ]


@pytest.mark.usefixtures("sandbox")
def test_below_the_threshold_the_request_goes_on_by_itself(case: Case) -> None:
    reversal = planned(case)
    releases_itself_below(10_000_01)
    assert move_agreed_on(at=case.at) == 0
    complete(reversal, by=case.people.finance, at=case.at, number=RED)
    assert move_agreed_on(at=case.at) == 1
    assert state_of(case.request) is State.PAYING


def test_above_the_threshold_finance_releases(case: Case) -> None:
    releases_itself_below(10_000_00)
    reversal = planned(case)
    complete(reversal, by=case.people.finance, at=case.at, number=RED)
    assert move_agreed_on(at=case.at) == 0
    assert state_of(case.request) is State.INVOICING
