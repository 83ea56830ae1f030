"""The reader's language: a cookie, and the profile of who is signed in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.models import User

COOKIE_AGE = 365 * 24 * 3600


def switch_to(response: HttpResponse, language: str) -> HttpResponse:
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=COOKIE_AGE,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


def remember(user: User, language: str) -> None:
    """Mail follows the choice."""
    if language in dict(settings.LANGUAGES):
        User.objects.filter(pk=user.pk).update(language=language)


@require_POST
def set_language(http: HttpRequest) -> HttpResponse:
    """Comes back to the same page."""
    language = http.POST.get("language", "")
    if isinstance(http.user, User):
        remember(http.user, language)
    target = http.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={http.get_host()}, require_https=http.is_secure()
    )
    return switch_to(redirect(target if safe else "/"), language)
