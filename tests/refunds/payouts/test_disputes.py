"""A payment in dispute: nothing of it is refunded while that lasts."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Membership, Payment
from refunds.errors import NotPermitted, RefundError
from refunds.models import Dispute, OutsideRefund, PaymentBalance, RefundRequest
from refunds.payouts.disputes import end_dispute, record_dispute
from refunds.payouts.findings import decide_finding, find_out
from refunds.payouts.release import release
from refunds.payouts.retry import retry
from refunds.record.verify import find_breaks
from refunds.review.answers import withdraw
from refunds.states import State
from tests.people import Case
from tests.refunds.payouts.till import (
    REFUND,
    Till,
    balances,
    kinds_of,
    leg_of,
    state_of,
)


def payment_of(case: Case) -> Payment:
    return Payment.objects.get(allocations__service=case.service)


def disputed(case: Case, *, at: datetime | None = None, **other: Any) -> Dispute:
    told: dict[str, Any] = {
        "reference": "dp_1",
        "amount": 12_000_00,
        "reason": "Not recognised",
        "opened_at": case.at - timedelta(days=1),
        "by": case.people.finance,
        "at": at or case.at,
    }
    return record_dispute(payment_of(case), **(told | other))


def test_what_waits_to_be_sent_is_held_up(
    case: Case, till: Till, released: RefundRequest
) -> None:
    disputed(case)
    leg = leg_of(released)
    assert (leg.state, leg.code) == ("needs_action", "in_dispute")
    assert state_of(released) is State.PAYOUT_BLOCKED
    assert kinds_of(released)[-3:] == [
        "dispute_recorded",
        "payout_needs_action",
        "block_payout",
    ]
    till.work()
    assert till.calls(REFUND) == 0
    assert balances() == {(10_000_00, 0)}
    assert list(find_breaks()) == []


def test_the_same_hand_at_the_button_does_not_send_it(
    case: Case, till: Till, released: RefundRequest
) -> None:
    disputed(case)
    retry(released, by=case.people.finance, at=till.at)
    till.work()
    assert till.calls(REFUND) == 0
    assert leg_of(released).code == "in_dispute"
    assert state_of(released) is State.PAYOUT_BLOCKED


def test_what_is_in_the_air_is_asked_about_as_ever(
    case: Case, till: Till, released: RefundRequest
) -> None:
    till.fails("http_502_after")
    till.work()
    disputed(case)
    assert leg_of(released).state == "unknown"
    till.work_for(seconds=60)
    assert till.calls(REFUND) == 1
    assert leg_of(released).state in ("succeeded", "needs_action")


def test_nothing_of_it_is_released(case: Case, till: Till) -> None:
    case.agreed()
    disputed(case)
    with pytest.raises(RefundError, match="one may be in dispute"):
        release(case.request, by=case.people.finance, at=till.at)
    assert kinds_of(case.request)[-1] == "dispute_recorded"


def test_once_it_is_won_the_payout_is_tried_again(
    case: Case, till: Till, released: RefundRequest
) -> None:
    dispute, finance = disputed(case), case.people.finance
    end_dispute(dispute, by=finance, at=till.at, outcome="won")
    assert not payment_of(case).disputed
    assert kinds_of(released)[-1] == "dispute_ended"
    retry(released, by=finance, at=till.at)
    till.work()
    assert till.moved() == [(leg_of(released).key, 10_000_00)]


def test_the_payment_is_free_when_the_last_dispute_of_it_has_ended(case: Case) -> None:
    finance = case.people.finance
    first = disputed(case, amount=1_000_00)
    second = disputed(case, reference="dp_2", amount=2_000_00)
    end_dispute(first, by=finance, at=case.at, outcome="won")
    assert payment_of(case).disputed
    end_dispute(second, by=finance, at=case.at, outcome="lost")
    assert not payment_of(case).disputed


def test_what_was_lost_counts_as_gone_back(case: Case) -> None:
    dispute, finance = disputed(case, amount=3_000_00), case.people.finance
    end_dispute(dispute, by=finance, at=case.at, outcome="lost")
    refund = OutsideRefund.objects.get()
    assert (refund.cause, refund.reference) == ("dispute", "dp_1")
    assert (refund.amount, refund.booked_by) == (3_000_00, finance)
    assert balances() == {(0, 3_000_00)}


@pytest.mark.usefixtures("released")
def test_a_refund_of_ours_is_settled_before_a_lost_dispute_is_booked(
    case: Case, till: Till
) -> None:
    dispute, people, request = disputed(case), case.people, case.request
    with pytest.raises(RefundError, match="a refund of ours counts against it too"):
        end_dispute(dispute, by=people.finance, at=till.at, outcome="lost")
    assert payment_of(case).disputed
    assert Dispute.objects.get().outcome == ""
    assert not OutsideRefund.objects.exists()
    finding = find_out(
        leg_of(request), by=people.finance, at=till.at, moved=False, words="Not sent."
    )
    decide_finding(finding, by=people.approver, at=till.at, agreed=True)
    end_dispute(dispute, by=people.finance, at=till.at, outcome="lost")
    assert balances() == {(0, 12_000_00)}
    assert PaymentBalance.objects.get().left == 0


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"reference": "  "}, "reference"),
        ({"reference": "x" * 65}, "reference"),
        ({"reference": "dp\x00"}, "reference"),
        ({"amount": 0}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": 12_000_01}, "amount"),
        ({"opened_at": datetime.fromisoformat("2026-11-16T02:00:01Z")}, "opened_at"),
        ({"opened_at": datetime.fromisoformat("2026-01-01T00:00:00Z")}, "opened_at"),
    ],
)
def test_what_can_not_be_a_dispute_gets_words_and_moves_nothing(
    case: Case, told: dict[str, Any], field: str
) -> None:
    request = case.agreed()
    before = kinds_of(request)
    with pytest.raises(RefundError) as refused:
        disputed(case, **told)
    assert refused.value.field == field
    assert kinds_of(request) == before
    assert not payment_of(case).disputed


def test_a_dispute_is_recorded_once_and_ended_once(case: Case) -> None:
    dispute, finance = disputed(case), case.people.finance
    with pytest.raises(RefundError, match="was recorded before") as told:
        disputed(case)
    assert told.value.field == "reference"
    with pytest.raises(RefundError, match="Say who it was decided for") as told:
        end_dispute(dispute, by=finance, at=case.at, outcome="drawn")
    assert told.value.field == "outcome"
    end_dispute(dispute, by=finance, at=case.at, outcome="won")
    words = "finance was first: at 2026-11-16 10:00 the dispute was ended: Decided for"
    with pytest.raises(RefundError, match=words):
        end_dispute(dispute, by=finance, at=case.at, outcome="lost")
    assert not OutsideRefund.objects.exists()


def test_only_finance_records_and_never_of_their_own_customer(case: Case) -> None:
    people, dispute = case.people, disputed(case)
    for person in (people.evaluator, people.auditor, people.owner, people.superuser):
        with pytest.raises(NotPermitted):
            disputed(case, by=person, reference="dp_2")
        with pytest.raises(NotPermitted):
            end_dispute(dispute, by=person, at=case.at, outcome="won")
    Membership.objects.create(
        customer=people.customer, user=people.finance, role=Membership.Role.MEMBER
    )
    with pytest.raises(NotPermitted, match="You belong to this customer"):
        end_dispute(dispute, by=people.finance, at=case.at, outcome="won")
    assert Dispute.objects.get().outcome == ""


def test_a_request_that_has_ended_hears_nothing_of_it(case: Case) -> None:
    request = case.submitted()
    withdraw(request, by=case.people.owner, at=case.at)
    disputed(case)
    assert "dispute_recorded" not in kinds_of(request)
