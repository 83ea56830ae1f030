"""Every page of the account is ours: our frame, our words, nothing foreign."""

import pytest
from allauth.account.urls import urlpatterns as account_urls
from allauth.mfa.base.urls import urlpatterns as factor_urls
from allauth.mfa.recovery_codes.urls import urlpatterns as code_urls
from allauth.mfa.totp.urls import urlpatterns as totp_urls
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.accounts.doors import comes_in, person, says_again
from tests.refunds.pages.visits import text_of

URLS = [*account_urls, *factor_urls, *code_urls, *totp_urls]
ARGUMENTS = {
    "account_confirm_email": ["no-such-key"],
    "account_reset_password_from_key": ["1", "no-such-key"],
}
NAMES = sorted({url.name for url in URLS if url.name} | {"usersessions_list"})
# Leads elsewhere when it is opened alone.
NOT_OFFERED = ("mfa_authenticate", "account_confirm_login_code")
# Of allauth's own templates; none of them may be left.
FOREIGN = ("Two-Factor", "Authenticator App", "reauthenticate", "Re-send", "Sign Out")


def opened(client: Client, name: str) -> str | None:
    """The page where it ends; None where it is a file or has nothing to show."""
    answer = client.get(reverse(name, args=ARGUMENTS.get(name, [])), follow=True)
    assert answer.status_code in (200, 404), name
    if "text/html" not in answer.headers["Content-Type"]:
        return None
    page = answer.content.decode()
    assert "<main" in page, name
    assert 'class="wordmark"' in page, name
    assert "style=" not in page, name
    assert not any(words in text_of(answer) for words in FOREIGN), name
    return page


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_address_shows_a_page_of_ours(db: None, language: str) -> None:
    away = Client(headers={"Accept-Language": language})
    user = person("owner@example.test", factor=True)
    here = comes_in(user)
    here.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    says_again(here)
    for name in NAMES:
        opened(away, name)
        opened(here, name)


def test_what_is_not_offered_has_no_address() -> None:
    for name in ("mfa_list_webauthn", "account_change_phone", "mfa_trust"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert Client().get(reverse(NOT_OFFERED[0]))["Location"] == "/account/login/"
    assert Client().get(reverse(NOT_OFFERED[1]))["Location"] == "/account/login/"
