"""By which day each part is expected, kept current, and why it is late. Monday 16 Nov
2026; the promise is 30 working days off, on 28 December."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import Payment
from refunds.models import (
    LegState,
    Merchant,
    Payout,
    PayoutStop,
    RefundRequest,
)
from refunds.payouts.expected import Expected, WhyLate, expected
from tests.people import Case
from tests.refunds.payouts.another_account import blocked
from tests.refunds.payouts.till import Till, leg_of

PROMISED = date(2026, 12, 25)
LATE = datetime(2027, 1, 6, 3, tzinfo=UTC)


def of(request: RefundRequest, *, at: datetime) -> Expected:
    return expected(leg_of(request), request=request, at=at)


def seen(request: RefundRequest, at: datetime, **told: object) -> Expected:
    leg = leg_of(request)
    for name, value in told.items():
        setattr(leg, name, value)
    return expected(leg, request=request, at=at)


def test_what_waits_counts_from_now_and_moves_along(
    released: RefundRequest, now: datetime
) -> None:
    first = of(released, at=now)
    later = of(released, at=now + timedelta(days=7))
    assert first.why_late is later.why_late is None
    assert first.day is not None
    assert later.day is not None
    assert first.day > now.date()
    assert later.day - first.day == timedelta(days=7)


def test_what_was_sent_counts_from_its_sending(
    released: RefundRequest, till: Till
) -> None:
    waits = of(released, at=till.at)
    till.work()
    assert leg_of(released).state == LegState.PROCESSING
    assert of(released, at=till.at) == waits
    assert of(released, at=till.at + timedelta(hours=20)) == waits


def test_never_in_the_past_for_what_is_not_settled(
    released: RefundRequest, till: Till
) -> None:
    till.work()
    for days in (1, 5, 30, 60, 400):
        at = till.at + timedelta(days=days)
        for state in (*LegState.values,):
            found = seen(released, at, state=state)
            if state != LegState.SUCCEEDED:
                assert found.day is None or found.day >= at.date(), (days, state)


def test_a_working_day_of_the_contracts_calendar(
    released: RefundRequest, till: Till
) -> None:
    friday = till.at + timedelta(days=4)
    day = of(released, at=friday).day
    assert day is not None
    assert day.weekday() < 5


@pytest.mark.parametrize(
    ("state", "code", "why"),
    [
        ("held", "stopped", WhyLate.STOPPED),
        ("held", "merchant_stopped", WhyLate.CHECKED),
        ("held", "ACQ.SELLER_BALANCE_NOT_ENOUGH", WhyLate.BALANCE),
        ("held", "waits_for_batch", WhyLate.BANK_FILE),
        ("held", "", WhyLate.CHECKED),
        ("unknown", "", WhyLate.CHECKED),
        ("processing", "", WhyLate.ROUTE),
        ("needs_action", "in_dispute", WhyLate.DISPUTE),
        ("needs_action", "invoice_gate_closed", WhyLate.INVOICE),
        ("needs_action", "unlisted", WhyLate.PERSON),
        ("failed", "x", WhyLate.PERSON),
        ("route_closed", "route_closed", WhyLate.CLOSED),
        ("reversed", "dback_F", WhyLate.CLOSED),
    ],
)
def test_after_the_promise_it_says_why(
    released: RefundRequest, now: datetime, state: str, code: str, why: WhyLate
) -> None:
    assert seen(released, now, state=state, code=code).why_late is None
    late = seen(released, LATE, state=state, code=code)
    assert late.why_late is why


def test_a_stop_of_ours_is_told_before_the_leg_was_looked_at(
    released: RefundRequest, till: Till, case: Case
) -> None:
    PayoutStop.objects.create(
        route="", reason="Audit", stopped_at=till.at, stopped_by=case.people.finance
    )
    assert of(released, at=LATE).why_late is WhyLate.STOPPED


def test_a_promise_that_can_t_be_kept_any_more_is_late_before_it_passes(
    released: RefundRequest, now: datetime
) -> None:
    Payout.objects.update(expected_on=now.date())
    assert of(released, at=now).why_late is not None


def test_what_is_back_is_not_late(released: RefundRequest, till: Till) -> None:
    till.work_for(rounds=3, seconds=11)
    found = of(released, at=LATE)
    assert found.why_late is None
    assert found.day is not None
    assert found.day <= PROMISED


def test_only_the_customer_knows_until_an_account_is_named(
    case: Case, till: Till
) -> None:
    held_up = blocked(case)
    assert of(held_up.request, at=till.at) == Expected(None, WhyLate.CLOSED)
    held_up.named()
    found = of(held_up.request, at=till.at)
    assert found.day is not None
    assert found.day > till.at.date()


def test_a_payment_in_dispute_is_the_reason(
    released: RefundRequest, now: datetime
) -> None:
    Payment.objects.update(disputed=True)
    assert of(released, at=LATE).why_late is WhyLate.DISPUTE


def test_without_a_merchant_there_is_a_day_too(
    released: RefundRequest, now: datetime
) -> None:
    Merchant.objects.update(enabled=False)
    assert of(released, at=now).day == date(2026, 11, 23)
