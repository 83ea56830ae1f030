"""Every hour the days that have no statement yet are asked for, over real HTTP."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from refunds.models import Discrepancy, Merchant, PayoutLeg, ReceivedFile
from refunds.payouts.daily import reconcile_due
from tests.people import People
from tests.refunds.payouts.reconciliation.bills import (
    MONDAY,
    alipay,
    brings,
    open_ones,
    row_of,
)
from tests.refunds.payouts.till import Till

BILL = "alipay.data.dataservice.bill.downloadurl.query"
DOWNLOAD = "alipay.bill"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def alipay_alone(merchants: None) -> None:
    Merchant.objects.exclude(route="alipay").update(enabled=False)


def hourly(till: Till) -> int:
    return reconcile_due(clock=lambda: till.at)


def days() -> list[object]:
    return list(ReceivedFile.objects.order_by("day").values_list("day", flat=True))


def test_the_last_three_days_come_and_agree(till: Till, paid: PayoutLeg) -> None:
    assert hourly(till) == 3
    assert days() == [MONDAY - 2 * DAY, MONDAY - DAY, MONDAY]
    assert [line.leg for line in ReceivedFile.objects.get(day=MONDAY).lines.all()] == [
        paid
    ]
    assert open_ones() == []


def test_when_every_day_is_there_it_costs_one_query(
    till: Till, paid: PayoutLeg, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    hourly(till)
    asked = till.calls(BILL)
    with django_assert_num_queries(1):
        assert hourly(till) == 0
    assert till.calls(BILL) == asked


def test_before_ten_in_the_morning_yesterday_is_not_asked_for(
    till: Till, paid: PayoutLeg
) -> None:
    till.later(hours=23)  # Wednesday, 9:30
    hourly(till)
    assert days() == [MONDAY - DAY, MONDAY]
    till.later(hours=1)
    assert hourly(till) == 1
    assert days()[-1] == MONDAY + DAY


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("row_amount", ["amount"]),
        ("row_twice", ["twice"]),
        ("row_missing", []),
    ],
)
def test_each_fault_of_a_list_gives_one_item(
    till: Till, paid: PayoutLeg, fault: str, found: list[str]
) -> None:
    till.fails(fault, method=DOWNLOAD, times=None)
    for _hour in range(3):
        hourly(till)
        till.later(hours=1)
    assert [kind for kind, _subject in open_ones()] == found


def test_a_refund_that_no_statement_has_gives_one_item_on_the_third_day(
    till: Till, paid: PayoutLeg
) -> None:
    till.fails("row_missing", method=DOWNLOAD, times=None)
    for _day in range(4):
        hourly(till)
        till.later(days=1)
    assert open_ones() == [("not_stated", paid.key)]


def test_a_file_that_is_late_ends_what_it_began(till: Till, paid: PayoutLeg) -> None:
    till.fails("http_500_before", method=BILL, times=None)
    assert hourly(till) == 0
    assert {subject for _kind, subject in open_ones()} == {
        str(MONDAY - DAY),
        str(MONDAY - 2 * DAY),
    }
    till.later(days=1)
    hourly(till)
    assert ("no_file", str(MONDAY)) in open_ones()
    till.heals()
    till.later(hours=1)
    assert hourly(till) == 3
    assert open_ones() == [("no_file", str(MONDAY - 2 * DAY))], "it is not asked now"
    ended = Discrepancy.objects.get(subject=str(MONDAY))
    assert (ended.outcome, ended.words) == ("explained", "auto:came:2026-11-18")


def test_where_nothing_was_paid_no_file_is_missed(till: Till) -> None:
    till.fails("http_500_before", method=BILL, times=None)
    hourly(till)
    assert open_ones() == []


def test_a_file_that_can_not_be_read_is_one_item_and_is_kept(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    till.fails("truncated_json", method=DOWNLOAD, times=None)
    for _hour in range(2):
        hourly(till)
        till.later(hours=1)
    wanted = [("bad_file", str(MONDAY - n * DAY)) for n in (2, 1, 0)]
    assert [one for one in open_ones() if one[0] == "bad_file"] == wanted
    assert set(days()) == {None}
    assert Discrepancy.objects.filter(kind="bad_file").exclude(words="").count() == 3
    brings(people, till, row_of(paid))
    assert ("bad_file", str(MONDAY)) not in open_ones()


def test_a_route_that_is_out_of_use_keeps_no_other_waiting(
    till: Till, paid: PayoutLeg
) -> None:
    dead = alipay()
    Merchant.objects.create(
        route="alipay", number="0", name="Dead", address="http://127.0.0.1:9/"
    )
    assert hourly(till) == 3
    assert set(ReceivedFile.objects.values_list("merchant", flat=True)) == {dead.pk}
