"""Presence: an open sheet says every few seconds that somebody is there, and reads who
else is."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.access import customers_seen_by_staff
from accounts.models import User
from refunds.models import RefundRequest
from refunds.pages.people import signed_in
from refunds.review import presence
from refunds.states import State
from refunds.templatetags.console import others_in_words


def stay(request: HttpRequest, pk: int) -> HttpResponse:
    """Renews the lease. `words` name the others, or are empty."""
    user = signed_in(request)
    found = _seen(user, pk)
    others = presence.be_present(found, by=user, at=timezone.now())
    return JsonResponse({"words": others_in_words(others)})


def leave(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    presence.leave(_seen(user, pk), by=user)
    return HttpResponse(status=204)


def _seen(user: User, pk: int) -> RefundRequest:
    rows = RefundRequest.objects.exclude(state=State.DRAFT)
    seen = rows.filter(customer__in=customers_seen_by_staff(user))
    return get_object_or_404(seen.only("pk"), pk=pk)
