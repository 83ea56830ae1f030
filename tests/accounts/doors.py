"""Through the real doors: the password, the six digits; from one place or another."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client

from accounts.models import User

PASSWORD = "four words and 7 more"
SECRET = "JBSWY3DPEHPK3PXP"
HOME = "203.0.113.7"
ELSEWHERE = "198.51.100.9"


def person(email: str, *, factor: bool = False, **fields: Any) -> User:
    """With a confirmed address, and a second factor where that is said."""
    user = User.objects.create_user(email, PASSWORD, language="en", **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    if factor:
        TOTP.activate(user, SECRET)
    return user


def code(step: int = 0, secret: str = SECRET) -> str:
    """Of now, or of the step beside it: each works once."""
    now = list(yield_hotp_counters_from_time())[1]
    return str(format_hotp_value(hotp_value(secret, now + step)))


def types(
    client: Client, email: str, *, password: str = PASSWORD, place: str = HOME
) -> Any:
    sent = {"login": email, "password": password}
    return client.post("/account/login/", sent, REMOTE_ADDR=place)


def types_code(client: Client, digits: str, *, place: str = HOME) -> Any:
    return client.post(
        "/account/2fa/authenticate/", {"code": digits}, REMOTE_ADDR=place
    )


def comes_in(user: User, *, place: str = HOME, step: int = 0) -> Client:
    """Signed in through the pages, all the way."""
    client = Client(REMOTE_ADDR=place)
    answer = types(client, user.email, place=place)
    assert answer.status_code == 302, answer.content.decode()
    if Authenticator.objects.filter(user=user).exists():
        answer = types_code(client, code(step), place=place)
        assert answer.status_code == 302, answer.content.decode()
    assert is_in(client)
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def says_again(client: Client) -> None:
    """The password, where an open session alone is not enough."""
    answer = client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302
