"""What a customer adds to a request after it was sent: files with an answer, evidence,
measurements; and how all of it reads."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Membership, User
from refunds.errors import RefundError, Words
from refunds.filing.additions import add_to, all_or_nothing, why_not_add
from refunds.filing.evidence import Paper
from refunds.filing.measurements import add_measurement
from refunds.models import Evidence, Measurement, RefundRequest
from refunds.pages.access import request_or_404
from refunds.pages.addition_forms import (
    AddEvidenceForm,
    AnswerWithFilesForm,
    MeasurementForm,
)
from refunds.pages.half_written import half_written, signed_in_first
from refunds.pages.people import signed_in
from refunds.pages.rule_words import level, metric_name
from refunds.states import State
from refunds.step import why_not


def answer_with_files(
    request: RefundRequest,
    verb: Callable[..., None],
    *,
    by: User,
    at: datetime,
    words: str,
    kind: str = Evidence.Kind.OTHER,
    papers: Sequence[Paper] = (),
) -> None:
    """Makes the move and keeps the files, or neither. The move goes first: its refusal
    says who was first, where a second click meets the first one's files."""
    with all_or_nothing() as kept:
        verb(request, by=by, at=at, words=words)
        if papers:
            kept += add_to(request, papers, kind=kind, by=by, at=at)


def answer_page(
    http: HttpRequest, found: RefundRequest, move: str, verb: Callable[..., None]
) -> HttpResponse:
    """A move with words and files. What was typed stays, whatever came between."""
    user, now = signed_in(http), timezone.now()
    if http.method == "POST":
        form = AnswerWithFilesForm(http.POST, http.FILES)
    else:
        form = AnswerWithFilesForm(initial=half_written(http))
    refusal: RefundError | Words | None = None
    if form.is_valid():
        try:
            answer_with_files(found, verb, by=user, at=now, **form.cleaned_data)
        except RefundError as error:
            refusal = error
        else:
            messages.success(http, _("Done. This is where your request stands now."))
            return redirect("request", number=found.number)
    if isinstance(refusal, RefundError) and refusal.field in form.fields:
        form.add_error(refusal.field, str(refusal))
        refusal = None
    found = request_or_404(user, str(found.number))
    refusal = refusal or why_not(found, move, by=user, at=now)
    if refusal and not _would_lose_words(found, form, move, user):
        messages.error(http, str(refusal))
        return redirect("request", number=found.number)
    if refusal:
        form.add_error(None, str(refusal))
    context = {
        "refund": found,
        "move": move,
        "form": form,
        "moved_on": refusal,
        "question": question_of(found),
    }
    status = 422 if form.errors else 200
    return render(http, "pages/answer.html", context, status=status)


def question_of(found: RefundRequest) -> str:
    """What the staff asked for last, while it is waited for."""
    if found.state != State.AWAITING_INFORMATION:
        return ""
    return found.events.filter(kind="ask_for_information").latest("position").reason


def _would_lose_words(
    found: RefundRequest, form: AnswerWithFilesForm, move: str, user: User
) -> bool:
    """Not where the form was never this person's to fill in, nor where a second click
    has said the same already."""
    words = form.data.get("words", "").strip() if form.is_bound else ""
    standing = getattr(RefundRequest, move)._django_fsm.get_transition(found.state)
    if not words or (standing and not standing.permission(found, user)):
        return False
    said = found.messages.filter(author=user, words=words)
    meant = found.events.filter(actor=user, kind=move, reason=words)
    return not (said.exists() or meant.exists())


@signed_in_first()
@require_http_methods(["GET", "POST"])
def add(http: HttpRequest, number: str) -> HttpResponse:
    """Evidence, or a measurement, for a request that is open to it."""
    user = signed_in(http)
    found = request_or_404(user, number)
    if http.method == "POST":
        return _take(http, found, user)
    if refusal := why_not_add(found, by=user):
        messages.error(http, str(refusal))
        return redirect("request", number=number)
    return _add_page(http, found)


def _take(http: HttpRequest, found: RefundRequest, user: User) -> HttpResponse:
    measured = http.POST.get("do") == "measurement"
    form: forms.Form = (
        _measurement_form(found, http.POST, http.FILES)
        if measured
        else AddEvidenceForm(http.POST, http.FILES)
    )
    if form.is_valid():
        try:
            _add(found, form, by=user, at=timezone.now())
        except RefundError as refusal:
            field = refusal.field if refusal.field in form.fields else None
            form.add_error(field, str(refusal))
        else:
            messages.success(http, _("Added. Whoever checks your request sees it."))
            return redirect("request", number=found.number)
    return _add_page(http, found, form)


def _add(found: RefundRequest, form: forms.Form, *, by: User, at: datetime) -> None:
    if isinstance(form, MeasurementForm):
        add_measurement(found, by=by, at=at, **form.told)
    else:
        told = form.cleaned_data
        add_to(found, told["papers"], kind=told["kind"], by=by, at=at)


def _measurement_form(found: RefundRequest, *sent: Any) -> MeasurementForm:
    return MeasurementForm(*sent, refund=found, auto_id="id_measurement_%s")


def _add_page(
    http: HttpRequest, found: RefundRequest, form: forms.Form | None = None
) -> HttpResponse:
    measured = isinstance(form, MeasurementForm)
    context = {
        "refund": found,
        "form": form,
        "evidence_form": form if form and not measured else AddEvidenceForm(),
        "measurement_form": form if measured else _measurement_form(found),
        "evidence": evidence_of(found),
        "measurements": measurements_of(found),
        "zone": found.contract.time_zone,
    }
    return render(http, "pages/add.html", context, status=422 if form else 200)


def evidence_of(request: RefundRequest) -> QuerySet[Evidence]:
    """In one query; `from_customer` tells the customer's files from the staff's."""
    members = Membership.objects.filter(
        user=OuterRef("added_by"), customer=request.customer_id
    )
    return request.evidence.select_related("added_by").annotate(
        from_customer=Exists(members)
    )


@dataclass(frozen=True)
class Measured:
    """A measurement in the unit of its metric; `promised` empty: not any more."""

    measurement: Measurement
    metric: str
    level: str
    promised: str


def measurements_of(request: RefundRequest) -> list[Measured]:
    return measured_in(request, measurement_rows(request))


def measurement_rows(request: RefundRequest) -> QuerySet[Measurement]:
    return request.measurements.select_related("evidence", "added_by")


def measured_in(request: RefundRequest, rows: Iterable[Measurement]) -> list[Measured]:
    return [_measured(row, request.service.promised) for row in rows]


def _measured(row: Measurement, promised: dict[str, str]) -> Measured:
    level_promised = promised.get(row.metric, "")
    return Measured(
        measurement=row,
        metric=metric_name(row.metric),
        level=level(Fraction(row.measured), metric=row.metric),
        promised=level_promised and level(Fraction(level_promised), metric=row.metric),
    )
