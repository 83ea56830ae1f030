"""Staff have a second factor: until it is set up, no page but its own opens to them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import User

# What leads to the second factor, or away from here.
OPEN = (
    "mfa_activate_totp",
    "account_reauthenticate",
    "account_logout",
    "account_email_verification_sent",
    "account_confirm_email",
    "set_language",
)
HAS_IT = "second_factor"
# A working day; who is signed in longer says again who they are.
STAFF_SIGNED_IN_FOR = timedelta(hours=12)


class SecondFactorMiddleware:
    """Sign-in asks for the factor of whoever has one, so having one is enough here;
    it is asked of the database once a session."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.view_name in OPEN:
            return None
        user = request.user
        if not isinstance(user, User) or not user.is_staff:
            return None
        if request.session.get(HAS_IT):
            return None
        if is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            request.session[HAS_IT] = True
            request.session.set_expiry(STAFF_SIGNED_IN_FOR)
            return None
        messages.info(
            request,
            _("Set up a second factor first: everybody who works here needs one."),
        )
        return redirect("mfa_activate_totp")
