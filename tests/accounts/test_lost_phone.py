"""A lost phone: an administrator resets a colleague's factor, never their own."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core import mail
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Role, User
from tests.accounts.doors import comes_in, is_in, person
from tests.people import People
from tests.refunds.pages.visits import reads, told, visitor


def path_of(user: User) -> str:
    return f"/admin/accounts/user/{user.pk}/second-factor/"


@pytest.fixture
def administrator(db: None) -> User:
    user = person("admin@example.test", is_staff=True, factor=True)
    user.groups.add(Group.objects.get(name=Role.ADMINISTRATOR.value))
    return user


@pytest.fixture
def colleague(db: None) -> User:
    return person("colleague@example.test", is_staff=True, factor=True)


def test_it_is_taken_off_with_a_reason_sessions_end_and_a_mail_tells(
    administrator: User,
    colleague: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    theirs = comes_in(colleague)
    assert theirs.get("/admin/").status_code == 200
    client = visitor(administrator)
    assert "second factor" in reads(client, path_of(colleague))
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(path_of(colleague), {"reason": "called back"})
    assert "signed out everywhere" in told(answer)
    assert not is_in(theirs)
    assert not Authenticator.objects.filter(user=colleague).exists()
    assert LogEntry.objects.get().change_message.endswith("called back")
    assert mail.outbox[-1].to == [colleague.email]
    assert "called back" in mail.outbox[-1].body
    assert (
        comes_in(colleague).get("/admin/")["Location"] == "/account/2fa/totp/activate/"
    )


def test_never_without_a_reason(administrator: User, colleague: User) -> None:
    answer = visitor(administrator).post(path_of(colleague), {"reason": " "})
    assert answer.status_code == 200
    assert Authenticator.objects.filter(user=colleague).exists()


def test_never_their_own_nor_a_superusers(administrator: User, people: People) -> None:
    client = visitor(administrator)
    client.post(path_of(administrator), {"reason": "lost"})
    assert Authenticator.objects.filter(user=administrator).exists()
    answer = client.post(path_of(people.superuser), {"reason": "lost"})
    assert answer.status_code == 403
    assert Authenticator.objects.filter(user=people.superuser).exists()


def test_nobody_else(colleague: User, people: People) -> None:
    for user in (people.evaluator, people.auditor, people.finance, people.owner):
        visitor(user).post(path_of(colleague), {"reason": "lost"})
    assert Authenticator.objects.filter(user=colleague).exists()
