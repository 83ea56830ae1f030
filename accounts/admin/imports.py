"""Imports in the console: how far one is, what is wrong with it, and the go-ahead."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.admin.exchange import may_import
from accounts.admin.keyset import KeysetAdmin
from accounts.models import RecordsImport, Role, User
from accounts.resources import progress
from accounts.resources.jobs import confirm
from accounts.resources.tables import BY_TABLE

State = RecordsImport.State
MOST_DIGITS = 18
LOOK_AGAIN_SECONDS = "2"
AT_WORK = (State.UPLOADED, State.CONFIRMED)


@admin.register(RecordsImport)
class RecordsImportAdmin(KeysetAdmin):
    """For administrators."""

    list_display = ("name", "table", "state", "rows", "uploaded_by", "uploaded_at")
    list_filter = ("state", "table")
    list_select_related = ("uploaded_by",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RecordsImport]:
        rows: QuerySet[RecordsImport] = super().get_queryset(request)
        user = request.user
        if isinstance(user, User) and user.has_role(Role.ADMINISTRATOR):
            return rows
        return rows.none()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "accounts_recordsimport"
        return [
            path(
                "<int:pk>/confirm/",
                view(require_POST(self.confirm_view)),
                name=f"{name}_confirm",
            ),
            path(
                "<int:pk>/file/",
                view(require_safe(self.file_view)),
                name=f"{name}_file",
            ),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        job = self._seen(request, object_id)
        share = progress.share_done(job.pk) if job.state in AT_WORK else None
        context = self.admin_site.each_context(request) | {
            "title": job.name,
            "opts": self.opts,
            "job": job,
            "at_work": job.state in AT_WORK,
            "percent": None if share is None else int(share * 100),
            "may_confirm": may_import(request, BY_TABLE[job.table]),
            "listed_at": f"admin:accounts_{BY_TABLE[job.table].listed_by()}_changelist",
        }
        answer = TemplateResponse(request, "admin/accounts/import_job.html", context)
        if job.state in AT_WORK:
            # Without a script too.
            answer["Refresh"] = LOOK_AGAIN_SECONDS
        return answer

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        job = self._seen(request, str(pk))
        if not may_import(request, BY_TABLE[job.table]):
            raise PermissionDenied
        assert isinstance(request.user, User)
        if not confirm(job, by=request.user, at=timezone.now()):
            words = _("Nothing was started: the import has moved on already.")
            messages.warning(request, words)
        return redirect("admin:accounts_recordsimport_change", job.pk)

    def file_view(self, request: HttpRequest, pk: int) -> FileResponse:
        """The file exactly as it was sent, while we have it."""
        job = self._seen(request, str(pk))
        if not job.file:
            raise Http404
        sent = job.file.open("rb")
        answer = FileResponse(sent, as_attachment=True, filename=job.name)
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Cache-Control"] = "private, no-store"
        answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return answer

    def _seen(self, request: HttpRequest, pk: str) -> RecordsImport:
        number = int(pk) if pk.isdecimal() and len(pk) < MOST_DIGITS else 0
        return get_object_or_404(self.get_queryset(request), pk=number)

    def has_module_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and user.has_role(Role.ADMINISTRATOR)

    def has_view_permission(
        self, request: HttpRequest, obj: RecordsImport | None = None
    ) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: RecordsImport | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: RecordsImport | None = None
    ) -> bool:
        return False
