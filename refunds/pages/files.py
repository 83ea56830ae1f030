"""Serving evidence: by permission, as an attachment, never from a public folder."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from refunds.models import Evidence
from refunds.pages.access import evidence_or_404
from refunds.pages.people import signed_in
from refunds.record.events import record
from refunds.states import State


@login_required
@require_safe
def download(http: HttpRequest, pk: int) -> FileResponse:
    """The file exactly as it was sent."""
    evidence = _seen(http, pk)
    return _serve(
        FileResponse(
            evidence.file.open("rb"),
            as_attachment=True,
            filename=evidence.name,
            content_type=evidence.content_type,
        )
    )


@login_required
@require_safe
@xframe_options_sameorigin
def view(http: HttpRequest, pk: int) -> FileResponse:
    """What is shown in place: the re-encoded image, or the checked PDF."""
    evidence = evidence_or_404(signed_in(http), pk)
    file = evidence.view or evidence.file
    if evidence.content_type != "application/pdf" and not evidence.view:
        raise Http404
    kind = "image/jpeg" if evidence.view else evidence.content_type
    response = _serve(FileResponse(file.open("rb"), content_type=kind))
    response["Content-Disposition"] = "inline"
    if not evidence.view:
        # A sandbox would keep browsers from showing a PDF at all.
        response["Content-Security-Policy"] = "default-src 'none'; object-src 'self'"
    return response


def _serve(response: FileResponse) -> FileResponse:
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _seen(http: HttpRequest, pk: int) -> Evidence:
    user = signed_in(http)
    evidence = evidence_or_404(user, pk)
    if evidence.request.state != State.DRAFT:
        record(
            evidence.request,
            "evidence_downloaded",
            by=user,
            at=timezone.now(),
            data={"name": evidence.name, "sha256": evidence.sha256},
        )
    return evidence
