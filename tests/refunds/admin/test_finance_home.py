"""Finance's home: every payout that has not gone back is counted in one place."""

from datetime import datetime, timedelta

import pytest

from accounts.models import Payment
from refunds.models import Dispute, LegState, PayoutLeg, RefundRequest
from refunds.payouts.findings import find_out
from refunds.payouts.groups import LABELS, groups, piles
from refunds.payouts.release import release
from tests.people import Case, People, make_case
from tests.refunds.pages.visits import queries, reads, visitor
from tests.refunds.payouts.conftest import key_dir as key_dir
from tests.refunds.payouts.conftest import released as released
from tests.refunds.payouts.conftest import same_keys as same_keys
from tests.refunds.payouts.conftest import till as till
from tests.refunds.payouts.till import Till, leg_of

HOME = "/admin/finance/"
LEGS = "/admin/refunds/payoutleg/"


def another(case: Case, till: Till) -> RefundRequest:
    other = make_case(case.people, at=case.at)
    request = other.agreed()
    other.known_to(till.sandbox)
    release(request, by=case.people.finance, at=till.at)
    return other.request


def in_group(at: datetime) -> set[str]:
    return {pile.group for pile in piles(PayoutLeg.objects.all(), at=at)}


def test_what_is_blocked_is_counted_summed_and_linked(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.fails("sub_code:ACQ.SOMETHING_NEVER_HEARD_OF")
    till.work()
    client = visitor(people.finance)
    page = reads(client, HOME)
    assert "1 Blocked" in page
    assert "Blocked Alipay 1 CNY 10,000.00" in page
    assert leg_of(released).key in reads(client, f"{LEGS}?show=blocked")
    assert leg_of(released).key not in reads(client, f"{LEGS}?show=waiting")
    find_out(
        leg_of(released), by=people.finance, at=till.at, moved=True, words="Portal."
    )
    assert "1 findings that wait for a second person" in reads(client, HOME)
    assert leg_of(released).key in reads(client, f"{LEGS}?show=to_agree")


@pytest.mark.parametrize(
    ("columns", "group"),
    [
        ({}, "due"),
        ({"next_at": None}, "later"),
        ({"code": "stopped"}, "stopped"),
        ({"code": "merchant_stopped"}, "breaker"),
        ({"code": "waits_for_batch", "next_at": None}, "batch"),
    ],
)
def test_what_waits_says_for_what(
    released: RefundRequest, till: Till, columns: dict[str, object], group: str
) -> None:
    PayoutLeg.objects.update(**columns)
    assert in_group(till.at) == {group}


def test_what_is_under_way_longer_than_usual_stands_out(
    released: RefundRequest, till: Till
) -> None:
    till.work()
    assert leg_of(released).state == LegState.PROCESSING
    assert in_group(till.at) == {"processing"}
    assert in_group(till.at + timedelta(days=5)) == {"processing"}
    assert in_group(till.at + timedelta(days=6)) == {"slow"}
    till.work_for(rounds=2, seconds=15)
    assert in_group(till.at) == set(), "what has gone back is no more work"


def test_a_failed_attempt_with_a_later_one_is_not_blocked_any_more(
    released: RefundRequest, till: Till
) -> None:
    leg = leg_of(released)
    later = PayoutLeg.objects.get(pk=leg.pk)
    PayoutLeg.objects.filter(pk=leg.pk).update(
        state=LegState.ROUTE_CLOSED, next_at=None
    )
    assert in_group(till.at) == {"blocked"}
    later.pk, later.attempt, later.key = None, 2, leg.key[:-1] + "2"
    later.save(force_insert=True)
    assert in_group(till.at) == {"due"}


def test_every_leg_is_in_one_group_and_each_has_its_words(
    released: RefundRequest, till: Till
) -> None:
    assert set(groups(at=till.at)) == set(LABELS)
    by_name = groups(at=till.at)
    found = [
        name
        for name, wanted in by_name.items()
        if PayoutLeg.objects.filter(wanted).exists()
    ]
    assert found == ["due"]


def test_open_disputes_are_counted(case: Case, people: People, till: Till) -> None:
    payment = Payment.objects.get()
    Dispute.objects.create(
        payment=payment, reference="D1", amount=100, opened_at=till.at
    )
    assert "1 open disputes" in reads(visitor(people.finance), HOME)


def test_the_home_costs_the_same_with_many_payouts(
    released: RefundRequest, case: Case, till: Till, people: People
) -> None:
    client = visitor(people.finance)
    one = queries(client, HOME)
    for _more in range(3):
        another(case, till)
    assert queries(client, HOME) == one
    assert one <= 20


def test_finance_and_the_auditor_come_in_and_nobody_else(people: People) -> None:
    for person in (people.finance, people.auditor):
        page = visitor(person)
        assert "Every payout has gone back." in reads(page, HOME)
        assert f'href="{HOME}"' in page.get("/admin/").content.decode()
    for person in (
        people.first_line,
        people.evaluator,
        people.approver,
        people.account_manager,
        people.superuser,
        people.lead,
    ):
        assert visitor(person).get(HOME).status_code == 403
    for outsider in (people.owner, None):
        assert visitor(outsider).get(HOME).status_code == 302


def test_the_sandbox_is_marked_on_every_page(people: People) -> None:
    for path in ("/admin/", HOME, "/admin/stops/", LEGS):
        assert "Test money" in reads(visitor(people.finance), path)
