"""The console's door to a request's whole file."""

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.access import customers_seen_by_staff
from refunds.errors import NotPermitted
from refunds.models import RefundRequest
from refunds.pages.history import WORDS
from refunds.pages.people import signed_in
from refunds.record.case_file import case_file
from refunds.states import State


def export(request: HttpRequest, pk: int) -> FileResponse:
    """Behind the admin site and POST: it writes an event. `outside`: without notes."""
    user = signed_in(request)
    seen = RefundRequest.objects.exclude(state=State.DRAFT).filter(
        customer__in=customers_seen_by_staff(user)
    )
    found = get_object_or_404(seen, pk=pk)
    try:
        internal = request.POST.get("outside") != "yes"
        at = timezone.now()
        file = case_file(found, by=user, at=at, words=WORDS, internal=internal)
    except NotPermitted as refusal:
        raise PermissionDenied(str(refusal)) from None
    answer = FileResponse(
        file,
        as_attachment=True,
        filename=f"{found.number}.zip",
        content_type="application/zip",
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
