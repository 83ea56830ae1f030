"""After a dispute was recorded nothing of its payment is sent any more. PostgreSQL."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from pytest_django import Settings

from accounts.models import Payment
from refunds.errors import RefundError
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import Dispute, OutsideRefund, PayoutLeg, RefundRequest
from refunds.payouts.balances import lock_payment
from refunds.payouts.disputes import end_dispute, record_dispute
from refunds.payouts.release import release
from refunds.payouts.send import work
from refunds.record.verify import find_breaks
from refunds.states import State
from tests.people import Case, People, make_case, make_people
from tests.refunds.payouts.till import REFUND, Till, kinds_of, leg_of, state_of
from tests.refunds.together import queued_behind, queued_while

pytestmark = pytest.mark.postgres


@pytest.fixture
def people(committed: None) -> People:
    return make_people()


@pytest.fixture
def case(people: People, now: datetime) -> Case:
    return make_case(people, at=now)


@pytest.fixture
def till(
    same_keys: None,
    sandbox: Sandbox,
    merchants: None,
    settings: Settings,
    now: datetime,
) -> Till:
    settings.GATEWAY_TIMEOUT_SECONDS = 2
    return Till(sandbox, now)


@pytest.fixture
def ready(case: Case, till: Till) -> RefundRequest:
    case.known_to(till.sandbox)
    release(case.agreed(), by=case.people.finance, at=till.at)
    return case.request


def dispute_it(case: Case) -> Dispute:
    return record_dispute(
        Payment.objects.get(),
        by=case.people.finance,
        at=case.at,
        reference="dp_1",
        amount=2_000_00,
        reason="",
        opened_at=case.at - timedelta(days=1),
    )


def test_a_worker_that_comes_while_it_is_recorded_sends_nothing(
    case: Case, till: Till, ready: RefundRequest
) -> None:
    leg = leg_of(ready)
    queued_while(partial(dispute_it, case), partial(work, leg.pk, at=till.at))
    assert till.calls(REFUND) == 0
    leg = leg_of(ready)
    assert (leg.state, leg.code, leg.sendings) == ("needs_action", "in_dispute", 0)
    assert state_of(ready) is State.PAYOUT_BLOCKED
    assert list(find_breaks()) == []


def test_a_worker_waits_for_the_payment_alone_and_reads_it_anew(
    till: Till, ready: RefundRequest
) -> None:
    """Who marks the payment holds its lock, whatever became of the requests."""

    def mark() -> None:
        payment = Payment.objects.get()
        lock_payment(payment)
        Payment.objects.update(disputed=True)

    queued_while(mark, partial(work, leg_of(ready).pk, at=till.at))
    assert till.calls(REFUND) == 0
    assert leg_of(ready).code == "in_dispute"


def test_whoever_is_first_it_is_sent_before_or_never(
    case: Case, till: Till, ready: RefundRequest
) -> None:
    leg = leg_of(ready)
    queued_behind([ready], partial(dispute_it, case), partial(work, leg.pk, at=till.at))
    kinds = kinds_of(ready)
    sent = "payout_sent" in kinds
    assert till.calls(REFUND) == int(sent)
    if sent:
        assert kinds.index("payout_sent") < kinds.index("dispute_recorded")
    assert PayoutLeg.objects.filter(state="prepared").count() == 0
    till.later(minutes=10)
    till.work()
    assert till.calls(REFUND) == int(sent)


def test_a_release_that_comes_while_it_is_recorded_is_refused_or_held(
    case: Case, till: Till
) -> None:
    case.known_to(till.sandbox)
    request = case.agreed()
    by = case.people.finance
    queued_while(
        partial(dispute_it, case), partial(release, request, by=by, at=till.at)
    )
    till.work()
    assert till.calls(REFUND) == 0


def test_two_end_the_same_dispute(case: Case) -> None:
    dispute = dispute_it(case)
    case.people.lead.groups.set(case.people.finance.groups.all())
    acts = [
        partial(end_dispute, dispute, by=by, at=case.at, outcome="lost")
        for by in (case.people.finance, case.people.lead)
    ]
    answers = queued_behind([Payment.objects.get().balance], *acts)
    [refused] = [answer for answer in answers if isinstance(answer, RefundError)]
    assert "was first: at 2026-11-16 10:00 the dispute was ended" in str(refused)
    assert OutsideRefund.objects.get().amount == 2_000_00
