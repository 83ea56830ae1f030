"""What was added to a case, on its sheet: the staff's own evidence, and what a reviewer
makes of each file and each measurement."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.models import User
from refunds.admin.door_forms import DoorForm
from refunds.admin.looked import Looked
from refunds.errors import RefundError
from refunds.filing.additions import add_to, why_not_add
from refunds.filing.evidence import Paper
from refunds.models import Evidence, Measurement, RefundRequest
from refunds.pages.addition_forms import AddEvidenceForm
from refunds.pages.additions import Measured, measured_in
from refunds.pages.people import signed_in
from refunds.review.evidence import (
    check_evidence,
    check_measurement,
    why_not_check_evidence,
    why_not_check_measurement,
)

ADDING = "add_evidence"


class CheckForm(DoorForm):
    reason = forms.CharField(
        label=gettext_lazy("Why, to the customer"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        required=False,
    )


class StaffEvidenceForm(AddEvidenceForm, DoorForm):
    pass


@dataclass(frozen=True)
class EvidenceRow:
    """`form` is None where this person can't decide on it now; `elsewhere`: the same
    file with other requests."""

    file: Evidence
    form: DoorForm | None
    elsewhere: list[Evidence]


@dataclass(frozen=True)
class MeasurementRow:
    measured: Measured
    form: DoorForm | None


def additions_context(
    request: RefundRequest,
    user: User,
    *,
    bound: dict[str, DoorForm],
    files: Iterable[Evidence],
    measurements: Iterable[Measurement],
    elsewhere: Iterable[Evidence],
) -> dict[str, Any]:
    """For the sheet's partial templates; `bound` as the sheet gives it."""
    same: dict[str, list[Evidence]] = defaultdict(list)
    for file in elsewhere:
        same[file.sha256].append(file)
    checks_files = why_not_check_evidence(request, user) is None
    checks_measurements = why_not_check_measurement(request, user) is None
    may_add = why_not_add(request, by=user) is None
    return {
        "evidence_rows": [
            EvidenceRow(
                file,
                _form(_file(file.pk), bound) if checks_files else None,
                same[file.sha256],
            )
            for file in files
        ],
        "measurement_rows": [
            MeasurementRow(row, _measurement_form(row, bound, may=checks_measurements))
            for row in measured_in(request, measurements)
        ],
        "add_evidence_form": _adding_form(bound) if may_add else None,
        "adding_refused": ADDING in bound,
    }


def _file(pk: int) -> str:
    return f"evidence_{pk}"


def _measurement(pk: int) -> str:
    return f"measurement_{pk}"


def _form(name: str, bound: dict[str, DoorForm]) -> DoorForm:
    return bound.get(name) or CheckForm(auto_id=f"id_{name}_%s")


def _measurement_form(
    row: Measured, bound: dict[str, DoorForm], *, may: bool
) -> DoorForm | None:
    if not may or row.measurement.verdict:
        return None
    return _form(_measurement(row.measurement.pk), bound)


def _adding_form(bound: dict[str, DoorForm]) -> DoorForm:
    return bound.get(ADDING) or StaffEvidenceForm(auto_id=f"id_{ADDING}_%s")


class AdditionsAdmin(admin.ModelAdmin):
    """Joins the sheet's admin, which finds the case and shows the sheet."""

    if TYPE_CHECKING:

        def _found(self, request: HttpRequest, pk: str | int) -> RefundRequest: ...
        def _back_to(self, found: RefundRequest) -> HttpResponse: ...
        def _sheet(
            self,
            request: HttpRequest,
            found: RefundRequest,
            looked: Looked,
        ) -> HttpResponse: ...

    def get_urls(self) -> list[URLPattern]:
        name = "refunds_refundrequest"
        return [
            path(
                "<int:pk>/evidence/",
                self._posted(self.add_evidence),
                name=f"{name}_add_evidence",
            ),
            path(
                "<int:pk>/evidence/<int:evidence>/",
                self._posted(self.check_evidence),
                name=f"{name}_check_evidence",
            ),
            path(
                "<int:pk>/measurements/<int:measurement>/",
                self._posted(self.check_measurement),
                name=f"{name}_check_measurement",
            ),
            *super().get_urls(),
        ]

    def _posted(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return self.admin_site.admin_view(require_POST(view))

    def add_evidence(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The staff's own: service logs, monitoring reports."""
        found, user = self._found(request, pk), signed_in(request)
        form = StaffEvidenceForm(request.POST, request.FILES, auto_id=f"id_{ADDING}_%s")

        def act(papers: list[Paper], kind: str) -> None:
            add_to(found, papers, kind=kind, by=user, at=timezone.now())

        return self._acted(request, found, {ADDING: form}, act, _("Evidence is added."))

    def check_evidence(
        self, request: HttpRequest, pk: int, evidence: int
    ) -> HttpResponse:
        found, user = self._found(request, pk), signed_in(request)
        file = get_object_or_404(found.evidence, pk=evidence)
        verdict, name = request.POST.get("verdict", ""), _file(file.pk)
        form = CheckForm(request.POST, auto_id=f"id_{name}_%s")

        def act(reason: str) -> None:
            check_evidence(
                file, by=user, at=timezone.now(), verdict=verdict, reason=reason
            )

        done = _("“%(name)s” is decided on.") % {"name": file.name}
        return self._acted(request, found, {name: form}, act, done)

    def check_measurement(
        self, request: HttpRequest, pk: int, measurement: int
    ) -> HttpResponse:
        found, user = self._found(request, pk), signed_in(request)
        row = get_object_or_404(found.measurements, pk=measurement)
        accept = request.POST.get("verdict") == Measurement.Verdict.ACCEPTED
        name = _measurement(row.pk)
        form = CheckForm(request.POST, auto_id=f"id_{name}_%s")

        def act(reason: str) -> None:
            check_measurement(
                row, by=user, at=timezone.now(), accept=accept, reason=reason
            )

        done = _("The measurement is decided on.")
        return self._acted(request, found, {name: form}, act, done)

    def _acted(
        self,
        request: HttpRequest,
        found: RefundRequest,
        bound: dict[str, DoorForm],
        act: Callable[..., None],
        done: str,
    ) -> HttpResponse:
        """Back to the sheet; what has a fault at a field stays open there."""
        (form,) = bound.values()
        if form.is_valid():
            try:
                act(**form.cleaned_data)
            except RefundError as refusal:
                if refusal.field not in form.fields:
                    messages.error(request, str(refusal))
                    return self._back_to(found)
                form.add_error(refusal.field, str(refusal))
            else:
                messages.success(request, done)
                return self._back_to(found)
        return self._sheet(request, found, Looked(bound))
