"""Asking for a refund: one page, its estimate beside it, a last look, then sent."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import customers_filed_for
from accounts.models import User
from refunds.errors import NotAssessable, RefundError, SentAlready
from refunds.filing.drafts import (
    delete_draft,
    draft_of,
    is_on_behalf,
    left_of,
    open_request_like,
    save_draft,
)
from refunds.filing.estimate import estimate
from refunds.filing.evidence import add_evidence, remove_evidence
from refunds.filing.submit import check_amount, check_complete, submit
from refunds.models import Evidence, RefundRequest
from refunds.pages.forms import EvidenceForm, FilingForm
from refunds.pages.language import remember, switch_to
from refunds.pages.people import signed_in
from refunds.pages.verdict import explain
from refunds.states import State


def _draft_or_elsewhere(user: User, pk: int) -> RefundRequest | HttpResponse:
    """The draft; where it was sent already, its own page instead."""
    try:
        return draft_of(user, pk)
    except RefundRequest.DoesNotExist:
        sent = RefundRequest.objects.filter(
            pk=pk, filed_by=user, customer__in=customers_filed_for(user)
        ).first()
        if sent is None or sent.state == State.DRAFT:
            raise Http404 from None
        if is_on_behalf(sent):
            return redirect("admin:refunds_refundrequest_change", sent.pk)
        return redirect("request", number=sent.number)


def _form(found: RefundRequest, *sent: Any) -> FilingForm:
    return FilingForm(*sent, draft=found, on_behalf=is_on_behalf(found))


def _unless_sent(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Where another window sent it at this moment, its own page says so instead."""

    @wraps(view)
    def answered(http: HttpRequest, pk: int, **more: int) -> HttpResponse:
        try:
            return view(http, pk, **more)
        except SentAlready as refusal:
            messages.error(http, str(refusal))
            elsewhere = _draft_or_elsewhere(signed_in(http), pk)
            if isinstance(elsewhere, HttpResponse):
                return elsewhere
            raise

    return answered


@login_required
@require_http_methods(["GET", "POST"])
@_unless_sent
def draft(http: HttpRequest, pk: int) -> HttpResponse:
    found = _draft_or_elsewhere(signed_in(http), pk)
    if isinstance(found, HttpResponse):
        return found
    if http.method == "GET":
        form = _form(found)
        return render(http, "pages/draft.html", _context(found, form))
    form = _form(found, http.POST)
    form.keep_in(found)
    save_draft(found)
    return _after_saving(http, found, form)


def _after_saving(
    http: HttpRequest, found: RefundRequest, form: FilingForm
) -> HttpResponse:
    """The button that was pressed; without script each is an ordinary submit."""
    do = http.POST.get("do", "save")
    if do == "upload":
        _take_files(http, found, form)
    elif do.startswith("language-"):
        return _switch(http, found, form, do.removeprefix("language-"))
    elif do == "check":
        return _check(http, found, form)
    if form.is_valid() and do == "save":
        messages.success(http, _("Your draft is saved."))
        return redirect("draft", pk=found.pk)
    return render(http, "pages/draft.html", _context(found, form))


def _switch(
    http: HttpRequest, found: RefundRequest, form: FilingForm, language: str
) -> HttpResponse:
    """To the other language; what could not be read stays in the form."""
    remember(signed_in(http), language)
    if form.is_valid():
        return switch_to(redirect("draft", pk=found.pk), language)
    with translation.override(language):
        page = render(http, "pages/draft.html", _context(found, form), status=422)
    return switch_to(page, language)


def _take_files(http: HttpRequest, found: RefundRequest, form: FilingForm) -> None:
    files = http.FILES.getlist("file")
    if not files:
        form.add_error(None, _("Choose a file first, then press Upload."))
    for file in files:
        try:
            _take(http, found, file)
        except RefundError as refusal:
            form.add_error(None, str(refusal))


def _take(http: HttpRequest, found: RefundRequest, file: Any) -> Evidence:
    kind = http.POST.get("kind", "")
    return add_evidence(
        found,
        content=file.read(),
        name=file.name,
        kind=kind if kind in Evidence.Kind.values else Evidence.Kind.OTHER,
        by=signed_in(http),
        at=timezone.now(),
    )


def _check(http: HttpRequest, found: RefundRequest, form: FilingForm) -> HttpResponse:
    if form.is_valid():
        try:
            if refusal := open_request_like(found):
                raise refusal
            check_complete(found, at=timezone.now())
        except RefundError as refusal:
            field = refusal.field if refusal.field in form.fields else None
            form.add_error(field, str(refusal))
        else:
            return redirect("check_draft", pk=found.pk)
    return render(http, "pages/draft.html", _context(found, form), status=422)


