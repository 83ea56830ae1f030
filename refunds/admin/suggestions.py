"""Names while one types: of colleagues, and of customers this person may read about."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse

from refunds.admin.queue_filters import LONGEST, customers_called, staff_called
from refunds.pages.people import signed_in

MOST = 10


def suggest(owner: Any, request: HttpRequest, what: str) -> JsonResponse:
    if not owner.has_view_permission(request):
        raise PermissionDenied
    typed = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    if what == "customers":
        found: Any = customers_called(typed, seen_by=signed_in(request))
    elif what == "people":
        found = staff_called(typed)
    else:
        raise Http404
    names = [str(each) for each in found[:MOST]] if typed else []
    answer = JsonResponse({"names": names})
    answer["Cache-Control"] = "private, no-store"
    return answer
