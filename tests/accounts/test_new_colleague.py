"""A new colleague gets in by mail; nobody types a password for them."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import Role, User
from tests.factories import UserFactory
from tests.refunds.pages.visits import plain_static_files as plain_static_files
from tests.refunds.pages.visits import text_of, visitor

EMAIL, PASSWORD = "new@example.test", "a longer one than most"
SIGN_IN = "/account/login/"


@pytest.fixture
def administrator(db: None) -> Client:
    user = UserFactory.create(email="administrator@example.test", is_staff=True)
    user.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    return visitor(user)


@pytest.fixture
def colleague(administrator: Client) -> User:
    typed = {"email": "New@Example.test", "name": "New One"}
    answer = administrator.post("/admin/accounts/user/add/", typed)
    user = User.objects.get(email=EMAIL)
    assert answer["Location"] == f"/admin/accounts/user/{user.pk}/change/"
    return user


def mailed(words: str) -> str:
    """The path of the link in the newest mail to them."""
    sent = mail.outbox[-1]
    assert sent.to == [EMAIL]
    found = re.search(rf"https?://[^/\s]+(/account/{words}\S*)", str(sent.body))
    assert found, sent.body
    return found[1]


def test_a_new_colleague_chooses_a_password_by_mail(colleague: User) -> None:
    assert not colleague.has_usable_password()
    client = Client()
    client.post("/account/password/reset/", {"email": EMAIL})
    page = client.get(mailed("password/reset/key/"))
    chosen = {"password1": PASSWORD, "password2": PASSWORD}
    client.post(page["Location"], chosen)
    colleague.refresh_from_db()
    assert colleague.check_password(PASSWORD)
    client.post(SIGN_IN, {"login": EMAIL, "password": PASSWORD})
    assert "_auth_user_id" not in client.session, "not before the address is confirmed"
    client.post(mailed("confirm-email/"))
    client.post(SIGN_IN, {"login": EMAIL, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(colleague.pk)


def test_the_page_says_how_they_get_in(administrator: Client) -> None:
    page = administrator.get("/admin/accounts/user/add/")
    assert "leads to a password of their own" in text_of(page)
    assert 'type="password"' not in page.content.decode()


def test_an_address_that_is_taken_is_refused(
    administrator: Client, colleague: User
) -> None:
    typed = {"email": "NEW@example.test", "name": "Again"}
    page = administrator.post("/admin/accounts/user/add/", typed)
    assert "already exists" in text_of(page)
    assert User.objects.filter(email__iexact=EMAIL).count() == 1


def test_no_page_shows_or_sets_somebodys_password(
    administrator: Client, colleague: User
) -> None:
    colleague.set_password(PASSWORD)
    colleague.save()
    sheet = f"/admin/accounts/user/{colleague.pk}/"
    page = administrator.get(f"{sheet}change/").content.decode()
    assert colleague.password not in page
    assert 'name="password' not in page
    assert "algorithm" not in page
    typed = {"email": EMAIL, "name": "New One", "language": "en", "password": "x"}
    administrator.post(f"{sheet}change/", typed)
    both = {"password1": "another long one", "password2": "another long one"}
    administrator.post(f"{sheet}password/", {**both, "usable_password": "true"})
    colleague.refresh_from_db()
    assert colleague.check_password(PASSWORD)
    with pytest.raises(NoReverseMatch):
        reverse("admin:auth_user_password_change", args=[colleague.pk])


def test_who_has_signed_in_changes_the_address_themselves(
    administrator: Client, colleague: User
) -> None:
    sheet = f"/admin/accounts/user/{colleague.pk}/change/"
    typed = {"email": "moved@example.test", "name": "New One", "language": "en"}
    administrator.post(sheet, typed)
    colleague.refresh_from_db()
    assert colleague.email == "moved@example.test", "mistyped, and corrected"
    User.objects.filter(pk=colleague.pk).update(last_login=datetime.now(UTC))
    administrator.post(sheet, {**typed, "email": "mine@example.test"})
    colleague.refresh_from_db()
    assert colleague.email == "moved@example.test"


@pytest.mark.parametrize("page", ["password_change", "password_change_done"])
def test_there_is_one_door_to_ones_own_password(
    administrator: Client, page: str
) -> None:
    answer = administrator.get(reverse(f"admin:{page}"))
    assert answer["Location"] == reverse("account_change_password")
