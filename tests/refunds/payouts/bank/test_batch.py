"""What waits for the bank becomes one file: once, whole, and the same for ever."""

import hashlib
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Payment
from refunds.errors import NotPermitted, RefundError
from refunds.gateways.bank import pain001
from refunds.models import (
    LegState,
    Merchant,
    PayoutBatch,
    PayoutCall,
    RefundRequest,
)
from refunds.payouts.batches import download, make_batch, waiting
from refunds.payouts.retry import retry
from refunds.payouts.stop import stop
from refunds.states import State
from tests.people import People, make_case, make_people
from tests.refunds.payouts.bank.counter import (
    PAYER_NUMBER,
    Counter,
    released_by_bank,
)
from tests.refunds.payouts.till import Till, balances, kinds_of, leg_of, state_of
from tests.refunds.together import queued_behind

AMOUNT = 10_000_00


def test_a_transfer_waits_and_is_put_into_a_batch(
    owed: RefundRequest, counter: Counter
) -> None:
    counter.till.work()
    leg = leg_of(owed)
    assert (leg.state, leg.code, leg.next_at) == ("prepared", "waits_for_batch", None)
    [pile] = waiting()
    assert (pile.count, pile.amount, pile.currency) == (1, AMOUNT, "CNY")
    batch = counter.batch()
    leg = leg_of(owed)
    assert (leg.state, leg.batch, leg.sendings) == (LegState.PROCESSING, batch, 1)
    assert (batch.count, batch.amount, batch.currency) == (1, AMOUNT, "CNY")
    assert kinds_of(owed)[-2:] == ["payout_sent", "payout_batched"]
    [call] = PayoutCall.objects.filter(leg=leg)
    assert (call.kind, call.code) == (PayoutCall.Kind.BATCH, batch.number)
    assert waiting() == []
    assert balances() == {(AMOUNT, 0)}


def test_the_file_is_made_once_and_never_changes(
    owed: RefundRequest, counter: Counter
) -> None:
    batch = counter.batch()
    first = counter.content(batch)
    counter.till.later(days=3)
    Merchant.objects.filter(pk=batch.merchant_id).update(settings={})
    again = PayoutBatch.objects.get(pk=batch.pk)
    assert counter.content(again) == first
    assert hashlib.sha256(first).hexdigest() == batch.sha256
    assert batch.number.encode() in first
    again.refresh_from_db()
    assert again.first_downloaded_at == batch.made_at < counter.at


def test_no_account_number_stands_outside_the_sealed_columns(
    owed: RefundRequest, counter: Counter
) -> None:
    batch = counter.batch()
    assert PAYER_NUMBER.encode() in counter.content(batch)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM refunds_payoutbatch")
        assert PAYER_NUMBER not in str(cursor.fetchall())
        cursor.execute("SELECT * FROM refunds_payoutleg")
        assert PAYER_NUMBER not in str(cursor.fetchall())
    assert leg_of(owed).parameters["account"] == "****5678"


def test_silence_for_two_working_days_calls_a_person(
    owed: RefundRequest, counter: Counter
) -> None:
    counter.batch()
    # Close of business on Wednesday, in Beijing.
    assert leg_of(owed).next_at == datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
    counter.till.later(days=2)
    assert counter.till.work() == 0
    counter.till.later(hours=8)
    counter.till.work()
    leg = leg_of(owed)
    assert (leg.state, leg.code) == (LegState.NEEDS_ACTION, "no_answer_from_bank")
    assert state_of(owed) is State.PAYOUT_BLOCKED
    assert balances() == {(AMOUNT, 0)}


def test_nothing_waits_nothing_is_made(counter: Counter) -> None:
    made = make_batch(counter.merchant, by=counter.finance, at=counter.at)
    assert made is None
    assert not PayoutBatch.objects.exists()


def test_only_finance_makes_and_downloads(
    owed: RefundRequest, counter: Counter, people: People
) -> None:
    batch = counter.batch()
    for person in (people.approver, people.auditor, people.superuser):
        with pytest.raises(NotPermitted, match="for finance"):
            make_batch(counter.merchant, by=person, at=counter.at)
        with pytest.raises(NotPermitted, match="for finance"):
            download(batch, by=person, at=counter.at)


