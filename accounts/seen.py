"""When and where a session was last used, every few minutes: its owner reads that."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

SEEN = "seen_at"
EVERY_SECONDS = 300


class SeenMiddleware:
    """Only of sessions that came in by the door: the others have no row."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        session = request.session
        if AUTHENTICATION_METHODS_SESSION_KEY in session and _is_due(request):
            session[SEEN] = timezone.now().timestamp()
            UserSession.objects.filter(session_key=session.session_key).update(
                last_seen_at=timezone.now(),
                ip=get_adapter().get_client_ip(request),
                user_agent=request.headers.get("User-Agent", "")[:200],
            )
        return self.answer(request)


def _is_due(request: HttpRequest) -> bool:
    last: float = request.session.get(SEEN, 0)
    return timezone.now().timestamp() - last >= EVERY_SECONDS
