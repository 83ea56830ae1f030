"""Staff have a second factor: until a session has shown it, no page opens to them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User

# What leads to the second factor, or away from here.
OPEN = (
    "mfa_index",
    "mfa_activate_totp",
    "mfa_reauthenticate",
    "account_reauthenticate",
    "account_email",
    "account_logout",
    "account_email_verification_sent",
    "account_confirm_email",
    "set_language",
)
HAS_IT = "second_factor"
# A working day; who is signed in longer says again who they are.
STAFF_SIGNED_IN_FOR = timedelta(hours=12)


class SecondFactorMiddleware:
    """That a person has a factor is not enough: a session that began before they had
    one, or before they worked here, came in by the password alone. The database is
    asked once a session."""

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
        if not is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            messages.info(
                request,
                _("Set up a second factor first: everybody who works here needs one."),
            )
            return _leave(request, reverse("mfa_activate_totp"))
        if not _showed_it(request, user):
            way_back = urlencode({"next": _way_back(request)})
            return _leave(request, f"{reverse('mfa_reauthenticate')}?{way_back}")
        request.session[HAS_IT] = True
        request.session.set_expiry(STAFF_SIGNED_IN_FOR)
        return None


def _showed_it(request: HttpRequest, user: User) -> bool:
    records = get_authentication_records(request, user)
    return any(record.get("method") == "mfa" for record in records)


def _way_back(request: HttpRequest) -> str:
    """What was sent is not sent again by itself; a part of a page leads to the page."""
    htmx = getattr(request, "htmx", None)
    if htmx:
        return str(htmx.current_url_abs_path or reverse("admin:index"))
    if request.method == "GET":
        return request.get_full_path()
    return reverse("admin:index")


def _leave(request: HttpRequest, address: str) -> HttpResponse:
    """Also where only a part of the page was asked for: the whole page goes there."""
    if getattr(request, "htmx", None):
        return HttpResponseClientRedirect(address)
    return redirect(address)
