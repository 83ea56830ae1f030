"""The members' pages: the owner's buttons, the member's list, no stranger."""

from datetime import datetime

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.members import invite
from accounts.models import Customer, Invitation, Membership, MembershipEvent, Role
from tests.accounts.doors import PASSWORD, is_in, person, types
from tests.factories import UserFactory
from tests.people import People, make_people
from tests.refunds.pages.visits import queries, reads, told, visitor

MEMBER = Membership.Role.MEMBER


def the_list(people: People) -> str:
    return f"/customers/{people.customer.pk}/members/"


def invited(people: People, now: datetime) -> Invitation:
    return invite(
        people.customer, email="g@example.test", role=MEMBER, by=people.owner, at=now
    )


def test_the_owner_invites_and_reads_who_is_invited(
    people: People, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client = visitor(people.owner)
    assert client.get("/members/")["Location"] == the_list(people)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            the_list(people), {"email": "new@example.test", "role": "member"}
        )
    assert "on its way to new@example.test" in told(answer)
    assert "new@example.test" in reads(client, the_list(people))
    assert "/invitation/" in mail.outbox[0].body


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("", "This field is required"),
        ("not an address", "Enter a valid email address"),
        ("member@example.test", "acts for this customer already"),
        ("g@example.test", "is invited already"),
    ],
)
def test_a_bad_address_is_named_at_the_field(
    people: People, now: datetime, email: str, words: str
) -> None:
    invited(people, now)
    answer = visitor(people.owner).post(
        the_list(people), {"email": email, "role": "member"}
    )
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_a_mail_that_fails_leaves_the_invitation_and_says_so(
    committed: None, settings: Settings
) -> None:
    people = make_people()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    client = visitor(people.owner)
    sent = {"email": "n@example.test", "role": "member"}
    assert "could not be sent" in told(client.post(the_list(people), sent))
    assert Invitation.objects.filter(email="n@example.test").exists()


def test_the_member_sees_the_list_without_a_button(
    people: People, now: datetime
) -> None:
    client = visitor(people.member)
    page = client.get(the_list(people)).content.decode()
    assert people.owner.email in page
    assert "Invite somebody" not in page
    membership = Membership.objects.get(user=people.owner)
    invitation = invited(people, now)
    for path in (
        the_list(people),
        f"/members/{membership.pk}/",
        f"/members/{membership.pk}/remove/",
        f"/invitations/{invitation.pk}/again/",
        f"/invitations/{invitation.pk}/withdraw/",
    ):
        assert client.post(path).status_code == 403, path
    assert client.get(f"/members/{membership.pk}/").status_code == 403


def test_a_stranger_and_staff_find_nothing(people: People, now: datetime) -> None:
    membership = Membership.objects.get(user=people.owner)
    invitation = invited(people, now)
    for user in (people.stranger, people.evaluator, people.superuser):
        client = visitor(user)
        for path in (
            the_list(people),
            f"/members/{membership.pk}/",
            f"/members/{membership.pk}/remove/",
            f"/invitations/{invitation.pk}/again/",
            f"/invitations/{invitation.pk}/withdraw/",
        ):
            assert client.post(path).status_code == 404, (user, path)
        assert client.get(the_list(people)).status_code == 404
    assert "for no customer" in reads(visitor(people.evaluator), "/members/")


def test_the_owner_changes_a_role_and_removes(people: People) -> None:
    client = visitor(people.owner)
    membership = Membership.objects.get(user=people.member)
    path = f"/members/{membership.pk}/"
    assert "Remove member" in reads(client, path)
    assert "Saved" in told(client.post(path, {"role": "owner"}))
    assert "no longer acts" in told(client.post(f"{path}remove/"))
    mine = Membership.objects.get(user=people.owner)
    answer = client.post(f"/members/{mine.pk}/remove/")
    assert "only owner" in told(answer)
    assert Membership.objects.filter(pk=mine.pk).exists()


def test_withdrawing_and_sending_again(people: People, now: datetime) -> None:
    client, invitation = visitor(people.owner), invited(people, now)
    before = invitation.digest
    client.post(f"/invitations/{invitation.pk}/again/")
    assert Invitation.objects.get().digest != before
    assert "withdrawn" in told(client.post(f"/invitations/{invitation.pk}/withdraw/"))
    again = client.post(f"/invitations/{invitation.pk}/withdraw/")
    assert "changed this meanwhile" in told(again)


def test_who_has_no_account_comes_back_to_the_invitation_by_themselves(
    people: People,
    now: datetime,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        invited(people, now)
    path = "/invitation/" + mail.outbox[-1].body.split("/invitation/")[1].split()[0]
    client = Client()
    assert "Sign in with that address" in reads(client, path)
    client.post(
        "/account/signup/",
        {"email": "g@example.test", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert not is_in(client)
    link = next(
        word for word in mail.outbox[-1].body.split() if "confirm-email" in word
    )
    assert client.post(link).status_code == 302
    assert types(client, "g@example.test")["Location"] == path
    assert "Accept the invitation" in reads(client, path)
    assert client.post(path)["Location"] == "/services/"
    assert Membership.objects.get(user__email="g@example.test").role == MEMBER


def test_another_address_is_told_which_one(
    people: People,
    now: datetime,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        invited(people, now)
    path = "/invitation/" + mail.outbox[-1].body.split("/invitation/")[1].split()[0]
    client = visitor(people.stranger)
    page = reads(client, path)
    assert "signed in as stranger@example.test" in page
    assert "Accept the invitation" not in page
    assert "for g@example.test" in told(client.post(path))
    assert "older than seven days" in reads(client, "/invitation/none/", status=404)


def test_the_list_costs_the_same_however_many_they_are(
    people: People, now: datetime
) -> None:
    client = visitor(people.owner)
    few = queries(client, the_list(people))
    for n in range(12):
        user = UserFactory.create()
        Membership.objects.create(customer=people.customer, user=user)
        email = f"guest{n}@example.test"
        invite(people.customer, email=email, role=MEMBER, by=people.owner, at=now)
    assert queries(client, the_list(people)) == few
    assert few <= 14


def test_an_administrator_appoints_in_the_console_and_it_is_recorded(
    people: People,
) -> None:
    administrator = person("admin@example.test", is_staff=True, factor=True)
    administrator.groups.add(Group.objects.get(name=Role.ADMINISTRATOR.value))
    customer = Customer.objects.create(name="New")
    path = f"/admin/accounts/customer/{customer.pk}/change/"
    client = visitor(administrator)
    assert client.get(path).status_code == 200
    answer = client.post(
        path,
        {
            "name": "New",
            "kind": "company",
            "tier": "standard",
            "language": "en",
            "time_zone": "Asia/Shanghai",
            "account_manager": "",
            "memberships-TOTAL_FORMS": "1",
            "memberships-INITIAL_FORMS": "0",
            "memberships-0-user": str(people.owner.pk),
            "memberships-0-role": "owner",
            "memberships-0-customer": str(customer.pk),
        },
    )
    assert answer.status_code == 302
    assert customer.memberships.get().user == people.owner
    assert MembershipEvent.objects.get(customer=customer).by == administrator
