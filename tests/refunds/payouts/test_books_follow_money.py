"""What a route states has left us counts as gone, whoever said otherwise before."""

from contextlib import suppress

from refunds.errors import RefundError
from refunds.models import Discrepancy, Dispute, PaymentBalance, RefundRequest
from refunds.payouts.discrepancies import book_now
from refunds.payouts.disputes import end_dispute, record_dispute
from refunds.payouts.findings import decide_finding, find_out
from tests.people import People
from tests.refunds.payouts.reconciliation.bills import brings, row_of
from tests.refunds.payouts.till import Till, leg_of

LEFT = 2_000_00


def test_what_two_people_found_unmoved_and_the_bill_has_counts_as_gone(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.fails("sub_code:ACQ.SOMETHING_NEVER_HEARD_OF")
    till.work()
    finding = find_out(
        leg_of(released), by=people.finance, at=till.at, moved=False, words="Portal."
    )
    decide_finding(finding, by=people.approver, at=till.at, agreed=True)
    till.later(days=1, minutes=30)
    brings(people, till, row_of(leg_of(released)))
    with suppress(RefundError):
        item = Discrepancy.objects.get(outcome="")
        book_now(item, by=people.finance, at=till.at, words="It did move.")
    assert PaymentBalance.objects.get().left == LEFT


def test_a_dispute_lost_after_the_refund_arrived_is_ended_and_counted(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.work_for(rounds=3, seconds=11)
    payment = leg_of(released).allocation.payment
    dispute = record_dispute(
        payment,
        by=people.finance,
        at=till.at,
        reference="dp_1",
        amount=payment.amount,
        reason="Not recognised.",
        opened_at=till.at,
    )
    with suppress(RefundError):
        end_dispute(
            dispute, by=people.finance, at=till.at, outcome=Dispute.Outcome.LOST
        )
    dispute.refresh_from_db()
    assert dispute.outcome == Dispute.Outcome.LOST
    assert PaymentBalance.objects.get().left == 0
