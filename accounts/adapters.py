"""Where signing in differs from what allauth does by itself."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.sealed import seal, unseal

# How every Fernet token begins; no key and no seed of allauth's does.
SEALED = "gAAAA"


# Where the invitation waits while its reader signs up.
INVITATION = "invitation"


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": _(
            "Too many failed attempts. Try again in five minutes, or choose a new "
            "password."
        ),
    }

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Who came by an invitation goes on there, however long the way was."""
        waiting: str | None = request.session.pop(INVITATION, None)
        return waiting or str(super().get_login_redirect_url(request))

    def _get_login_attempts_cache_key(
        self, request: HttpRequest, **credentials: Any
    ) -> str:
        """Failures count by address and place together: who fails on purpose shuts
        out themselves, not the person whose address they typed."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{self.get_client_ip(request)}"


class SecondFactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return seal(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What was stored before keys were sealed opens as it stands."""
        if not encrypted_text.startswith(SEALED):
            return encrypted_text
        return unseal(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Staff never go without; another one takes its place."""
        kept = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
        return not (authenticator.user.is_staff and authenticator.type in kept)
