"""Signing in comes first, and costs nobody what they wrote: a session that ended in the
middle of a form takes the words along to the page they are wanted on, for who wrote
them alone. Whose form it was, the form says itself (`{% writer %}`)."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from accounts.models import User

View = Callable[..., HttpResponseBase]
KEY = "half_written"
# Never an account number, nor a file: a session is no place for either.
KEPT = ("channel", "ground", "keep_service", "description", "amount", "words")
LONGEST = 6000
WRITER = "writer"


def named(user: User) -> str:
    """For the form's hidden field: nobody makes one up for somebody else."""
    return signing.dumps(user.pk, salt=KEY)


def _writer(http: HttpRequest) -> int | None:
    try:
        pk: int = signing.loads(http.POST.get(WRITER, ""), salt=KEY)
    except signing.BadSignature:
        return None
    return pk


def signed_in_first(*, back: str = "") -> Callable[[View], View]:
    """`back` names the page to return to, where this address can't be visited."""

    def door(view: View) -> View:
        @wraps(view)
        def answered(http: HttpRequest, *args: Any, **more: Any) -> HttpResponseBase:
            if http.user.is_authenticated:
                return view(http, *args, **more)
            page = http.get_full_path()
            if back:
                page = reverse(back, args=list(more.values())[:1])
            said = {k: v[:LONGEST] for k, v in http.POST.items() if k in KEPT}
            if said and (writer := _writer(http)):
                at = timezone.now().isoformat()
                kept = {"page": page, "said": said, "at": at, WRITER: writer}
                http.session[KEY] = kept
            return redirect_to_login(page)

        return answered

    return door


def half_written(
    http: HttpRequest, *, since: datetime | None = None
) -> dict[str, str] | None:
    """What was written on this page before its reader signed in again, once; unless
    something newer was saved since."""
    kept = http.session.get(KEY)
    if not kept or kept["page"] != http.get_full_path():
        return None
    del http.session[KEY]
    if kept[WRITER] != http.user.pk:
        return None
    newer = since and datetime.fromisoformat(kept["at"]) < since
    return None if newer else kept["said"]
