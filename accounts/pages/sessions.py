"""Where a person is signed in: every session, and its end."""

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.devices import device_of
from accounts.models import User
from accounts.pages.people import signed_in


@dataclass(frozen=True)
class SignedIn:
    """One session, as its owner reads it."""

    pk: int
    device: str
    place: str
    since: datetime
    seen_at: datetime
    here: bool


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """POST ends all but this one."""
    user = signed_in(request)
    if request.method == "POST":
        ended = _end_others(request, user)
        messages.success(
            request,
            ngettext(
                "%(count)s other session is ended.",
                "%(count)s other sessions are ended.",
                ended,
            )
            % {"count": ended},
        )
        return redirect("usersessions_list")
    context = {"sessions": sessions_of(user, here=request.session.session_key)}
    return render(request, "usersessions/usersession_list.html", context)


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """This one is left by signing out."""
    session = get_object_or_404(UserSession, pk=pk, user=signed_in(request))
    if session.session_key == request.session.session_key:
        return redirect("account_logout")
    session.end()
    messages.success(request, _("That session is ended."))
    return redirect("usersessions_list")


def sessions_of(user: User, *, here: str | None) -> list[SignedIn]:
    """Those that still open a page: neither out of date nor from before the password
    was changed. The latest seen first, this one on top."""
    rows = {row.session_key: row for row in UserSession.objects.filter(user=user)}
    alive = Session.objects.filter(
        session_key__in=list(rows), expire_date__gt=timezone.now()
    )
    current = user.get_session_auth_hash()
    found = [
        _signed_in(rows[session.session_key], here=here)
        for session in alive
        if session.get_decoded().get(HASH_SESSION_KEY) == current
    ]
    return sorted(found, key=lambda each: (each.here, each.seen_at), reverse=True)


def _signed_in(row: UserSession, *, here: str | None) -> SignedIn:
    return SignedIn(
        pk=row.pk,
        device=device_of(row.user_agent),
        place=row.ip,
        since=row.created_at,
        seen_at=row.last_seen_at,
        here=row.session_key == here,
    )


def _end_others(request: HttpRequest, user: User) -> int:
    others = UserSession.objects.filter(user=user).exclude(
        session_key=request.session.session_key
    )
    return end_all(list(others))


def end_all(sessions: list[UserSession]) -> int:
    for session in sessions:
        session.end()
    return len(sessions)
