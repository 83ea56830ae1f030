"""A finding says what was so when it was made; what was sent since is another story."""

from contextlib import suppress

import pytest

from refunds.errors import RefundError
from refunds.models import LegFinding, LegState, PayoutLeg, RefundRequest
from refunds.payouts.findings import decide_finding, find_out
from refunds.payouts.retry import retry
from tests.people import Case, People
from tests.refunds.payouts.till import REFUND, Till, balances, leg_of

AMOUNT = 10_000_00


@pytest.fixture
def found_then_sent_again(
    released: RefundRequest, till: Till, people: People
) -> LegFinding:
    """Found unmoved; before anybody agreed it was sent once more, and did move."""
    till.fails("sub_code:ACQ.SOMETHING_NEVER_HEARD_OF")
    till.work()
    finding = find_out(
        leg_of(released),
        by=people.finance,
        at=till.at,
        moved=False,
        words="The portal shows nothing.",
    )
    till.later(minutes=5)
    retry(released, by=people.finance, at=till.at)
    till.fails("timeout_after_commit", method=REFUND)
    till.fails("not_yet", method="alipay.trade.fastpay.refund.query", times=None)
    till.fails("sub_code:ACQ.SOMETHING_NEVER_HEARD_OF", method=REFUND, times=None)
    till.work_for(rounds=6, seconds=61)
    assert leg_of(released).sendings > 1
    assert leg_of(released).state == LegState.NEEDS_ACTION
    return finding


def test_a_finding_older_than_the_last_sending_frees_nothing(
    found_then_sent_again: LegFinding, till: Till, people: People
) -> None:
    leg = PayoutLeg.objects.get()
    assert till.moved() == [(leg.key, AMOUNT)]
    with suppress(RefundError):
        decide_finding(
            found_then_sent_again, by=people.approver, at=till.at, agreed=True
        )
    assert balances() == {(AMOUNT, 0)}


def test_who_filed_for_the_customer_agrees_to_nothing(
    released: RefundRequest, till: Till, people: People, case: Case
) -> None:
    till.fails("sub_code:ACQ.SOMETHING_NEVER_HEARD_OF")
    till.work()
    finding = find_out(
        leg_of(released), by=people.finance, at=till.at, moved=False, words="Portal."
    )
    assert case.request.filed_by == people.owner
    people.owner.is_staff = True
    people.owner.save()
    people.owner.memberships.all().delete()
    people.owner.groups.set(people.approver.groups.all())
    with suppress(RefundError):
        decide_finding(finding, by=people.owner, at=till.at, agreed=True)
    assert balances() == {(AMOUNT, 0)}
