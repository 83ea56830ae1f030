"""F28: a refund that somebody made in the provider's portal bounds what we release."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from accounts.models import Payment
from refunds.errors import NotPermitted, OverRefund, RefundError
from refunds.gateways.sandbox.rows import Refund
from refunds.models import (
    AllocationBalance,
    Discrepancy,
    OutsideRefund,
    PaymentBalance,
    PayoutLeg,
    RefundRequest,
)
from refunds.payouts.daily import reconcile_due
from refunds.payouts.discrepancies import end, take, take_back
from refunds.payouts.outside import book_portal
from refunds.payouts.reconcile import reconcile
from refunds.payouts.release import release
from tests.people import Case, People
from tests.refunds.payouts.reconciliation.bills import (
    MONDAY,
    alipay,
    brings,
    open_ones,
    portal_row,
    row_of,
)
from tests.refunds.payouts.till import Till, leg_of, state_of


def in_the_portal(till: Till, amount: int) -> None:
    """Alipay knows it; we don't."""
    with till.sandbox.ledger.transaction() as books:
        books.book(
            Refund(
                trade_no=Payment.objects.get().trade_number,
                key="HD20261116",
                amount_minor=amount,
                at=till.at - timedelta(hours=2),
            )
        )


def gone() -> tuple[int, int]:
    return (PaymentBalance.objects.get().refunded, AllocationBalance.objects.get().gone)


def test_before_it_is_known_the_route_s_refusal_is_somebody_s(
    released: RefundRequest, till: Till
) -> None:
    in_the_portal(till, 5_000_00)
    till.work_for(minutes=1)
    leg = leg_of(released)
    assert leg.state == "needs_action"
    assert leg.code == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    assert state_of(released) == "payout_blocked"


def test_after_it_is_known_we_refuse_the_release_ourselves(
    case: Case, till: Till
) -> None:
    request = case.agreed()
    case.known_to(till.sandbox)
    in_the_portal(till, 5_000_00)
    till.later(days=1, minutes=30)
    reconcile_due(clock=lambda: till.at)
    assert [kind for kind, _subject in open_ones()] == ["not_ours"]
    assert gone() == (5_000_00, 5_000_00)
    with pytest.raises(RefundError, match="Not enough is left"):
        release(request, by=case.people.finance, at=till.at)
    assert till.calls("alipay.trade.refund") == 0
    assert not PayoutLeg.objects.exists()


