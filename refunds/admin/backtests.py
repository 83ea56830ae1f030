"""A draft tried on the past: begin it, see how far it is, what it would change."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import customers_seen_by_staff
from accounts.models import Role
from refunds.admin.door_forms import REASONS
from refunds.admin.kept import ReadOnlyAdmin
from refunds.errors import RefundError
from refunds.insight.backtest import UNFINISHED, begin, cases_of, figures_of
from refunds.insight.figures import Figure, Side, totals
from refunds.models import Backtest, BacktestChange, PolicyVersion
from refunds.pages.people import signed_in
from refunds.review.queue import show_owed

FIGURES = "admin/refunds/backtest/change_form.html"
CASES = "admin/refunds/backtest/cases.html"
PAGE = 50
LOOK_AGAIN_SECONDS = "3"


@dataclass(frozen=True)
class Line:
    """A figure with the names of what came before and after."""

    number: int
    figure: Figure
    before: "Named"
    after: "Named"


@dataclass(frozen=True)
class Named:
    """`code` of the rule; `words`: its title, or the denial."""

    code: str
    words: str
    negotiated: bool


@admin.register(Backtest)
class BacktestAdmin(ReadOnlyAdmin):
    customer_path = ""
    list_display = ("version", "asked_at", "started_by", "state", "done", "total")
    list_select_related = ("version__policy", "started_by")
    list_filter = ("version__policy", "state")
    ordering = ("-pk",)

    def get_urls(self) -> list[URLPattern]:
        begins = self.admin_site.admin_view(require_POST(self.begin))
        lists = self.admin_site.admin_view(self.cases)
        return [
            path("begin/<int:version>/", begins, name="refunds_backtest_begin"),
            path("<int:pk>/cases/<int:number>/", lists, name="refunds_backtest_cases"),
            *super().get_urls(),
        ]

    def begin(self, request: HttpRequest, version: int) -> HttpResponse:
        tried = get_object_or_404(PolicyVersion, pk=version)
        user = signed_in(request)
        if not user.has_role(Role.POLICY_EDITOR):
            raise PermissionDenied
        try:
            run = begin(tried, by=user, at=timezone.now())
        except RefundError as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:refunds_policyversion_change", tried.pk)
        return redirect("admin:refunds_backtest_change", run.pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The figures; there is nothing to change."""
        if request.method == "POST":
            raise PermissionDenied
        run = self._run(request, object_id)
        lines = _lines(run)
        changed = [line for line in lines if line.figure.changed]
        context = {
            "lines": changed,
            "problems": [line for line in lines if line.figure.problem],
            "changed": sum(line.figure.count for line in changed),
            "unchanged": sum(
                line.figure.count
                for line in lines
                if not line.figure.changed and not line.figure.problem
            ),
            "totals": totals(line.figure for line in lines),
            "running": run.state in UNFINISHED,
        }
        response = self._page(request, FIGURES, run, context)
        if context["running"]:
            response["Refresh"] = LOOK_AGAIN_SECONDS
        return response

    def cases(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """The requests behind one figure."""
        run = self._run(request, pk)
        lines = _lines(run)
        if not 0 <= number < len(lines):
            raise Http404
        line = lines[number]
        rows = Paginator(_readable(cases_of(run, line.figure), request), PAGE)
        page = rows.get_page(request.GET.get("p"))
        page.object_list = list(page.object_list)
        show_owed([row.request for row in page.object_list], at=timezone.now())
        return self._page(request, CASES, run, {"line": line, "page": page})

    def _run(self, request: HttpRequest, pk: str | int) -> Backtest:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not str(pk).isdecimal():
            raise Http404
        runs = Backtest.objects.select_related("version__policy", "started_by")
        return get_object_or_404(runs, pk=pk)

    def _page(
        self,
        request: HttpRequest,
        template: str,
        run: Backtest,
        context: dict[str, Any],
    ) -> HttpResponse:
        title = _("%(policy)s, version %(version)s: tried on the past") % {
            "policy": run.version.policy,
            "version": run.version.version,
        }
        shell = self.admin_site.each_context(request)
        own = {"opts": self.opts, "title": title, "run": run}
        return render(request, template, {**shell, **own, **context})


def _readable(
    rows: QuerySet[BacktestChange], request: HttpRequest
) -> QuerySet[BacktestChange]:
    """With `readable`: whether this person may open the case."""
    seen = customers_seen_by_staff(signed_in(request))
    mine = seen.filter(pk=OuterRef("request__customer"))
    return rows.annotate(readable=Exists(mine)).select_related(
        "request__customer", "request__contract"
    )


def _lines(run: Backtest) -> list[Line]:
    """Of a finished run: until then they would only mislead."""
    if run.state != Backtest.State.DONE:
        return []
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    titles = {rule["code"]: rule["title"][language] for rule in run.rules}
    return [
        Line(n, figure, _named(figure.before, titles), _named(figure.after, titles))
        for n, figure in enumerate(figures_of(run))
    ]


def _named(side: Side, titles: dict[str, str]) -> Named:
    if side.denied:
        return Named("", str(dict(REASONS)[side.denied]), negotiated=False)
    return Named(side.rule, titles.get(side.rule, ""), side.negotiated)
