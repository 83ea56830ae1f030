"""How often a minute one person may ask for a page of settings.RATE_LIMITS.

By who is signed in, else by where they are. allauth counts its own pages likewise.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from redis.exceptions import RedisError

MINUTE = 60
logger = logging.getLogger(__name__)


class LimitsMiddleware:
    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        limit = settings.RATE_LIMITS.get(name)
        if limit is None:
            return None
        minute, second = divmod(int(time.time()), MINUTE)
        if _asked(f"asked:{name}:{_who(request)}:{minute}") <= limit:
            return None
        return too_many(request, wait=MINUTE - second)


def too_many(request: HttpRequest, wait: int = MINUTE) -> HttpResponse:
    """The page of status 429; allauth's own limits lead here too."""
    response = render(request, "429.html", {"wait": wait}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


def _asked(key: str) -> int:
    """This time included. Without a cache nobody is kept out."""
    try:
        cache.add(key, 0, timeout=MINUTE)
        return int(cache.incr(key))
    except (RedisError, OSError, ValueError) as fault:
        logger.warning("Nothing was counted for %s: %s", key, fault)
        return 0


def _who(request: HttpRequest) -> str:
    user = request.user
    return f"user-{user.pk}" if user.is_authenticated else f"at-{get_ip(request)}"
