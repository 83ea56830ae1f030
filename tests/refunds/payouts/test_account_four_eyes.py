"""Two people of the staff look at another account, neither of whom entered it; the
database says so too."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction

from accounts.models import Membership, Role, User
from refunds.errors import NotAllowedAnyMore, NotPermitted, RefundError
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import PayoutAccount, PayoutLeg
from refunds.payouts.accounts import (
    approve_account,
    check_account,
    refuse_account,
    why_not_decide,
)
from refunds.states import State
from tests.people import Case, make_case, make_people
from tests.refunds.payouts.another_account import Blocked, blocked
from tests.refunds.payouts.till import Till, kinds_of
from tests.refunds.together import queued_behind

S = PayoutAccount.State
OUTSIDERS = ("owner", "member", "stranger", "first_line", "evaluator", "auditor")
NOT_FINANCE = (*OUTSIDERS, "approver", "account_manager", "superuser")
NOT_AN_APPROVER = (*OUTSIDERS, "finance", "account_manager", "superuser")


@pytest.fixture
def held_up(case: Case, till: Till) -> Blocked:
    return blocked(case)


def has_all_roles(user: User) -> User:
    roles = (Role.FINANCE, Role.APPROVER)
    user.groups.set(Group.objects.filter(name__in=roles))
    user.is_staff = True
    user.save()
    return User.objects.get(pk=user.pk)


def stands(held_up: Blocked) -> str:
    return str(held_up.account.state)


@pytest.mark.parametrize("who", NOT_FINANCE)
def test_only_finance_checks(held_up: Blocked, who: str) -> None:
    account, person = held_up.named(), getattr(held_up.people, who)
    assert why_not_decide(account, by=person)
    with pytest.raises(NotPermitted):
        check_account(account, by=person, at=held_up.at, words="Looks good.")
    with pytest.raises(NotPermitted):
        refuse_account(account, by=person, at=held_up.at, reason="No.")
    assert stands(held_up) == S.NAMED


@pytest.mark.parametrize("who", NOT_AN_APPROVER)
def test_only_an_approver_approves(held_up: Blocked, who: str) -> None:
    account, person = held_up.checked(), getattr(held_up.people, who)
    assert why_not_decide(account, by=person)
    with pytest.raises(NotPermitted):
        approve_account(account, by=person, at=held_up.at)
    with pytest.raises(NotPermitted):
        refuse_account(account, by=person, at=held_up.at, reason="No.")
    assert stands(held_up) == S.CHECKED


def test_nobody_does_both(held_up: Blocked) -> None:
    both = has_all_roles(held_up.people.finance)
    account = held_up.named()
    check_account(account, by=both, at=held_up.at, words="Looks good.")
    account.refresh_from_db()
    with pytest.raises(NotPermitted, match="You checked this account"):
        approve_account(account, by=both, at=held_up.at)
    assert stands(held_up) == S.CHECKED


@pytest.mark.parametrize("role", Membership.Role.values)
def test_nor_who_belongs_to_the_customer(held_up: Blocked, role: str) -> None:
    account = held_up.named()
    both = has_all_roles(held_up.people.finance)
    Membership.objects.create(customer=held_up.people.customer, user=both, role=role)
    with pytest.raises(NotPermitted, match="belong to this customer"):
        check_account(account, by=both, at=held_up.at, words="Mine.")
    assert stands(held_up) == S.NAMED


def test_nor_who_named_it_and_left_the_customer_since(held_up: Blocked) -> None:
    account = held_up.named()
    owner = has_all_roles(held_up.people.owner)
    Membership.objects.filter(user=owner).delete()
    with pytest.raises(NotPermitted):
        check_account(account, by=owner, at=held_up.at, words="Mine.")
    check_account(account, by=held_up.people.finance, at=held_up.at, words="Fine.")
    with pytest.raises(NotPermitted):
        approve_account(account, by=owner, at=held_up.at)
    assert stands(held_up) == S.CHECKED


def test_an_unchecked_account_is_not_approved(held_up: Blocked) -> None:
    account = held_up.named()
    with pytest.raises(RefundError, match="To be checked by finance"):
        approve_account(account, by=held_up.people.approver, at=held_up.at)
    assert PayoutLeg.objects.count() == 1


@pytest.mark.parametrize("words", ["", "  \n"])
def test_words_are_needed(held_up: Blocked, words: str) -> None:
    account = held_up.named()
    with pytest.raises(RefundError) as refusal:
        check_account(account, by=held_up.people.finance, at=held_up.at, words=words)
    assert refusal.value.field == "words"
    with pytest.raises(RefundError) as refusal:
        refuse_account(account, by=held_up.people.finance, at=held_up.at, reason=words)
    assert refusal.value.field == "reason"
    assert kinds_of(held_up.request)[-1] == "account_named"


def test_a_second_press_says_who_was_first(held_up: Blocked) -> None:
    account = held_up.checked()
    with pytest.raises(RefundError, match="To be approved"):
        check_account(account, by=held_up.people.finance, at=held_up.at, words="Yes.")
    approve_account(account, by=held_up.people.approver, at=held_up.at)
    with pytest.raises(NotAllowedAnyMore):
        approve_account(account, by=held_up.people.approver, at=held_up.at)
    assert PayoutLeg.objects.count() == 2


@pytest.mark.database_rules
@pytest.mark.parametrize(
    "change",
    [
        "state = 'checked', checked_by_id = NULL",
        "state = 'checked', checked_by_id = named_by_id",
        "state = 'approved', decided_by_id = NULL",
        "state = 'approved', decided_by_id = checked_by_id",
        "state = 'approved', decided_by_id = named_by_id",
        "number = 'x'",
        "masked = '****0000'",
        "fingerprint = 'x'",
        "holder = 'Somebody else'",
    ],
)
def test_the_database_wants_four_eyes_too(held_up: Blocked, change: str) -> None:
    held_up.checked()
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE refunds_payoutaccount SET {change}")
    assert stands(held_up) == S.CHECKED


@pytest.mark.database_rules
def test_nor_a_second_one_beside_it(held_up: Blocked) -> None:
    account = held_up.named()
    account.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        account.save(force_insert=True)


@pytest.mark.postgres
@pytest.mark.usefixtures("committed", "merchants")
def test_two_approvers_at_once_send_it_once(sandbox: Sandbox, now: datetime) -> None:
    people = make_people()
    held_up = blocked(make_case(people, at=now))
    account = held_up.checked()
    second = has_all_roles(people.second_evaluator)
    presses = [
        lambda who=who: approve_account(account, by=who, at=now + timedelta(minutes=1))
        for who in (people.approver, second)
    ]
    outcomes = queued_behind([held_up.request], *presses)
    assert sorted(type(each).__name__ for each in outcomes) == [
        "NoneType",
        "NotAllowedAnyMore",
    ]
    assert PayoutLeg.objects.filter(account=account).count() == 1
    assert held_up.request.state == State.PAYING
    assert kinds_of(held_up.request).count("account_approved") == 1


@pytest.mark.postgres
@pytest.mark.usefixtures("committed", "merchants")
def test_two_owners_at_once_name_one_account(sandbox: Sandbox, now: datetime) -> None:
    held_up = blocked(make_case(make_people(), at=now))
    outcomes = queued_behind(
        [held_up.request], held_up.named, lambda: held_up.named(number="12345678")
    )
    assert sorted(type(each).__name__ for each in outcomes) == [
        "PayoutAccount",
        "RefundError",
    ]
    assert PayoutAccount.objects.count() == 1
