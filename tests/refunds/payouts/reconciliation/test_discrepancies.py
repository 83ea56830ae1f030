"""F27: what does not agree gives one item, however often the day is compared."""

from datetime import timedelta

import pytest
from django.db.models import F

from refunds.errors import RefundError
from refunds.models import (
    AllocationBalance,
    Discrepancy,
    OutsideRefund,
    PaymentBalance,
    PayoutLeg,
    ReceivedFile,
    StatementLine,
)
from refunds.payouts.findings import decide_finding, find_out
from refunds.payouts.reconcile import reconcile
from refunds.payouts.statements import upload
from tests.people import People
from tests.refunds.payouts.reconciliation.bills import (
    MONDAY,
    TUESDAY,
    alipay,
    all_of_them,
    at,
    bill,
    brings,
    open_ones,
    portal_row,
    row_of,
)
from tests.refunds.payouts.till import Till, leg_of, state_of

WEDNESDAY = TUESDAY + timedelta(days=1)
THURSDAY = WEDNESDAY + timedelta(days=1)


def test_what_agrees_is_no_item(people: People, till: Till, paid: PayoutLeg) -> None:
    brings(people, till, row_of(paid))
    assert open_ones() == []
    line = StatementLine.objects.get()
    assert (line.leg, line.position, line.direction) == (paid, 1, "out")


def test_an_amount_that_differs(people: People, till: Till, paid: PayoutLeg) -> None:
    brings(people, till, row_of(paid, amount=9_999_99))
    assert open_ones() == [("amount", paid.key)]
    item = Discrepancy.objects.get()
    assert (item.ours, item.theirs, item.leg) == (10_000_00, 9_999_99, paid)
    assert item.payment == paid.allocation.payment
    # Tuesday the 17th; two working days later the office closes.
    assert item.due_at == at(THURSDAY, 17) + timedelta(minutes=30)


def test_a_line_that_stands_there_twice(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    brings(people, till, row_of(paid), row_of(paid))
    assert open_ones() == [("twice", paid.key)]


def test_a_second_refund_under_the_same_key_on_another_day(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    brings(people, till, row_of(paid))
    till.later(days=1)
    brings(people, till, row_of(paid, day=TUESDAY), day=TUESDAY)
    assert open_ones() == [("twice", paid.key)]


def test_a_line_that_is_not_ours(people: People, till: Till, paid: PayoutLeg) -> None:
    row = portal_row()
    brings(people, till, row_of(paid), row)
    assert open_ones() == [("not_ours", f"{row.trade}:{row.key}")]


def test_ours_without_a_line_once_three_days_have_come(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    for day in (MONDAY, TUESDAY):
        brings(people, till, day=day, remark=str(day))
        assert open_ones() == []
        till.later(days=1)
    brings(people, till, day=WEDNESDAY)
    assert open_ones() == [("not_stated", paid.key)]
    till.later(days=1)
    brings(people, till, row_of(paid, day=THURSDAY), day=THURSDAY)
    assert open_ones() == []
    item = Discrepancy.objects.get()
    assert (item.outcome, item.words) == ("explained", "auto:stated:2026-11-19")


@pytest.mark.parametrize("missing", [MONDAY, TUESDAY])
def test_what_may_stand_on_a_statement_that_has_not_come_is_not_missed(
    people: People, till: Till, paid: PayoutLeg, missing: object
) -> None:
    till.later(days=3)
    for day in {MONDAY, TUESDAY, WEDNESDAY, THURSDAY} - {missing}:
        brings(people, till, day=day, remark=str(day))
    assert open_ones() == []
    assert isinstance(missing, type(MONDAY))
    brings(people, till, day=missing, remark=str(missing))
    assert open_ones() == [("not_stated", paid.key)]


def test_a_refund_that_came_back_is_asked_about(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    PayoutLeg.objects.update(next_at=None)
    brings(people, till, row_of(paid), row_of(paid, back=True, clock="11:00:00"))
    assert open_ones() == [("came_back", paid.key)]
    leg = leg_of(paid.payout.request)
    assert leg.next_at == till.at
    assert (leg.state, state_of(paid.payout.request)) == ("succeeded", "refunded")


def test_once_our_books_say_so_too_the_item_ends(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    brings(people, till, row_of(paid), row_of(paid, back=True))
    PayoutLeg.objects.update(state="needs_action")
    PaymentBalance.objects.update(reserved=F("refunded"), refunded=0)
    AllocationBalance.objects.update(reserved=F("refunded"), refunded=0)
    finding = find_out(
        leg_of(paid.payout.request),
        by=people.finance,
        at=till.at,
        moved=False,
        words="It is on our account again.",
    )
    decide_finding(finding, by=people.approver, at=till.at, agreed=True)
    assert leg_of(paid.payout.request).state == "failed"
    reconcile(alipay(), MONDAY, at=till.at)
    item = Discrepancy.objects.get()
    assert (item.kind, item.outcome) == ("came_back", "explained")


def test_comparing_again_changes_nothing(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    rows = [row_of(paid, amount=1), row_of(paid, amount=1), portal_row()]
    brings(people, till, *rows)
    before = all_of_them()
    assert [item[0] for item in before] == ["amount", "twice", "not_ours"]
    till.later(hours=5)
    for _again in range(2):
        reconcile(alipay(), MONDAY, at=till.at)
        brings(people, till, *rows)
    assert all_of_them() == before
    assert (ReceivedFile.objects.count(), StatementLine.objects.count()) == (1, 3)
    assert OutsideRefund.objects.count() == 1
    assert PaymentBalance.objects.get().refunded == 10_500_00


def test_a_statement_that_is_written_anew_counts_in_place_of_the_first(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    brings(people, till, row_of(paid))
    brings(people, till, row_of(paid), remark="again")
    assert ReceivedFile.objects.count() == 2
    assert open_ones() == []


def test_what_ended_is_not_opened_again(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    brings(people, till, row_of(paid, amount=1))
    Discrepancy.objects.update(outcome="explained", words="A fee.", ended_at=till.at)
    reconcile(alipay(), MONDAY, at=till.at)
    assert open_ones() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"PK", "can't be read as a statement"),
        (b"\x00\xff", "can't be read as a statement"),
        (bill()[:-9], "can't be read as a statement"),
    ],
)
def test_a_wrong_file_is_refused_in_words_and_nothing_is_kept(
    people: People, till: Till, paid: PayoutLeg, content: bytes, words: str
) -> None:
    with pytest.raises(RefundError, match=words) as refusal:
        upload(
            alipay(),
            MONDAY,
            name="x",
            content=content,
            by=people.finance,
            at=till.at,
        )
    assert refusal.value.field == "file"
    assert not ReceivedFile.objects.exists()
    assert all_of_them() == []


def test_a_statement_of_another_day_is_refused(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    with pytest.raises(RefundError, match="is about 2026-11-16, not 2026-11-15"):
        brings(people, till, row_of(paid), day=MONDAY - timedelta(days=1))
    with pytest.raises(RefundError, match="has not come yet"):
        brings(people, till, row_of(paid), day=WEDNESDAY)
    brings(people, till)
    brings(people, till, day=TUESDAY)
    assert ReceivedFile.objects.count() == 2, "two days without a refund read the same"


def test_nobody_but_finance_uploads(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    for person in (people.auditor, people.approver, people.superuser, people.owner):
        with pytest.raises(RefundError, match="for finance"):
            upload(alipay(), MONDAY, name="x", content=bill(), by=person, at=till.at)
    assert not ReceivedFile.objects.exists()