def test_no_batch_while_payouts_are_stopped(
    owed: RefundRequest, counter: Counter
) -> None:
    counter.till.work()
    stop(route="", reason="100% audit", by=counter.finance, at=counter.at)
    with pytest.raises(RefundError, match=r"stopped \(100% audit\)") as refused:
        counter.batch()
    assert "let" in str(refused.value)
    assert leg_of(owed).state == LegState.PREPARED


def test_what_is_disputed_meanwhile_stays_out_and_is_shown(
    owed: RefundRequest, counter: Counter
) -> None:
    counter.till.work()
    Payment.objects.update(disputed=True)
    assert make_batch(counter.merchant, by=counter.finance, at=counter.at) is None
    leg = leg_of(owed)
    assert (leg.state, leg.code) == (LegState.NEEDS_ACTION, "in_dispute")
    assert state_of(owed) is State.PAYOUT_BLOCKED


def test_an_account_that_changed_since_gets_no_money(
    owed: RefundRequest, counter: Counter
) -> None:
    """And once it is the right one again, the leg goes where it was meant to go."""
    counter.till.work()
    Payment.objects.update(payer_number="6222029999999999999")
    assert make_batch(counter.merchant, by=counter.finance, at=counter.at) is None
    leg = leg_of(owed)
    assert (leg.state, leg.code) == (LegState.NEEDS_ACTION, "account_changed")
    Payment.objects.update(payer_number=PAYER_NUMBER)
    retry(owed, by=counter.finance, at=counter.at)
    assert PAYER_NUMBER.encode() in counter.content(counter.batch())


def test_one_currency_per_batch(
    owed: RefundRequest, counter: Counter, people: People
) -> None:
    other = make_case(people, at=counter.at)
    released_by_bank(other, at=counter.at, number="6222021001119999999")
    counter.till.work()
    assert [(p.count, p.amount) for p in waiting()] == [(2, 2 * AMOUNT)]
    made = make_batch(
        counter.merchant, by=counter.finance, at=counter.at, currency="USD"
    )
    assert made is None
    assert counter.batch().count == 2


def test_a_crash_in_the_middle_leaves_nothing_behind(
    owed: RefundRequest, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F8: all is one transaction; what waited waits on, under the same key."""
    counter.till.work()
    before = kinds_of(owed)

    def out_of_memory(*_args: object, **_named: object) -> bytes:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(pain001, "tostring", out_of_memory)
        with pytest.raises(MemoryError):
            make_batch(counter.merchant, by=counter.finance, at=counter.at)
    leg = leg_of(owed)
    assert (leg.state, leg.sendings, leg.batch) == (LegState.PREPARED, 0, None)
    assert not PayoutBatch.objects.exists()
    assert not PayoutCall.objects.exists()
    assert kinds_of(owed) == before
    assert counter.batch().count == 1


@pytest.mark.postgres
def test_two_people_press_at_once(committed: None, till: Till, now: datetime) -> None:
    """F9: each transfer is in one batch, whoever was first."""
    people = make_people()
    counter = Counter(till, people.finance)
    requests = [
        released_by_bank(make_case(people, at=now), at=now) for _each in range(3)
    ]
    till.work()

    def press() -> object:
        return make_batch(counter.merchant, by=people.finance, at=now)

    made = queued_behind(requests[:1], press, press)
    assert [type(each).__name__ for each in made].count("PayoutBatch") == 1
    [batch] = PayoutBatch.objects.all()
    assert batch.count == batch.legs.count() == 3
    assert {leg_of(request).sendings for request in requests} == {1}
    assert PayoutCall.objects.count() == 3


def test_what_waits_is_one_question(owed: RefundRequest, counter: Counter) -> None:
    counter.till.work()
    with CaptureQueriesContext(connection) as asked:
        assert len(waiting()) == 1
    assert len(asked) == 1
