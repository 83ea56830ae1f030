"""A version's page: its rules as they read, and for a draft every way to change it."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from refunds.admin.policy_doors import to_policy, to_version
from refunds.admin.policy_rules import RuleDoors
from refunds.admin.policy_sheet import rule_rows, stand_of
from refunds.errors import RefundError
from refunds.models import PolicyVersion
from refunds.pages.policy import Edition, Line
from refunds.pages.rule_words import in_words
from refunds.policies.applying import rules_of
from refunds.policies.files import as_bytes, file_name
from refunds.policies.history import fingerprint_of
from refunds.policies.versions import discard, nonsense_in_words, publish
from refunds.templatetags.makegood import day_plain


class PublishForm(forms.Form):
    """`seen` is the fingerprint of the rules that the editor read."""

    in_force_from = forms.DateField(
        label=gettext_lazy("In force from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy(
            "For contracts signed from that day on. Those signed before keep theirs."
        ),
    )
    seen = forms.CharField(widget=forms.HiddenInput)


@admin.register(PolicyVersion)
class PolicyVersionAdmin(RuleDoors):
    list_display = ("policy", "version", "in_force_from", "published_at")
    list_filter = ("policy",)
    list_select_related = ("policy",)

    def get_urls(self) -> list[URLPattern]:
        return [
            self.address("<int:pk>/file/", self.download, "file", "GET"),
            self.address("<int:pk>/public/", self.public, "public", "GET"),
            self.address("<int:pk>/publish/", self.publish, "publish", "GET", "POST"),
            self.address("<int:pk>/discard/", self.discard, "discard", "GET", "POST"),
            *super().get_urls(),
        ]

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
        version = self.found(PolicyVersion, unquote(object_id))
        context = {
            "version": version,
            "title": self.title_of(version),
            "stand": stand_of(
                version, version.policy.versions.all(), timezone.localdate()
            ),
            "rules": rule_rows(version),
        }
        return self.page(request, "policyversion/sheet.html", context)

    def download(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.check_reader(request)
        version = self.found(PolicyVersion, pk)
        name = f'attachment; filename="{file_name(version)}"'
        return HttpResponse(
            as_bytes(version),
            content_type="application/json",
            headers={"Content-Disposition": name},
        )

    def public(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The public page as it will look; a draft begins today for its sake."""
        self.check_reader(request)
        version = self.found(PolicyVersion, pk)
        first = version.in_force_from or timezone.localdate()
        line = Line(
            code=version.policy.product_line,
            label=str(version.policy),
            edition=Edition(version, first, None),
            rules=[in_words(rule) for rule in rules_of(version) if rule.enabled],
            others=[],
        )
        context = {"line": line, "version": version}
        return render(request, "admin/refunds/policyversion/public.html", context)

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, version = self.check_editor(request), self.found(PolicyVersion, pk)
        if request.method == "GET":
            form = PublishForm(initial={"seen": fingerprint_of(version)})
            return self._interruption(request, version, "publish", form)
        form = PublishForm(request.POST)
        if form.is_valid():
            try:
                publish(version, by=user, at=timezone.now(), **form.cleaned_data)
            except RefundError as refusal:
                field = refusal.field if refusal.field in form.fields else None
                form.add_error(field, str(refusal))
            else:
                self._say_published(request, version, form.cleaned_data)
                return to_version(pk)
        return self._interruption(request, version, "publish", form)

    def _say_published(
        self, request: HttpRequest, version: PolicyVersion, chosen: dict[str, Any]
    ) -> None:
        day: date = chosen["in_force_from"]
        words = _("Version %(version)s is published. It is in force from %(day)s.")
        values = {"version": version.version, "day": day_plain(day)}
        messages.success(request, words % values)

    def discard(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, version = self.check_editor(request), self.found(PolicyVersion, pk)
        if request.method == "GET":
            return self._interruption(request, version, "discard", None)
        if self.attempt(request, lambda: discard(version, by=user, at=timezone.now())):
            messages.success(request, _("The draft is gone."))
        return to_policy(version.policy_id)

    def _interruption(
        self,
        request: HttpRequest,
        version: PolicyVersion,
        page: str,
        form: PublishForm | None,
    ) -> HttpResponse:
        """A page before what can't be undone."""
        if not version.is_draft:
            messages.error(request, _("This version is published already."))
            return to_version(version.pk)
        reasons = nonsense_in_words(rules_of(version))
        context = {
            "version": version,
            "title": self.title_of(version),
            "form": form,
            "reasons": reasons,
        }
        return self.page(request, f"policyversion/{page}.html", context)
