"""Presence: an open sheet says every few seconds that somebody is there, and reads who
else is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from accounts.access import customers_seen_by_staff
from accounts.models import User
from refunds.models import RefundRequest
from refunds.pages.people import signed_in
from refunds.review import presence
from refunds.states import State
from refunds.templatetags.console import others_in_words

SAID = "admin/refunds/refundrequest/_presence.html"


def stay(request: HttpRequest, pk: int) -> HttpResponse:
    """Renews the lease, and says who else is there where that is not what the page
    says already: so a screen reader hears it once."""
    user = signed_in(request)
    found = _seen(user, pk)
    others = presence.be_present(found, by=user, at=timezone.now())
    if request.POST.get("said", "") == others_in_words(others):
        return HttpResponse(status=204)
    return render(request, SAID, {"others": others})


def leave(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    presence.leave(_seen(user, pk), by=user)
    return HttpResponse(status=204)


def _seen(user: User, pk: int) -> RefundRequest:
    rows = RefundRequest.objects.exclude(state=State.DRAFT)
    seen = rows.filter(customer__in=customers_seen_by_staff(user))
    return get_object_or_404(seen.only("pk"), pk=pk)
