"""Where the routes tell us of refunds: a hint that is verified, kept and asked about.

For the providers' machines, so its words are short and in English. Nothing is believed
here; a fault of ours is a 500, and the provider sends again.
"""

import logging

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from refunds.gateways.base import NotificationRefused
from refunds.models import Merchant
from refunds.payouts.hints import hear

log = logging.getLogger(__name__)

LONGEST = 256 * 1024
UNPROVEN = ("bad_signature", "unknown_key", "cannot_decrypt")


@csrf_exempt
@require_POST
def notify(http: HttpRequest, route: str, number: str) -> HttpResponse:
    merchant = _merchant(route, number)
    if merchant is None:
        return _says(404, "No such merchant.")
    if len(http.body) > LONGEST:
        return _says(413, "Too long.")
    headers = {name.lower(): value for name, value in http.headers.items()}
    try:
        taken = hear(merchant, headers=headers, body=http.body, at=timezone.now())
    except NotificationRefused as refused:
        log.warning("notification to %s %s refused: %s", route, number, refused.code)
        return _says(401 if refused.code in UNPROVEN else 400, refused.code)
    return HttpResponse(
        taken.body, status=taken.status, content_type=taken.content_type
    )


def _merchant(route: str, number: str) -> Merchant | None:
    """PostgreSQL refuses to look for a NUL at all."""
    if "\x00" in number:
        return None
    return Merchant.objects.filter(route=route, number=number).first()


def _says(status: int, words: str) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
