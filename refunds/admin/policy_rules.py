"""The rules of a draft: write, add, remove, move, switch, and how each will read."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, register_converter
from django.urls.converters import StringConverter
from django.utils import timezone
from django.utils.translation import gettext as _

from refunds.admin.policy_doors import PolicyDoors, to_version
from refunds.admin.policy_form import RuleForm, prefix_of
from refunds.admin.policy_sheet import readings
from refunds.errors import RefundError
from refunds.models import PolicyRule, PolicyVersion
from refunds.policies.applying import rules_of
from refunds.policies.history import fingerprint
from refunds.policies.versions import (
    ChangedMeanwhile,
    RuleGone,
    move_rule,
    remove_rule,
    switch,
    write_rule,
)
from refunds.policy.rule import Rule

PLACES = {"up": -1, "down": 1}
PREVIEW = "_preview"


class RuleCode(StringConverter):
    """In an address: as `live.long_outage`."""

    regex = r"[a-z0-9_.]+"


register_converter(RuleCode, "rule_code")


class RuleDoors(PolicyDoors):
    def get_urls(self) -> list[URLPattern]:
        rule = "<int:pk>/rules/<rule_code:code>/"
        return [
            self.address("<int:pk>/add/", self.add_rule, "add_rule", "GET", "POST"),
            self.address("<int:pk>/reading/", self.reading, "reading", "POST"),
            self.address(rule, self.rule, "rule", "GET", "POST"),
            self.address(f"{rule}remove/", self.remove, "remove_rule", "GET", "POST"),
            self.address(f"{rule}move/", self.move, "move_rule", "POST"),
            self.address(f"{rule}switch/", self.switch, "switch_rule", "POST"),
            *super().get_urls(),
        ]

    def title_of(self, version: PolicyVersion) -> str:
        values = {"policy": version.policy, "version": version.version}
        return _("%(policy)s, version %(version)s") % values

    def draft(self, request: HttpRequest, pk: int) -> PolicyVersion:
        """Where it was published meanwhile, the verb says so and the words stay."""
        version: PolicyVersion = self.found(PolicyVersion, pk)
        if request.method == "GET" and not version.is_draft:
            raise Http404
        return version

    def rule(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        """The form of one rule; who may not write sees it as it reads, on the page."""
        self.check_editor(request)
        version = self.draft(request, pk)
        row = PolicyRule.objects.filter(version=version, code=code).first()
        if row is None and request.method == "GET":
            raise Http404
        if row is None:
            messages.error(request, str(RuleGone()))
            return to_version(pk)
        before = Rule.from_dict(row.body)
        form = RuleForm(
            _posted(request),
            line=before.product_line,
            before=before,
            seen=fingerprint(row.body),
        )
        return self._write(request, version, form)

    def add_rule(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.check_editor(request)
        version = self.draft(request, pk)
        line = version.policy.product_line
        form = RuleForm(_posted(request), line=line, others=rules_of(version))
        return self._write(request, version, form)

    def _write(
        self, request: HttpRequest, version: PolicyVersion, form: RuleForm
    ) -> HttpResponse:
        if not form.is_bound or not form.is_valid() or PREVIEW in request.POST:
            return self._form(request, version, form)
        user, rule = self.check_editor(request), form.rule
        if rule is None:
            raise TypeError("a valid form has its rule")
        try:
            seen = form.cleaned_data["seen"]
            write_rule(version, rule, by=user, at=timezone.now(), seen=seen)
        except ChangedMeanwhile as refusal:
            return self._stale(request, version, form, str(refusal))
        except RefundError as refusal:
            field = refusal.field if refusal.field in form.fields else None
            form.add_error(field, str(refusal))
            return self._form(request, version, form)
        messages.success(request, _("Rule %(code)s is saved.") % {"code": rule.code})
        return to_version(version.pk)

    def _stale(
        self, request: HttpRequest, version: PolicyVersion, form: RuleForm, words: str
    ) -> HttpResponse:
        """What was typed stays; saving once more is a choice made with open eyes."""
        row = get_object_or_404(PolicyRule, version=version, code=form.code)
        now = Rule.from_dict(row.body)
        data: QueryDict = request.POST.copy()
        data["seen"] = fingerprint(row.body)
        again = RuleForm(data, line=form.line, before=now)
        again.is_valid()
        again.add_error(None, words)
        differs = again.differences(now)
        context = {"now": readings(now), "differs": differs}
        return self._form(request, version, again, **context)

    def _form(
        self, request: HttpRequest, version: PolicyVersion, form: RuleForm, **more: Any
    ) -> HttpResponse:
        shown = form.rule if form.is_bound else form.before
        title = form.before.code if form.before else _("A new rule")
        context = {
            "version": version,
            "form": form,
            "title": title,
            "code_prefix": f"{prefix_of(form.line)}.",
            "readings": readings(shown) if shown else [],
            **more,
        }
        return self.page(request, "policyversion/rule.html", context)

    def reading(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How the rule as typed so far will read: what the form shows beside itself."""
        self.check_editor(request)
        version = self.draft(request, pk)
        rows = {row.code: row for row in version.rules.all()}
        row = rows.get(request.GET.get("rule", ""))
        form = RuleForm(
            request.POST,
            line=version.policy.product_line,
            before=Rule.from_dict(row.body) if row else None,
        )
        form.is_valid()
        context = {"form": form, "readings": readings(form.rule) if form.rule else []}
        return render(request, "admin/refunds/policyversion/_reading.html", context)

    def remove(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        user, version = self.check_editor(request), self.draft(request, pk)
        if request.method == "GET":
            row = get_object_or_404(PolicyRule, version=version, code=code)
            context = {
                "version": version,
                "title": code,
                "seen": fingerprint(row.body),
                "readings": readings(Rule.from_dict(row.body)),
            }
            return self.page(request, "policyversion/remove_rule.html", context)
        seen, at = request.POST.get("seen") or None, timezone.now()
        if self.attempt(
            request, lambda: remove_rule(version, code, by=user, at=at, seen=seen)
        ):
            messages.success(request, _("Rule %(code)s is removed.") % {"code": code})
        return to_version(pk)

    def move(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        user, version = self.check_editor(request), self.draft(request, pk)
        places = PLACES.get(request.POST.get("to", ""), 0)
        at = timezone.now()
        self.attempt(
            request, lambda: move_rule(version, code, by=user, at=at, places=places)
        )
        return to_version(pk)

    def switch(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        user, version = self.check_editor(request), self.draft(request, pk)
        enabled = request.POST.get("enabled") == "yes"
        at = timezone.now()
        self.attempt(
            request, lambda: switch(version, code, by=user, at=at, enabled=enabled)
        )
        return to_version(pk)


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
