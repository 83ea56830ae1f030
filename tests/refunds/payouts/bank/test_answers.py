"""What the bank answers moves each leg by what it proves, once."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from refunds.errors import NotPermitted, RefundError
from refunds.gateways.base import Line
from refunds.models import (
    LegState,
    PayoutBatch,
    PayoutCall,
    PayoutLeg,
    ReceivedFile,
    RefundRequest,
)
from refunds.payouts.bank_files import settle_from_lines, take_answer
from refunds.payouts.retry import retry
from refunds.record.verify import find_breaks
from refunds.states import State
from tests.factories import pay_for
from tests.people import Case, People, make_case
from tests.refunds.payouts.bank.counter import Counter, released_by_bank
from tests.refunds.payouts.till import balances, kinds_of, leg_of, legs_of, state_of

AMOUNT = 10_000_00


def two_more(people: People, counter: Counter) -> list[RefundRequest]:
    return [
        released_by_bank(make_case(people, at=counter.at), at=counter.at)
        for _each in range(2)
    ]


def test_taken_settled_paid(owed: RefundRequest, counter: Counter) -> None:
    batch = counter.send()
    leg = leg_of(owed)
    assert (leg.state, leg.code) == (LegState.PROCESSING, "ACTC")
    assert counter.till.moved() == []
    counter.till.later(hours=1)
    taken = counter.take(counter.answer(batch))
    assert [(row.state, row.code) for row in taken.rows] == [("succeeded", "ACSC")]
    leg = leg_of(owed)
    assert (leg.provider_number, leg.next_at) == (f"BK{leg.key}", None)
    assert leg.settled_by is not None
    assert leg.settled_by.kind == PayoutCall.Kind.FILE
    assert counter.till.moved() == [(leg.key, AMOUNT)]
    assert balances() == {(0, AMOUNT)}
    assert state_of(owed) is State.REFUNDED
    assert kinds_of(owed)[-2:] == ["payout_succeeded", "settle"]
    assert PayoutBatch.objects.get().answered_at == batch.made_at
    assert list(find_breaks()) == []


def test_settled_without_an_amount_waits_for_the_statement(
    owed: RefundRequest, counter: Counter
) -> None:
    batch = counter.send()
    counter.till.later(hours=1)
    counter.till.fails("without_amounts", method="bank.answers")
    counter.take(counter.answer(batch))
    leg = leg_of(owed)
    assert (leg.state, leg.code) == (LegState.PROCESSING, "ACSC")
    assert balances() == {(AMOUNT, 0)}
    assert counter.settle() == [leg.key]
    assert leg_of(owed).state == LegState.SUCCEEDED
    assert state_of(owed) is State.REFUNDED


def test_the_groups_word_holds_for_what_is_not_listed(
    owed: RefundRequest, counter: Counter
) -> None:
    batch = counter.send()
    counter.till.fails("group_only", method="bank.answers")
    [row] = counter.take(counter.answer(batch)).rows
    assert (row.state, row.code) == ("processing", "ACTC")


def test_an_answer_gives_the_bank_two_more_days(
    owed: RefundRequest, counter: Counter
) -> None:
    batch = counter.send()
    due = leg_of(owed).next_at
    counter.till.later(days=1)
    counter.till.fails("without_amounts", method="bank.answers")
    counter.take(counter.answer(batch))
    later = leg_of(owed).next_at
    assert due is not None
    assert later is not None
    assert (later - due).days == 1


def test_another_amount_than_ours_is_for_a_person(
    owed: RefundRequest, counter: Counter
) -> None:
    batch = counter.send()
    counter.till.later(hours=1)
    counter.take(counter.answer(batch).replace(b">10000.00<", b">1000.00<"))
    leg = leg_of(owed)
    assert (leg.state, leg.code) == (LegState.NEEDS_ACTION, "evidence_differs")
    assert balances() == {(AMOUNT, 0)}


def test_no_funds_fails_and_a_new_file_pays_after_the_top_up(
    owed: RefundRequest, counter: Counter
) -> None:
    """F13: AM04 proves that nothing moved; the next attempt has a key of its own."""
    counter.funds(5_000_00)
    batch = counter.send()
    counter.till.later(hours=1)
    counter.take(counter.answer(batch))
    first = leg_of(owed)
    assert (first.state, first.code) == (LegState.FAILED, "AM04")
    assert balances() == {(0, 0)}
    assert state_of(owed) is State.PAYOUT_BLOCKED
    counter.funds(20_000_00)
    retry(owed, by=counter.finance, at=counter.at)
    again = counter.send()
    counter.till.later(hours=1)
    counter.take(counter.answer(again))
    assert [leg.state for leg in legs_of(owed)] == ["failed", "succeeded"]
    assert counter.till.moved() == [(legs_of(owed)[1].key, AMOUNT)]
    assert legs_of(owed)[1].key != first.key
    assert balances() == {(0, AMOUNT)}
    assert state_of(owed) is State.REFUNDED


def test_a_closed_account_closes_the_route(
    owed: RefundRequest, counter: Counter
) -> None:
    """F16."""
    batch = counter.send()
    counter.turn(leg_of(owed), "RJCT:AC04")
    counter.take(counter.answer(batch))
    leg = leg_of(owed)
    assert (leg.state, leg.code) == (LegState.ROUTE_CLOSED, "AC04")
    assert balances() == {(0, 0)}
    with pytest.raises(RefundError, match="Another account has to be named"):
        retry(owed, by=counter.finance, at=counter.at)


@pytest.mark.parametrize("code", ["BE01", "MD07", "RR04", "MS03", "XYZ9"])
def test_what_only_a_person_can_read_frees_nothing(
    code: str, owed: RefundRequest, counter: Counter
) -> None:
    batch = counter.send()
    counter.turn(leg_of(owed), f"RJCT:{code}")
    counter.take(counter.answer(batch))
    leg = leg_of(owed)
    assert (leg.state, leg.code) == (LegState.NEEDS_ACTION, code)
    assert balances() == {(AMOUNT, 0)}


def test_half_of_it_is_accepted(
    owed: RefundRequest, counter: Counter, people: People
) -> None:
    """F29: PART lists what is decided; the rest stays as it is."""
    requests = [owed, *two_more(people, counter)]
    batch = counter.send()
    counter.turn(leg_of(requests[1]), "RJCT:AC01")
    rows = counter.take(counter.answer(batch)).rows
    assert [(row.code, row.state) for row in rows] == [
        ("–", "processing"),
        ("AC01", "failed"),
        ("–", "processing"),
    ]
    assert [leg_of(request).code for request in requests] == ["ACTC", "AC01", "ACTC"]
    counter.till.later(hours=1)
    counter.take(counter.answer(batch))
    states = [leg_of(request).state for request in requests]
    assert states == ["succeeded", "failed", "succeeded"]
    assert len(counter.till.moved()) == 2


def test_the_same_file_counts_once(owed: RefundRequest, counter: Counter) -> None:
    batch = counter.send()
    counter.till.later(hours=1)
    answer = counter.answer(batch)
    counter.take(answer)
    told = kinds_of(owed)
    with pytest.raises(RefundError, match="taken already"):
        counter.take(answer)
    assert kinds_of(owed) == told
    assert ReceivedFile.objects.count() == 2
    [row] = counter.take(answer + b"\n").rows  # Other bytes, the same words.
    assert row.words == "It was settled already."
    assert kinds_of(owed) == told


def test_a_batch_that_is_not_ours_is_refused_and_not_kept(
    owed: RefundRequest, counter: Counter
) -> None:
    batch = counter.send()
    told, files = kinds_of(owed), ReceivedFile.objects.count()
    answer = counter.answer(batch).replace(batch.number.encode(), b"MG100%FOREIGN")
    with pytest.raises(RefundError, match=r"MG100%FOREIGN\. Nothing"):
        counter.take(answer)
    assert kinds_of(owed) == told
    assert ReceivedFile.objects.count() == files


def test_the_file_handed_in_twice_rings_the_alarm(
    owed: RefundRequest, counter: Counter
) -> None:
    """AM05: whatever the first one became, nobody sends it again; the statement of the
    account tells, and it was paid once."""
    batch = counter.send()
    refused = counter.hand_in(counter.content(batch))
    assert b"AM05" in refused
    counter.take(refused)
    leg = leg_of(owed)
    assert (leg.state, leg.code) == (LegState.NEEDS_ACTION, "AM05")
    assert balances() == {(AMOUNT, 0)}
    with pytest.raises(RefundError, match="can't be asked"):
        retry(owed, by=counter.finance, at=counter.at)
    counter.till.later(hours=1)
    assert counter.settle() == [leg.key]
    assert leg_of(owed).state == LegState.SUCCEEDED
    assert counter.till.moved() == [(leg.key, AMOUNT)]


def test_an_alarm_does_not_shake_what_is_settled(
    owed: RefundRequest, counter: Counter
) -> None:
    batch = counter.send()
    counter.till.later(hours=1)
    counter.take(counter.answer(batch))
    counter.take(counter.hand_in(counter.content(batch)))
    assert (leg_of(owed).state, leg_of(owed).next_at) == ("succeeded", None)


def test_settled_after_it_was_refused_is_told_and_moves_nothing(
    owed: RefundRequest, counter: Counter
) -> None:
    batch = counter.send()
    settled = counter.answer(batch).replace(b">ACTC<", b">ACSC<")
    counter.turn(leg_of(owed), "RJCT:AC01")
    counter.take(counter.answer(batch))
    [row] = counter.take(settled).rows
    assert row.state == LegState.FAILED
    assert "do not pay it again" in row.words


def test_two_payments_of_one_request_end_differently(
    case: Case, counter: Counter
) -> None:
    """What the first of them does to the request, the second one knows of."""
    pay_for(case.service, amount=4_000_00, paid_at=counter.at - timedelta(days=2))
    owed = released_by_bank(case, at=counter.at)
    batch = counter.send()
    assert batch.count == 2
    for leg in legs_of(owed):
        counter.turn(leg, "RJCT:AM04")
    counter.take(counter.answer(batch))
    assert [leg.state for leg in legs_of(owed)] == ["failed", "failed"]
    retry(owed, by=counter.finance, at=counter.at)
    again = counter.send()
    counter.till.later(hours=1)
    counter.take(counter.answer(again))
    assert state_of(owed) is State.REFUNDED
    back = [line for leg in legs_of(owed)[2:] for line in _booked(leg, counter)]
    settle_from_lines(counter.merchant, back, at=counter.at)
    assert [leg.state for leg in legs_of(owed)[2:]] == ["reversed", "reversed"]
    assert state_of(owed) is State.PAYOUT_BLOCKED
    assert balances() == {(0, 0)}
    assert list(find_breaks()) == []


def _booked(leg: PayoutLeg, counter: Counter) -> list[Line]:
    out = Line(leg.key, "B", "", leg.amount, leg.currency, counter.at)
    return [out, replace(out, back=True)]


def test_a_key_of_another_batch_is_named_and_left_alone(
    owed: RefundRequest, counter: Counter, people: People
) -> None:
    first = counter.send()
    other = released_by_bank(make_case(people, at=counter.at), at=counter.at)
    second = counter.send()
    answer = counter.answer(second).replace(
        second.number.encode(), first.number.encode()
    )
    counter.till.later(hours=1)
    answer = re.sub(b">ACTC</TxSts>", b">ACSC</TxSts>", answer)
    rows = counter.take(answer.replace(b"<GrpSts>ACTC", b"<GrpSts>PART")).rows
    assert [row.key for row in rows] == [leg_of(owed).key, leg_of(other).key]
    assert "Not of this batch" in rows[1].words
    assert leg_of(other).state == leg_of(owed).state == LegState.PROCESSING


def test_only_finance_takes_answers(
    owed: RefundRequest, counter: Counter, people: People
) -> None:
    batch = counter.send()
    for person in (people.approver, people.superuser):
        with pytest.raises(NotPermitted, match="for finance"):
            take_answer(
                counter.merchant,
                name="a",
                content=counter.answer(batch),
                by=person,
                at=counter.at,
            )
