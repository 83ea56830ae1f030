"""Import and export on the pages that list records."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import RecordsImport, Role, User
from accounts.resources.complaints import FileRefused
from accounts.resources.export import csv_lines, xlsx_file
from accounts.resources.jobs import upload
from accounts.resources.resource import RecordsResource
from accounts.resources.tables import RESOURCES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = ("csv", "xlsx")


class ImportForm(forms.Form):
    table = forms.ChoiceField(label=_("What is in the file"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX, 50 MB and 200,000 rows at most."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )

    def __init__(self, tables: list[tuple[str, str]], *given: Any) -> None:
        super().__init__(*given)
        self.fields["table"].choices = tables  # type: ignore[attr-defined]


def may_import(request: HttpRequest, resource: type[RecordsResource]) -> bool:
    """The role, and the right to add: being a superuser is not enough."""
    user, options = request.user, resource.model._meta
    return (
        isinstance(user, User)
        and user.has_role(Role.ADMINISTRATOR)
        and user.has_perm(f"{options.app_label}.add_{options.model_name}")
    )


class Exchange(admin.ModelAdmin):
    """For every table whose records belong to what the page lists."""

    @property
    def resources(self) -> list[type[RecordsResource]]:
        listed = self.opts.model_name
        return [each for each in RESOURCES if each.listed_by() == listed]

    def get_urls(self) -> list[URLPattern]:
        name = f"accounts_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name=f"{name}_import"),
            path("export/", view(self.export_view), name=f"{name}_export"),
            path(
                "export/<slug:table>.<slug:form>",
                view(self.export_file),
                name=f"{name}_export_file",
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        doors = {
            "may_import": bool(self.importable(request)),
            "may_export": bool(self.exportable(request)),
            "filtered_by": request.GET.urlencode(),
        }
        answer: HttpResponse = super().changelist_view(
            request, doors | (extra_context or {})
        )
        return answer

    def importable(self, request: HttpRequest) -> list[type[RecordsResource]]:
        return [each for each in self.resources if may_import(request, each)]

    def exportable(self, request: HttpRequest) -> list[type[RecordsResource]]:
        """What this person may see; whose records, the page's own queryset decides."""
        return [
            each
            for each in self.resources
            if request.user.has_perm(
                f"{each.model._meta.app_label}.view_{each.model._meta.model_name}"
            )
        ]

    def import_view(self, request: HttpRequest) -> HttpResponseBase:
        resources = self.importable(request)
        if not resources:
            raise PermissionDenied
        tables = [(each.table, capfirst(each.title())) for each in resources]
        given = (request.POST, request.FILES) if request.method == "POST" else ()
        form = ImportForm(tables, *given)
        if request.method == "POST" and form.is_valid():
            job = self._uploaded(request, form)
            if job is not None:
                return redirect("admin:accounts_recordsimport_change", job.pk)
        columns = [(each.title(), each().columns) for each in resources]
        return self._page(request, "import", _("Import"), form=form, tables=columns)

    def _uploaded(self, request: HttpRequest, form: ImportForm) -> RecordsImport | None:
        file, user = form.cleaned_data["file"], request.user
        assert isinstance(user, User)
        try:
            return upload(
                file,
                name=file.name,
                table=form.cleaned_data["table"],
                by=user,
                at=timezone.now(),
            )
        except FileRefused as refusal:
            form.add_error("file", str(refusal))
            return None

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        tables = self.exportable(request)
        if not tables:
            raise PermissionDenied
        doors = [(each.title(), self._addresses(request, each)) for each in tables]
        listed = self.get_changelist_instance(request)
        filtered = bool(listed.get_filters_params() or listed.query)
        return self._page(
            request, "export", _("Export"), doors=doors, filtered=filtered
        )

    def _addresses(
        self, request: HttpRequest, resource: type[RecordsResource]
    ) -> list[tuple[str, str]]:
        name = f"admin:accounts_{self.opts.model_name}_export_file"
        query = request.GET.urlencode()
        return [
            (form.upper(), f"{reverse(name, args=[resource.table, form])}?{query}")
            for form in FORMATS
        ]

    def export_file(
        self, request: HttpRequest, table: str, form: str
    ) -> HttpResponseBase:
        """What the filter shows of what the person may see."""
        known = {each.table: each for each in self.resources}
        if table not in known or form not in FORMATS:
            raise Http404
        if known[table] not in self.exportable(request):
            raise PermissionDenied
        resource = known[table]()
        rows = resource.within(self.get_changelist_instance(request).queryset)
        name = f"{table}-{timezone.localdate():%Y%m%d}.{form}"
        answer = self._csv(resource, rows) if form == "csv" else None
        answer = answer or FileResponse(xlsx_file(resource, rows), content_type=XLSX)
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["Cache-Control"] = "private, no-store"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

    def _csv(self, resource: RecordsResource, rows: Any) -> StreamingHttpResponse:
        lines: Iterator[str] = csv_lines(resource, rows)
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")

    def _page(
        self, request: HttpRequest, page: str, title: Any, **told: Any
    ) -> TemplateResponse:
        context = self.admin_site.each_context(request) | {
            "title": title,
            "opts": self.opts,
            **told,
        }
        return TemplateResponse(request, f"admin/accounts/{page}.html", context)
