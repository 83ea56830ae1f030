"""Two changes of members at the same moment follow each other. PostgreSQL."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest
from django.core import mail

from accounts.members import (
    InvitedAlready,
    LastOwner,
    MembersError,
    NotTheOwner,
    accept,
    change_role,
    invite,
    remove,
)
from accounts.models import Invitation, Membership, MembershipEvent
from tests.accounts.doors import person
from tests.people import People, make_people
from tests.refunds.together import queued_behind

pytestmark = pytest.mark.postgres
OWNER, MEMBER = Membership.Role.OWNER, Membership.Role.MEMBER


@pytest.fixture
def people(committed: None) -> People:
    return make_people()


def answered(verb: Callable[[], object]) -> Callable[[], object]:
    def act() -> object:
        try:
            return verb()
        except MembersError as refusal:
            return refusal

    return act


def test_two_clicks_accept_once(people: People, now: datetime) -> None:
    guest = person("guest@example.test")
    invite(people.customer, email=guest.email, role=MEMBER, by=people.owner, at=now)
    secret = str(mail.outbox[-1].body).split("/invitation/")[1].split("/")[0]
    click = answered(partial(accept, secret, by=guest, at=now))
    answers = queued_behind([people.customer], click, click)
    assert answers == [people.customer, people.customer]
    assert Membership.objects.filter(user=guest).count() == 1
    assert MembershipEvent.objects.filter(kind="joined").count() == 1


def test_two_clicks_invite_once(people: People, now: datetime) -> None:
    click = answered(
        partial(
            invite,
            people.customer,
            email="guest@example.test",
            role=MEMBER,
            by=people.owner,
            at=now,
        )
    )
    answers = queued_behind([people.customer], click, click)
    assert {type(answer) for answer in answers} == {Invitation, InvitedAlready}
    assert Invitation.objects.count() == 1
    assert len(mail.outbox) == 1


def test_two_owners_who_remove_each_other_leave_one(
    people: People, now: datetime
) -> None:
    owner = Membership.objects.get(user=people.owner)
    other = Membership.objects.get(user=people.member)
    change_role(other, role=OWNER, by=people.owner, at=now)
    answers = queued_behind(
        [people.customer],
        answered(partial(remove, other, by=people.owner, at=now)),
        answered(partial(remove, owner, by=people.member, at=now)),
    )
    assert [type(each) for each in answers].count(NotTheOwner) == 1
    owners = Membership.objects.filter(customer=people.customer, role=OWNER)
    assert owners.count() == 1


def test_two_owners_who_step_down_leave_one(people: People, now: datetime) -> None:
    owner = Membership.objects.get(user=people.owner)
    other = Membership.objects.get(user=people.member)
    change_role(other, role=OWNER, by=people.owner, at=now)
    answers = queued_behind(
        [people.customer],
        answered(partial(change_role, owner, role=MEMBER, by=people.owner, at=now)),
        answered(partial(change_role, other, role=MEMBER, by=people.member, at=now)),
    )
    assert [type(each) for each in answers].count(LastOwner) == 1
