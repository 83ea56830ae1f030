"""Where signing in differs from what allauth does by itself."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    def _get_login_attempts_cache_key(
        self, request: HttpRequest, **credentials: Any
    ) -> str:
        """Failures count by address and place together: who fails on purpose shuts
        out themselves, not the person whose address they typed."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{self.get_client_ip(request)}"


class SecondFactorAdapter(DefaultMFAAdapter):
    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Staff never go without; another one takes its place."""
        kept = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
        return not (authenticator.user.is_staff and authenticator.type in kept)
