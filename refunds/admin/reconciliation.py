"""Statements that came: the list, what became of each, and how finance brings one or
has it asked for."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import Role, Route
from refunds.admin.finance import reads_finance
from refunds.admin.kept import ReadOnlyAdmin
from refunds.errors import RefundError
from refunds.models import Discrepancy, Merchant, ReceivedFile, StatementLine
from refunds.pages.people import signed_in
from refunds.payouts.found import in_words
from refunds.payouts.statements import fetch, upload

BRING = "admin/refunds/receivedfile/bring.html"
PAGE = "admin/refunds/receivedfile/page.html"
LINES = 100


class DayForm(forms.Form):
    """Which merchant's statement of which day."""

    merchant = forms.ModelChoiceField(
        Merchant.objects.filter(enabled=True),
        label=gettext_lazy("Merchant"),
        empty_label=None,
    )
    day = forms.DateField(
        label=gettext_lazy("Day of the statement"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class UploadForm(DayForm):
    file = forms.FileField(
        label=gettext_lazy("Statement, as the route or the bank gives it out")
    )


class FetchForm(DayForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        online = Merchant.objects.filter(enabled=True)
        self.fields["merchant"].queryset = online.exclude(  # type: ignore[attr-defined]
            route=Route.BANK_TRANSFER
        )


def _counted(lines: QuerySet[StatementLine]) -> Coalesce:
    theirs = lines.filter(file=OuterRef("pk")).order_by().values("file")
    return Coalesce(Subquery(theirs.annotate(n=Count("pk")).values("n")), 0)


@admin.register(ReceivedFile)
class ReceivedFileAdmin(ReadOnlyAdmin):
    customer_path = ""
    list_display = (
        "name",
        "merchant",
        "kind",
        "day",
        "stated",
        "matched",
        "received_at",
        "uploaded_by",
    )
    list_filter = ("kind", "merchant__route")
    list_select_related = ("merchant", "uploaded_by")
    search_fields = ("name", "sha256")
    date_hierarchy = "day"
    ordering = ("-pk",)
    change_list_template = "admin/refunds/receivedfile/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Counted row by row of the page: a join would count all files there are."""
        rows: QuerySet[Any] = super().get_queryset(request).defer("content")
        ours = _counted(StatementLine.objects.exclude(leg=None))
        lines = _counted(StatementLine.objects.all())
        counted: QuerySet[Any] = rows.annotate(line_count=lines, match_count=ours)
        return counted

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user = signed_in(request)
        allowed: bool = super().has_view_permission(request, obj)
        return allowed and (user.is_superuser or reads_finance(user))

    has_module_permission = has_view_permission

    @admin.display(description=pgettext_lazy("statement", "lines"))
    def stated(self, row: Any) -> int:
        return int(row.line_count)

    @admin.display(description=pgettext_lazy("statement", "ours"))
    def matched(self, row: Any) -> int:
        return int(row.match_count)

    def get_urls(self) -> list[URLPattern]:
        brings = require_http_methods(["GET", "POST"])(self.bring)
        address = self.admin_site.admin_view(brings)
        return [
            path("bring/", address, name="refunds_receivedfile_bring"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        more = {
            "title": _("Files received"),
            "brings": signed_in(request).has_role(Role.FINANCE),
        }
        return super().changelist_view(request, {**more, **(extra_context or {})})

    def bring(self, request: HttpRequest) -> HttpResponse:
        """Two forms: a file that finance has, and a day that a route is asked for."""
        user = signed_in(request)
        if not (self.has_view_permission(request) and user.has_role(Role.FINANCE)):
            raise PermissionDenied
        fetches = request.POST.get("what") == "fetch"
        sent = request.method == "POST"
        yesterday = {"day": timezone.localdate() - timedelta(days=1)}
        typed = request.POST if sent else None
        up = UploadForm(
            None if fetches else typed,
            request.FILES if sent and not fetches else None,
            initial=yesterday,
            prefix="upload",
        )
        ask = FetchForm(typed if fetches else None, initial=yesterday, prefix="fetch")
        form = ask if fetches else up
        if sent and form.is_valid():
            came = self._fetch(request, ask) if fetches else self._upload(request, up)
            if came:
                return redirect("admin:refunds_receivedfile_change", came.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Bring a statement"),
            "form": form,
            "upload_form": up,
            "fetch_form": ask,
        }
        return render(request, BRING, context, status=422 if form.errors else 200)

    def _upload(self, request: HttpRequest, form: UploadForm) -> ReceivedFile | None:
        file = form.cleaned_data["file"]
        try:
            return upload(
                form.cleaned_data["merchant"],
                form.cleaned_data["day"],
                name=file.name,
                content=file.read(),
                by=signed_in(request),
                at=timezone.now(),
            )
        except RefundError as refusal:
            field = refusal.field if refusal.field in form.fields else None
            form.add_error(field, str(refusal))
            return None

    def _fetch(self, request: HttpRequest, form: FetchForm) -> ReceivedFile | None:
        merchant: Merchant = form.cleaned_data["merchant"]
        day: date = form.cleaned_data["day"]
        try:
            came = fetch(merchant, day, at=timezone.now())
        except RefundError as refusal:
            form.add_error(None, str(refusal))
            return None
        if came is None:
            messages.warning(
                request,
                _(
                    "%(merchant)s has no readable statement of %(day)s yet. It is "
                    "asked again every hour for three days; what can't be read is "
                    "among the discrepancies."
                )
                % {"merchant": merchant, "day": day.isoformat()},
            )
        return came

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What became of the file; there is nothing to change."""
        if request.method == "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        if not str(object_id).isdecimal():
            raise Http404
        rows = self.get_queryset(request).select_related("merchant", "uploaded_by")
        file = get_object_or_404(rows, pk=object_id)
        found = list(
            Discrepancy.objects.filter(merchant=file.merchant, day=file.day)
            .select_related("leg")
            .order_by("outcome", "pk")[:LINES]
            if file.day
            else []
        )
        lines = Paginator(file.lines.select_related("leg").order_by("position"), LINES)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": file.name,
            "file": file,
            "page": lines.get_page(request.GET.get("p")),
            "found": [(item, in_words(item)) for item in found],
        }
        return render(request, PAGE, context)