def _context(found: RefundRequest, form: FilingForm) -> dict[str, Any]:
    return {
        "draft": found,
        "service": found.service,
        "form": form,
        "evidence_form": EvidenceForm(),
        "left": left_of(found.service),
        **_evidence_context(found),
        **_estimate_context(found),
    }


def _evidence_context(found: RefundRequest) -> dict[str, Any]:
    return {"draft": found, "evidence": list(found.evidence.all())}


def _estimate_context(found: RefundRequest) -> dict[str, Any]:
    on_behalf = is_on_behalf(found)
    try:
        now = estimate(found, at=timezone.now())
    except NotAssessable as refusal:
        return {"refusal": refusal, "on_behalf": on_behalf}
    verdict = explain(now.judgement) if now else None
    if verdict and on_behalf:
        # Then a person decides, because the customer may still withdraw.
        verdict = replace(verdict, automatic=False)
    return {
        "on_behalf": on_behalf,
        "verdict": verdict,
        "currency": found.currency,
        "asked": found.amount_asked,
        "missing": [Evidence.Kind(kind).label for kind in now.missing] if now else [],
        "helpful": [Evidence.Kind(kind).label for kind in now.helpful] if now else [],
        "open_request": open_request_like(found) if found.ground else None,
    }


@login_required
@require_POST
def autosave(http: HttpRequest, pk: int) -> HttpResponse:
    """Keeps what can be read and answers with the estimate, as the page shows it."""
    found = _draft_or_elsewhere(signed_in(http), pk)
    if isinstance(found, HttpResponse):
        return HttpResponse(status=409)
    _form(found, http.POST).keep_in(found)
    try:
        save_draft(found)
    except SentAlready:
        return HttpResponse(status=409)
    return render(http, "pages/_estimate.html", _estimate_context(found))


@login_required
@require_POST
def upload(http: HttpRequest, pk: int) -> HttpResponse:
    """One file by script; answers with the list, and with the refusals."""
    found = _draft_or_elsewhere(signed_in(http), pk)
    if isinstance(found, HttpResponse):
        return HttpResponse(status=409)
    refusals = []
    for file in http.FILES.getlist("file"):
        try:
            _take(http, found, file)
        except RefundError as refusal:
            refusals.append(str(refusal))
    context = _evidence_context(found) | {"refusals": refusals}
    status = 422 if refusals else 200
    return render(http, "pages/_evidence.html", context, status=status)


@login_required
@require_POST
@_unless_sent
def remove(http: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """Takes one file out; what else stands in the form is kept."""
    user = signed_in(http)
    found = _draft_or_elsewhere(user, pk)
    if isinstance(found, HttpResponse):
        return found
    _form(found, http.POST).keep_in(found)
    save_draft(found)
    remove_evidence(get_object_or_404(found.evidence, pk=evidence), by=user)
    if http.headers.get("X-Requested-With"):
        return render(http, "pages/_evidence.html", _evidence_context(found))
    return redirect("draft", pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def check_draft(http: HttpRequest, pk: int) -> HttpResponse:
    """The last look; sending it happens here and nowhere else."""
    user = signed_in(http)
    found = _draft_or_elsewhere(user, pk)
    if isinstance(found, HttpResponse):
        return found
    try:
        if http.method == "POST":
            return _sent(http, submit(found, by=user, at=timezone.now()))
        check_amount(found)
        check_complete(found, at=timezone.now())
    except RefundError as refusal:
        messages.error(http, str(refusal))
        return redirect("draft", pk=pk)
    context = _evidence_context(found) | _estimate_context(found)
    return render(http, "pages/check.html", context | {"service": found.service})


def _sent(http: HttpRequest, sent: RefundRequest) -> HttpResponse:
    """The receipt; who filed for a customer goes back to the console."""
    if not is_on_behalf(sent):
        return redirect("receipt", number=sent.number)
    words = _("Filed for %(customer)s. Its owners are told, and may withdraw it.")
    messages.success(http, words % {"customer": sent.customer})
    return redirect("admin:refunds_refundrequest_change", sent.pk)


@login_required
@require_POST
@_unless_sent
def remove_draft(http: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(http)
    found = _draft_or_elsewhere(user, pk)
    if isinstance(found, HttpResponse):
        return found
    delete_draft(found, by=user)
    messages.success(http, _("The draft and its files are deleted."))
    if is_on_behalf(found):
        return redirect("services_for", found.customer_id)
    return redirect("services")
