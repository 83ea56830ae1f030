"""Asking for a refund: one page, its estimate beside it, a last look, then sent."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from refunds.errors import RefundError, SentAlready
from refunds.filing.drafts import delete_draft, is_on_behalf, open_request_like
from refunds.filing.submit import check_amount, check_complete, submit
from refunds.models import RefundRequest
from refunds.pages.draft_files import take_files
from refunds.pages.draft_page import (
    blank_form,
    context_of,
    draft_or_elsewhere,
    estimate_of,
    files_of,
    keep,
    unless_sent,
)
from refunds.pages.forms import FilingForm
from refunds.pages.half_written import half_written, signed_in_first
from refunds.pages.language import remember, switch_to
from refunds.pages.people import signed_in

# Where the form shows what a refusal is about.
FIELDS = {"evidence": "file"}


@signed_in_first()
@require_http_methods(["GET", "POST"])
@unless_sent
def draft(http: HttpRequest, pk: int) -> HttpResponse:
    found = draft_or_elsewhere(signed_in(http), pk)
    if isinstance(found, HttpResponse):
        return found
    if http.method == "GET":
        return _draft_page(http, found)
    return _after_saving(http, found, keep(found, http.POST))


def _draft_page(http: HttpRequest, found: RefundRequest) -> HttpResponse:
    """With what was written while the session ended, if that is newer."""
    form = blank_form(found)
    if said := half_written(http, since=found.saved_at):
        form = keep(found, said)
        words = _("You are signed in again. What you had written is here, and saved.")
        messages.success(http, words)
    return render(http, "pages/draft.html", context_of(found, form))


def _after_saving(
    http: HttpRequest, found: RefundRequest, form: FilingForm
) -> HttpResponse:
    """The button that was pressed; without script each is an ordinary submit."""
    do = http.POST.get("do", "save")
    if do == "upload":
        take_files(http, found, form)
    elif do.startswith("language-"):
        return _switch(http, found, form, do.removeprefix("language-"))
    elif do == "check":
        return _check(http, found, form)
    if form.is_valid() and do == "save":
        messages.success(http, _("Your draft is saved."))
        return redirect("draft", pk=found.pk)
    return render(http, "pages/draft.html", context_of(found, form))


def _switch(
    http: HttpRequest, found: RefundRequest, form: FilingForm, language: str
) -> HttpResponse:
    """To the other language; what could not be read stays in the form."""
    remember(signed_in(http), language)
    if form.is_valid():
        return switch_to(redirect("draft", pk=found.pk), language)
    with translation.override(language):
        page = render(http, "pages/draft.html", context_of(found, form), status=422)
    return switch_to(page, language)


def _check(http: HttpRequest, found: RefundRequest, form: FilingForm) -> HttpResponse:
    if form.is_valid():
        try:
            if refusal := open_request_like(found):
                raise refusal
            check_complete(found, at=timezone.now())
        except RefundError as refusal:
            name = FIELDS.get(refusal.field or "", refusal.field)
            form.add_error(name if name in form.fields else None, str(refusal))
        else:
            return redirect("check_draft", pk=found.pk)
    return render(http, "pages/draft.html", context_of(found, form), status=422)


@signed_in_first(back="draft")
@require_POST
def autosave(http: HttpRequest, pk: int) -> HttpResponse:
    """Keeps what can be read and answers with the estimate, as the page shows it."""
    found = draft_or_elsewhere(signed_in(http), pk)
    if isinstance(found, HttpResponse):
        return HttpResponse(status=409)
    try:
        keep(found, http.POST)
    except SentAlready:
        return HttpResponse(status=409)
    return render(http, "pages/_autosaved.html", estimate_of(found))


@signed_in_first()
@require_http_methods(["GET", "POST"])
def check_draft(http: HttpRequest, pk: int) -> HttpResponse:
    """The last look; sending it happens here and nowhere else."""
    user = signed_in(http)
    found = draft_or_elsewhere(user, pk)
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
    context = files_of(found) | estimate_of(found)
    return render(http, "pages/check.html", context | {"service": found.service})


def _sent(http: HttpRequest, sent: RefundRequest) -> HttpResponse:
    """The receipt; who filed for a customer goes back to the console."""
    if not is_on_behalf(sent):
        return redirect("receipt", number=sent.number)
    words = _("Filed for %(customer)s. Its owners are told, and may withdraw it.")
    messages.success(http, words % {"customer": sent.customer})
    return redirect("admin:refunds_refundrequest_change", sent.pk)


@signed_in_first(back="draft")
@require_POST
@unless_sent
def remove_draft(http: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(http)
    found = draft_or_elsewhere(user, pk)
    if isinstance(found, HttpResponse):
        return found
    delete_draft(found, by=user)
    messages.success(http, _("The draft and its files are deleted."))
    if is_on_behalf(found):
        return redirect("services_for", found.customer_id)
    return redirect("services")
