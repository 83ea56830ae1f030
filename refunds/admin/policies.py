"""The policies: what holds now, what is coming, the draft; drafts begin here."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from refunds.admin.policy_doors import PolicyDoors, to_policy, to_version
from refunds.admin.policy_history import history_of
from refunds.admin.policy_sheet import standing
from refunds.errors import RefundError
from refunds.models import Policy, PolicyVersion
from refunds.policies.files import LARGEST, import_file
from refunds.policies.versions import begin_draft_from


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Policy file"),
        help_text=gettext_lazy("JSON as it was downloaded here, 1 MB at most."),
    )

    def clean_file(self) -> bytes:
        """Not read where it is too large already."""
        file = self.cleaned_data["file"]
        return bytes(file.read(LARGEST + 1))


@admin.register(Policy)
class PolicyAdmin(PolicyDoors):
    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        versions = PolicyVersion.objects.select_related("published_by", "policy")
        rows: QuerySet[Policy] = super().get_queryset(request)
        return rows.prefetch_related(Prefetch("versions", versions))

    def get_urls(self) -> list[URLPattern]:
        return [
            self.address("<int:pk>/draft/", self.begin_draft, "begin_draft", "POST"),
            self.address("<int:pk>/upload/", self.upload, "upload", "POST"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.check_reader(request)
        rows = standing(self.get_queryset(request), today=timezone.localdate())
        title = pgettext("console", "Policies")
        return self.page(request, "policy/list.html", {"rows": rows, "title": title})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        self.check_reader(request)
        if request.method == "POST":
            raise PermissionDenied
        policy = self.found(Policy, unquote(object_id))
        return self._sheet(request, policy, FileForm())

    def _sheet(
        self, request: HttpRequest, policy: Policy, form: FileForm
    ) -> HttpResponse:
        found = self.get_queryset(request).filter(pk=policy.pk)
        [row] = standing(found, today=timezone.localdate())
        context = {
            "row": row,
            "title": str(policy),
            "form": form,
            "history": history_of(policy),
        }
        return self.page(request, "policy/sheet.html", context)

    def begin_draft(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, policy = self.check_editor(request), self.found(Policy, pk)
        [row] = standing([policy], today=timezone.localdate())
        begin = row.coming[-1] if row.coming else row.in_force
        if begin is None:
            messages.error(
                request, _("There is no version to begin from. Upload a file instead.")
            )
            return to_policy(pk)
        at = timezone.now()
        if self.attempt(request, lambda: begin_draft_from(begin, by=user, at=at)):
            messages.success(request, _("The draft begins with the rules as they are."))
            return to_version(policy.versions.get(published_at=None).pk)
        return to_policy(pk)

    def upload(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, policy = self.check_editor(request), self.found(Policy, pk)
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                content = form.cleaned_data["file"]
                at = timezone.now()
                draft = import_file(content, by=user, at=at, policy=policy)
            except RefundError as refusal:
                form.add_error("file", str(refusal))
            else:
                messages.success(request, _("The file is the draft now."))
                return to_version(draft.pk)
        return self._sheet(request, policy, form)
