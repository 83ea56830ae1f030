"""The files of a draft: taken one by one or with the form, and taken out again."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from refunds.errors import NotAssessable, RefundError
from refunds.filing.estimate import estimate
from refunds.filing.evidence import add_evidence, remove_evidence
from refunds.models import Evidence, RefundRequest
from refunds.pages.draft_page import draft_or_elsewhere, files_of, keep, unless_sent
from refunds.pages.forms import FilingForm
from refunds.pages.half_written import signed_in_first
from refunds.pages.people import signed_in


def take_files(http: HttpRequest, found: RefundRequest, form: FilingForm) -> None:
    """With the form, where there is no script; each refusal stands at the field."""
    refusals = _taken(http, found)
    if not http.FILES.getlist("file"):
        refusals = [_("Choose a file first, then press Upload.")]
    for words in refusals:
        form.add_error("file", words)


def _taken(http: HttpRequest, found: RefundRequest) -> list[str]:
    """Keeps what can be kept; answers with the refusals."""
    refusals = []
    for file in http.FILES.getlist("file"):
        try:
            _take(http, found, file)
        except RefundError as refusal:
            refusals.append(str(refusal))
    return refusals


def _take(http: HttpRequest, found: RefundRequest, file: Any) -> Evidence:
    kind = http.POST.get("kind", "")
    return add_evidence(
        found,
        content=file.read(),
        name=file.name,
        kind=kind if kind in Evidence.Kind.values else _likely_kind(found),
        by=signed_in(http),
        at=timezone.now(),
    )


def _likely_kind(found: RefundRequest) -> str:
    """What is still asked for; its sender says beside the file if it is another."""
    try:
        now = estimate(found, at=timezone.now())
    except NotAssessable:
        return Evidence.Kind.OTHER
    return now.missing[0] if now and now.missing else Evidence.Kind.OTHER


@signed_in_first(back="draft")
@require_POST
def upload(http: HttpRequest, pk: int) -> HttpResponse:
    """One file by script; answers with the list, and with the refusals."""
    found = draft_or_elsewhere(signed_in(http), pk)
    if isinstance(found, HttpResponse):
        return HttpResponse(status=409)
    refusals = _taken(http, found)
    context = files_of(found) | {"refusals": refusals}
    status = 422 if refusals else 200
    return render(http, "pages/_evidence.html", context, status=status)


@signed_in_first(back="draft")
@require_POST
@unless_sent
def remove(http: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """Takes one file out; what else stands in the form is kept."""
    user = signed_in(http)
    found = draft_or_elsewhere(user, pk)
    if isinstance(found, HttpResponse):
        return found
    keep(found, http.POST)
    remove_evidence(get_object_or_404(found.evidence, pk=evidence), by=user)
    if http.headers.get("X-Requested-With"):
        return render(http, "pages/_evidence.html", files_of(found))
    return redirect("draft", pk=pk)
