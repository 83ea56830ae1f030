"""Owners decide who acts for the customer, and there is always one."""

from datetime import datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core import mail
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.members import (
    ActsAlready,
    ForAnotherAddress,
    InvitationOver,
    InvitedAlready,
    LastOwner,
    NoLongerThere,
    NotTheOwner,
    accept,
    appoint,
    change_role,
    invite,
    remove,
    send_again,
    withdraw,
)
from accounts.models import Invitation, Membership, MembershipEvent, Role, User
from tests.accounts.doors import person
from tests.people import People

OWNER, MEMBER = Membership.Role.OWNER, Membership.Role.MEMBER


class Post:
    """The mail of what is committed here, and the secret in it."""

    def __init__(self, capture: DjangoCaptureOnCommitCallbacks) -> None:
        self.capture = capture

    def invite(
        self, people: People, email: str, at: datetime, role: str = MEMBER
    ) -> str:
        with self.capture(execute=True):
            invite(people.customer, email=email, role=role, by=people.owner, at=at)
        return self.secret()

    def send_again(self, people: People, at: datetime) -> str:
        with self.capture(execute=True):
            send_again(Invitation.objects.get(), by=people.owner, at=at)
        return self.secret()

    def secret(self) -> str:
        body = str(mail.outbox[-1].body)
        return body.split("/invitation/")[1].split("/")[0]


@pytest.fixture
def post(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> Post:
    return Post(django_capture_on_commit_callbacks)


@pytest.fixture
def guest(db: None) -> User:
    return person("guest@example.test")


def kinds(people: People) -> list[str]:
    events = MembershipEvent.objects.filter(customer=people.customer)
    return [event.kind for event in events.order_by("pk")]


def of(user: User) -> Membership:
    return Membership.objects.get(user=user)


def test_who_is_invited_accepts_once_and_acts_for_the_customer(
    people: People, guest: User, post: Post, now: datetime
) -> None:
    secret = post.invite(people, "Guest@Example.test", now)
    assert secret not in str(Invitation.objects.values().get())
    for _click in range(2):
        assert accept(secret, by=guest, at=now) == people.customer
    assert of(guest).role == MEMBER
    assert kinds(people) == ["invited", "joined"]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "invites you"), ("zh-hans", "星河")]
)
def test_the_invitation_speaks_its_readers_language(
    people: People, post: Post, now: datetime, language: str, words: str
) -> None:
    people.customer.name = "星河"
    people.customer.language = language
    people.customer.save()
    post.invite(people, "nobody@example.test", now)
    assert words in mail.outbox[-1].body
    assert mail.outbox[-1].to == ["nobody@example.test"]


def test_another_address_an_unconfirmed_one_and_a_stranger_accept_nothing(
    people: People, guest: User, post: Post, now: datetime
) -> None:
    secret = post.invite(people, guest.email, now)
    with pytest.raises(ForAnotherAddress):
        accept(secret, by=people.stranger, at=now)
    EmailAddress.objects.filter(user=guest).update(verified=False)
    with pytest.raises(ForAnotherAddress):
        accept(secret, by=guest, at=now)


def test_an_invitation_ends_when_withdrawn_sent_anew_or_old(
    people: People, guest: User, post: Post, now: datetime
) -> None:
    first = post.invite(people, guest.email, now)
    second = post.send_again(people, now)
    with pytest.raises(InvitationOver):
        accept(first, by=guest, at=now)
    with pytest.raises(InvitationOver):
        accept(second, by=guest, at=now + timedelta(days=7, seconds=1))
    withdraw(Invitation.objects.get(), by=people.owner, at=now)
    with pytest.raises(InvitationOver):
        accept(second, by=guest, at=now)
    with pytest.raises(NoLongerThere):
        withdraw(Invitation.objects.get(), by=people.owner, at=now)
    assert kinds(people) == ["invited", "invited", "withdrawn"]


def test_inviting_twice_is_said_and_an_old_invitation_is_renewed(
    people: People, guest: User, post: Post, now: datetime
) -> None:
    post.invite(people, guest.email, now)
    with pytest.raises(InvitedAlready):
        post.invite(people, guest.email, now)
    with pytest.raises(ActsAlready):
        post.invite(people, people.member.email, now)
    later = now + timedelta(days=8)
    accept(post.invite(people, guest.email, later), by=guest, at=later)
    assert Invitation.objects.count() == 1


def test_who_was_removed_does_not_come_back_by_the_same_mail(
    people: People, guest: User, post: Post, now: datetime
) -> None:
    secret = post.invite(people, guest.email, now)
    accept(secret, by=guest, at=now)
    remove(of(guest), by=people.owner, at=now)
    with pytest.raises(InvitationOver):
        accept(secret, by=guest, at=now)
    with pytest.raises(NoLongerThere):
        remove(Membership(pk=0, customer=people.customer), by=people.owner, at=now)


def test_only_an_owner_changes_anything(people: People, now: datetime) -> None:
    invitation = invite(
        people.customer, email="x@example.test", role=MEMBER, by=people.owner, at=now
    )
    for by in (people.member, people.stranger, people.superuser):
        for refused in (
            lambda by=by: invite(
                people.customer, email="y@example.test", role=MEMBER, by=by, at=now
            ),
            lambda by=by: send_again(invitation, by=by, at=now),
            lambda by=by: withdraw(invitation, by=by, at=now),
            lambda by=by: change_role(of(people.member), role=OWNER, by=by, at=now),
            lambda by=by: remove(of(people.owner), by=by, at=now),
        ):
            with pytest.raises(NotTheOwner):
                refused()
    assert kinds(people) == ["invited"]


def test_the_last_owner_stays(people: People, now: datetime) -> None:
    owner, member = of(people.owner), of(people.member)
    with pytest.raises(LastOwner):
        remove(owner, by=people.owner, at=now)
    change_role(member, role=OWNER, by=people.owner, at=now)
    User.objects.filter(pk=people.member.pk).update(is_active=False)
    with pytest.raises(LastOwner):
        change_role(owner, role=MEMBER, by=people.owner, at=now)
    User.objects.filter(pk=people.member.pk).update(is_active=True)
    change_role(owner, role=MEMBER, by=people.owner, at=now)
    assert kinds(people) == ["role_changed", "role_changed"]


def test_an_administrator_appoints_and_nobody_else(
    people: People, guest: User, now: datetime
) -> None:
    administrator = person("admin@example.test", is_staff=True)
    administrator.groups.add(Group.objects.get(name=Role.ADMINISTRATOR.value))
    with pytest.raises(NotTheOwner):
        appoint(people.customer, user=guest, role=OWNER, by=people.evaluator, at=now)
    appoint(people.customer, user=guest, role=OWNER, by=administrator, at=now)
    with pytest.raises(ActsAlready):
        appoint(people.customer, user=guest, role=OWNER, by=administrator, at=now)
    assert kinds(people) == ["joined"]
