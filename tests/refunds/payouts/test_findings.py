"""What no query settles, two people find out; what they agree on moves the balances."""

import pytest
from django.contrib.auth.models import Group

from accounts.models import Membership, Role, User
from refunds.errors import NotPermitted, RefundError
from refunds.models import LegFinding, LegState, PayoutLeg, RefundRequest
from refunds.payouts.findings import decide_finding, find_out
from refunds.payouts.release import release
from refunds.payouts.retry import retry
from refunds.states import State
from tests.people import Case, make_case, make_people
from tests.refunds.payouts.till import (
    Till,
    balances,
    kinds_of,
    leg_of,
    state_of,
)
from tests.refunds.together import queued_behind

AMOUNT = 10_000_00


@pytest.fixture
def stuck(released: RefundRequest, till: Till) -> PayoutLeg:
    till.fails("sub_code:ACQ.SOMETHING_NEVER_HEARD_OF")
    till.work()
    leg = leg_of(released)
    assert leg.state == LegState.NEEDS_ACTION
    return leg


@pytest.fixture
def finding(stuck: PayoutLeg, case: Case, till: Till) -> LegFinding:
    return found(stuck, case.people.finance, till)


def found(
    leg: PayoutLeg, by: User, till: Till, *, moved: bool = True, words: str = "Portal."
) -> LegFinding:
    return find_out(
        leg, by=by, at=till.at, moved=moved, words=words, provider_number=" P-7 "
    )


def test_one_person_alone_moves_nothing(finding: LegFinding, till: Till) -> None:
    request = finding.leg.payout.request
    assert leg_of(request).state == LegState.NEEDS_ACTION
    assert balances() == {(AMOUNT, 0)}
    assert kinds_of(request)[-1] == "payout_found"
    assert finding.provider_number == "P-7"


def test_agreed_that_it_went_back_the_request_is_refunded(
    finding: LegFinding, case: Case, till: Till
) -> None:
    decide_finding(finding, by=case.people.approver, at=till.at, agreed=True)
    leg = leg_of(case.request)
    assert (leg.state, leg.provider_number) == (LegState.SUCCEEDED, "P-7")
    assert leg.settled_by is not None
    assert leg.settled_by.kind == "finding"
    assert balances() == {(0, AMOUNT)}
    assert state_of(case.request) is State.REFUNDED


def test_agreed_that_nothing_moved_the_money_is_free_for_a_new_key(
    stuck: PayoutLeg, case: Case, till: Till
) -> None:
    none_moved = found(stuck, case.people.finance, till, moved=False)
    decide_finding(none_moved, by=case.people.approver, at=till.at, agreed=True)
    assert leg_of(case.request).state == LegState.FAILED
    assert balances() == {(0, 0)}
    assert state_of(case.request) is State.PAYOUT_BLOCKED
    retry(case.request, by=case.people.finance, at=till.at)
    till.work_for(rounds=3, seconds=15)
    assert state_of(case.request) is State.REFUNDED
    assert [amount for _key, amount in till.moved()] == [AMOUNT]


def test_a_disagreement_leaves_all_as_it_was_and_lets_them_look_again(
    finding: LegFinding, case: Case, till: Till
) -> None:
    decide_finding(finding, by=case.people.approver, at=till.at, agreed=False)
    assert leg_of(case.request).state == LegState.NEEDS_ACTION
    assert balances() == {(AMOUNT, 0)}
    again = found(finding.leg, case.people.finance, till, moved=False)
    assert again.pk != finding.pk
    with pytest.raises(RefundError, match="decided this finding already"):
        decide_finding(finding, by=case.people.approver, at=till.at, agreed=True)


def test_nobody_agrees_with_themselves(
    stuck: PayoutLeg, case: Case, till: Till
) -> None:
    case.people.finance.groups.add(Group.objects.get(name=Role.APPROVER))
    own = found(stuck, case.people.finance, till)
    with pytest.raises(NotPermitted, match="a second person has to agree"):
        decide_finding(own, by=case.people.finance, at=till.at, agreed=True)
    assert balances() == {(AMOUNT, 0)}