def test_it_is_booked_once_and_by_whom_is_known(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    for remark in ("", "again"):
        brings(people, till, row_of(paid), portal_row(), remark=remark)
    booked = OutsideRefund.objects.get()
    assert (booked.cause, booked.reference, booked.amount, booked.booked_by) == (
        "portal",
        "HD2026",
        500_00,
        None,
    )
    assert gone() == (10_500_00, 10_500_00)
    assert Discrepancy.objects.get().words == "auto:booked:2026-11-17"


def test_what_has_no_room_beside_ours_is_left_open_with_words(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    brings(people, till, row_of(paid), portal_row(2_000_01))
    assert Discrepancy.objects.get().words == "auto:no_room:"
    assert gone() == (10_000_00, 10_000_00)
    assert not OutsideRefund.objects.exists()
    item = Discrepancy.objects.get()
    with pytest.raises(OverRefund):
        end(item, by=people.finance, at=till.at, outcome="booked", words="It is real.")
    assert open_ones() == [("not_ours", item.subject)]


def test_once_there_is_room_the_next_run_books_it(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    brings(people, till, row_of(paid), portal_row(2_000_01))
    PaymentBalance.objects.update(refunded=0)
    reconcile(alipay(), MONDAY, at=till.at)
    assert OutsideRefund.objects.count() == 1


def test_a_line_without_a_key_that_may_be_ours_is_not_booked(
    people: People, till: Till, case: Case
) -> None:
    request = case.agreed()
    case.known_to(till.sandbox)
    Payment.objects.update(amount=30_000_00)
    case.service.allocations.update(amount=30_000_00)
    release(request, by=people.finance, at=till.at)
    till.work()
    till.later(days=1, minutes=30)
    brings(people, till, portal_row(10_000_00, key=""))
    assert Discrepancy.objects.get().words == "auto:perhaps_ours:"
    item = Discrepancy.objects.get()
    end(item, by=people.finance, at=till.at, outcome="booked", words="Another one.")
    assert PaymentBalance.objects.get().refunded == 10_000_00


def test_a_payment_that_nobody_imported_is_booked_once_it_is(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    brings(people, till, row_of(paid), portal_row(trade="T-unknown"))
    item = Discrepancy.objects.get()
    assert (item.words, item.payment) == ("auto:no_payment:", None)
    with pytest.raises(RefundError, match="Import the payment first"):
        end(item, by=people.finance, at=till.at, outcome="booked", words="Real.")
    Payment.objects.create(
        customer=people.customer,
        route="alipay",
        trade_number="T-unknown",
        amount=900_00,
        paid_at=till.at,
    )
    reconcile(alipay(), MONDAY, at=till.at)
    assert PaymentBalance.objects.get(captured=900_00).refunded == 500_00
    item.refresh_from_db()
    assert item.payment is not None


def test_what_was_booked_wrongly_is_taken_back_and_stays_so(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    brings(people, till, row_of(paid), portal_row())
    item = Discrepancy.objects.get()
    take_back(item, by=people.finance, at=till.at, words="It was ours, by phone.")
    assert gone() == (10_000_00, 10_000_00)
    reconcile(alipay(), MONDAY, at=till.at)
    item.refresh_from_db()
    assert (item.outcome, item.ended_by) == ("explained", people.finance)
    assert OutsideRefund.objects.get().taken_back_at == till.at
    assert gone() == (10_000_00, 10_000_00)
    with pytest.raises(RefundError, match="Nothing of this is booked"):
        take_back(item, by=people.finance, at=till.at, words="Again.")
    again = partial(
        book_portal,
        paid.allocation.payment,
        reference="HD2026",
        amount=500_00,
        happened_at=till.at,
        at=till.at,
    )
    assert not again(by=None), "by itself it is not booked again"
    assert gone() == (10_000_00, 10_000_00)
    assert again(by=people.finance)
    assert gone() == (10_500_00, 10_500_00)


def test_a_service_that_has_less_of_the_payment_gets_back_what_it_lost(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    """11 000.00 of 12 000.00 are the service's; 10 000.00 of them we gave back."""
    AllocationBalance.objects.all().update(refunded=0)
    AllocationBalance.objects.all().delete()
    paid.allocation.amount = 11_000_00
    paid.allocation.save()
    AllocationBalance.objects.create(
        allocation=paid.allocation, captured=11_000_00, refunded=10_000_00
    )
    brings(people, till, row_of(paid), portal_row(2_000_00))
    assert gone() == (12_000_00, 11_000_00)
    words = "By mistake."
    take_back(Discrepancy.objects.get(), by=people.finance, at=till.at, words=words)
    assert gone() == (10_000_00, 10_000_00)


def test_who_ends_an_item_is_of_finance_and_says_what_they_found(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    brings(people, till, row_of(paid, amount=1))
    item = Discrepancy.objects.get()
    for person in (people.auditor, people.evaluator, people.superuser, people.owner):
        acts: tuple[Callable[..., None], ...] = (
            take,
            partial(take_back, words="x"),
            partial(end, outcome="explained", words="x"),
        )
        for act in acts:
            with pytest.raises(NotPermitted, match="for finance"):
                act(item, by=person, at=till.at)
    for outcome, words, field in (
        ("explained", "  ", "words"),
        ("", "A fee.", "outcome"),
        ("lost", "A fee.", "outcome"),
        ("booked", "A fee.", "outcome"),
    ):
        with pytest.raises(RefundError) as refusal:
            end(item, by=people.finance, at=till.at, outcome=outcome, words=words)
        assert refusal.value.field == field
    item.refresh_from_db()
    assert (item.outcome, item.owner) == ("", None)
    take(item, by=people.finance, at=till.at)
    end(item, by=people.finance, at=till.at, outcome="corrected", words="A fee.")
    with pytest.raises(RefundError, match="ended already, by finance"):
        end(item, by=people.finance, at=till.at, outcome="explained", words="No.")
    with pytest.raises(RefundError, match="ended already"):
        take(item, by=people.finance, at=till.at)
