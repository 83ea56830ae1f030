"""Money that came back reopens its request beside a newer one; it has to go again."""

from contextlib import suppress

import pytest
from django.db import IntegrityError

from refunds.gateways.base import Outcome, Reason, Result
from refunds.models import LegState, RefundRequest
from refunds.payouts.retry import retry
from refunds.states import State
from tests.people import Case, People
from tests.refunds.payouts.another_account import (
    REVERSED,
    hears,
    succeeds,
)
from tests.refunds.payouts.till import Till, balances, leg_of, legs_of, state_of

AMOUNT = 10_000_00
CARD_REFUSED = Result(Outcome.REJECTED, Reason.NEEDS_PERSON, code="dback_F")


@pytest.fixture
def refunded(released: RefundRequest, till: Till, case: Case) -> RefundRequest:
    """Paid; and the customer has asked for some more of the same since."""
    till.work_for(rounds=3, seconds=11)
    assert state_of(released) is State.REFUNDED
    case.submitted(amount=100_00)
    return RefundRequest.objects.get(pk=released.pk)


def test_what_came_back_is_paid_again_beside_a_newer_request(
    refunded: RefundRequest, till: Till, people: People
) -> None:
    hears(leg_of(refunded), REVERSED, at=till.at)
    assert state_of(refunded) is State.PAYOUT_BLOCKED
    retry(refunded, by=people.finance, at=till.at)
    assert [leg.state for leg in legs_of(refunded)] == [
        LegState.REVERSED,
        LegState.PREPARED,
    ]


def test_a_doubt_that_turns_out_well_is_written_down_beside_a_newer_request(
    refunded: RefundRequest, till: Till
) -> None:
    leg = leg_of(refunded)
    hears(leg, CARD_REFUSED, at=till.at)
    assert leg_of(refunded).state == LegState.NEEDS_ACTION
    with suppress(IntegrityError):
        hears(leg, succeeds(leg), at=till.at)
    assert leg_of(refunded).state == LegState.SUCCEEDED
    assert balances() == {(0, AMOUNT)}