@pytest.mark.parametrize("agreed", [True, False])
def test_who_belongs_to_the_customer_neither_finds_nor_agrees(
    stuck: PayoutLeg, case: Case, till: Till, *, agreed: bool
) -> None:
    people = case.people
    finding = found(stuck, people.finance, till)
    for person in (people.finance, people.approver):
        Membership.objects.create(
            customer=people.customer, user=person, role=Membership.Role.MEMBER
        )
    with pytest.raises(NotPermitted, match="belong to this customer"):
        decide_finding(finding, by=people.approver, at=till.at, agreed=agreed)
    with pytest.raises(NotPermitted, match="belong to this customer"):
        found(stuck, people.finance, till)


@pytest.mark.parametrize(
    "who",
    ["first_line", "evaluator", "auditor", "superuser", "owner", "account_manager"],
)
def test_other_roles_neither_find_nor_agree(
    finding: LegFinding, case: Case, till: Till, who: str
) -> None:
    person = getattr(case.people, who)
    with pytest.raises(NotPermitted):
        decide_finding(finding, by=person, at=till.at, agreed=True)
    with pytest.raises(NotPermitted):
        found(finding.leg, person, till)
    with pytest.raises(NotPermitted):
        found(finding.leg, case.people.approver, till)
    assert LegFinding.objects.get().agreed is None


def test_what_moved_on_meanwhile_is_not_decided(
    finding: LegFinding, case: Case, till: Till
) -> None:
    till.heals()
    retry(case.request, by=case.people.finance, at=till.at)
    with pytest.raises(RefundError, match="moved on since; nothing was decided"):
        decide_finding(finding, by=case.people.approver, at=till.at, agreed=True)
    finding.refresh_from_db()
    assert finding.agreed is None
    assert balances() == {(AMOUNT, 0)}


def test_a_finding_needs_words_a_stuck_leg_and_is_one_at_a_time(
    stuck: PayoutLeg, case: Case, till: Till
) -> None:
    with pytest.raises(RefundError, match="how you found out") as refused:
        found(stuck, case.people.finance, till, words=" \n ")
    assert refused.value.field == "words"
    found(stuck, case.people.finance, till)
    with pytest.raises(RefundError, match="waits for its second person"):
        found(stuck, case.people.finance, till)
    assert LegFinding.objects.count() == 1


def test_what_goes_on_by_itself_needs_no_finding(
    released: RefundRequest, case: Case, till: Till
) -> None:
    with pytest.raises(RefundError, match="needs no finding"):
        found(leg_of(released), case.people.finance, till)


@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
def test_of_two_who_decide_at_once_one_counts(till: Till) -> None:
    people = make_people()
    case = make_case(people, at=till.at)
    leg = _stuck_leg(case, till)
    finding = found(leg, people.finance, till)
    people.auditor.groups.add(Group.objects.get(name=Role.APPROVER))
    got = queued_behind(
        [case.request],
        *(
            lambda by=by, agreed=agreed: decide_finding(
                finding, by=by, at=till.at, agreed=agreed
            )
            for by, agreed in ((people.approver, True), (people.auditor, False))
        ),
    )
    assert sorted(isinstance(each, RefundError) for each in got) == [False, True]
    finding.refresh_from_db()
    settled = leg_of(case.request).state == LegState.SUCCEEDED
    assert settled is finding.agreed


def _stuck_leg(case: Case, till: Till) -> PayoutLeg:
    request = case.agreed()
    case.known_to(till.sandbox)
    release(request, by=case.people.finance, at=till.at)
    till.fails("sub_code:ACQ.SOMETHING_NEVER_HEARD_OF")
    till.work()
    return leg_of(case.request)
