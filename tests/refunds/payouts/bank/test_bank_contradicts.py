"""The bank says one thing and later another; no money goes out twice for it."""

import csv
import io
from contextlib import suppress

from refunds.errors import RefundError
from refunds.gateways.bank.csv_profile import ANSWERED
from refunds.models import (
    LegState,
    PayoutBatch,
    PayoutLeg,
    RefundRequest,
)
from refunds.payouts.retry import retry
from refunds.states import State
from tests.people import People
from tests.refunds.payouts.bank.counter import Counter
from tests.refunds.payouts.till import balances, leg_of, legs_of, state_of

AMOUNT = 10_000_00


def table(batch: PayoutBatch, key: str, *, amount: str, status: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(ANSWERED)
    writer.writerow((batch.number, key, "CNY", amount, status, "", "BK1"))
    return out.getvalue().encode("gb18030")


def test_less_came_back_by_the_table_than_went_out(
    owed: RefundRequest, counter: Counter
) -> None:
    batch = counter.send()
    key = leg_of(owed).key
    counter.take(table(batch, key, amount="10000.00", status="成功"))
    assert leg_of(owed).state == LegState.SUCCEEDED
    counter.take(table(batch, key, amount="0.01", status="退票"))
    assert leg_of(owed).state == LegState.NEEDS_ACTION
    assert balances() == {(AMOUNT, 0)}


def test_what_went_out_after_it_was_refused_is_not_sent_again(
    owed: RefundRequest, counter: Counter, people: People
) -> None:
    batch = counter.send()
    settled = counter.answer(batch).replace(b">ACTC<", b">ACSC<")
    counter.turn(leg_of(owed), "RJCT:AC01")
    counter.take(counter.answer(batch))
    retry(owed, by=people.finance, at=counter.at)
    counter.till.work()
    counter.take(settled)
    with suppress(AssertionError, RefundError):
        counter.batch()
    first, second = legs_of(owed)
    assert first.state == LegState.FAILED
    assert second.sendings == 0
    assert state_of(owed) is State.PAYOUT_BLOCKED


def test_a_retry_after_the_bank_took_its_refusal_back_pays_nothing(
    owed: RefundRequest, counter: Counter, people: People
) -> None:
    batch = counter.send()
    settled = counter.answer(batch).replace(b">ACTC<", b">ACSC<")
    counter.turn(leg_of(owed), "RJCT:AC01")
    counter.take(counter.answer(batch))
    counter.take(settled)
    with suppress(RefundError):
        retry(owed, by=people.finance, at=counter.at)
    counter.till.work()
    assert PayoutLeg.objects.filter(state__in=("prepared", "held")).count() == 0


def test_a_refusal_of_what_the_statement_booked_frees_nothing_by_itself(
    owed: RefundRequest, counter: Counter
) -> None:
    batch = counter.send()
    counter.till.later(hours=1)
    refused = counter.answer(batch)
    refused = refused.replace(b">ACTC<", b">RJCT<").replace(b">ACSC<", b">RJCT<")
    counter.take(counter.answer(batch))
    assert leg_of(owed).state == LegState.SUCCEEDED
    reason = b"<StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>"
    counter.take(refused.replace(b"</TxSts>", b"</TxSts>" + reason))
    assert counter.till.moved() == [(leg_of(owed).key, AMOUNT)]
    assert balances() == {(AMOUNT, 0)}
