"""Payouts and their legs: the lists finance works from, and all that is known of one
leg, with what a person can do about it."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from accounts.admin.found import FoundFirst
from accounts.models import Route
from refunds.admin.kept import OfRequest, ReadOnlyAdmin, requests_numbered
from refunds.admin.owed import ShowsOwed
from refunds.admin.payout_forms import DecisionForm, FindingForm
from refunds.admin.payout_sheet import leg_context, why
from refunds.errors import RefundError
from refunds.gateways.base import Outcome
from refunds.models import (
    LegFinding,
    Merchant,
    Payout,
    PayoutCall,
    PayoutLeg,
    RefundRequest,
)
from refunds.pages.people import signed_in
from refunds.payouts.findings import decide_finding, find_out
from refunds.payouts.groups import LABELS, presets
from refunds.payouts.retry import retry
from refunds.templatetags.makegood import short_when
from refunds.templatetags.payouts import leg_markup, outcome_words

LEG = "admin/finance/leg.html"
LIST = "admin/finance/change_list.html"


class LegPreset(admin.SimpleListFilter):
    title = pgettext_lazy("queue", "Show")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("blocked", LABELS["blocked"]),
            ("to_agree", gettext_lazy("Findings for a second person")),
            ("unknown", LABELS["unknown"]),
            ("underway", pgettext_lazy("legs", "All under way")),
            ("slow", LABELS["slow"]),
            ("processing", LABELS["processing"]),
            ("waiting", pgettext_lazy("legs", "All waiting")),
            ("stopped", LABELS["stopped"]),
            ("breaker", LABELS["breaker"]),
            ("batch", LABELS["batch"]),
            ("due", LABELS["due"]),
            ("later", LABELS["later"]),
            ("settled", pgettext_lazy("legs", "Gone back")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[PayoutLeg]
    ) -> QuerySet[PayoutLeg]:
        wanted = presets(at=timezone.now()).get(self.value() or "")
        return queryset.filter(wanted) if wanted is not None else queryset


class MerchantFilter(admin.SimpleListFilter):
    """By numbers alone: a list opens nothing that is sealed."""

    title = pgettext_lazy("leg", "merchant")
    parameter_name = "merchant"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        rows = Merchant.objects.values_list("pk", "route", "number")
        return [
            (str(pk), f"{Route(route).label} · {number}") for pk, route, number in rows
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[PayoutLeg]
    ) -> QuerySet[PayoutLeg]:
        pk = self.value() or ""
        return queryset.filter(merchant=int(pk)) if pk.isdecimal() else queryset


@admin.register(Payout)
class PayoutAdmin(ShowsOwed, OfRequest):
    change_list_template = LIST
    list_display = ("request", "sum", "released_by", "expected_on", "owed")
    list_select_related = ("request__contract", "released_by")
    ordering = ("-pk",)


@admin.register(PayoutLeg)
class PayoutLegAdmin(ShowsOwed, FoundFirst, ReadOnlyAdmin):
    change_list_template = LIST
    customer_path = "payout__request__customer"
    list_display = (
        "key",
        "way",
        "sum",
        "state_in_colour",
        "why",
        "again",
        "owed",
    )
    list_select_related = ("payout__request__contract", "merchant")
    list_filter = (LegPreset, "route", MerchantFilter)
    search_help_text = gettext_lazy("Key, request or provider's number")
    ordering = ("-pk",)

    def ways(self, text: str) -> Iterator[Q]:
        yield Q(route__in=Route.values, key=text)
        yield Q(payout__request__in=requests_numbered(text))
        yield Q(provider_number=text)
        yield Q(key__startswith=text)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutLeg]:
        """Without what is sealed: a list opens nothing."""
        rows: QuerySet[PayoutLeg] = super().get_queryset(request)
        return rows.defer("merchant__sealed_secrets")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        own = lookup == "allocation__payment__exact"
        return own or super().lookup_allowed(lookup, value, request)

    def request_of(self, row: PayoutLeg) -> RefundRequest:
        return row.payout.request

    @admin.display(description=gettext_lazy("route"), ordering="route")
    def way(self, leg: PayoutLeg) -> SafeString | str:
        if leg.merchant is None:
            return leg.get_route_display()
        words = '{}<br><span class="muted">{}</span>'
        return format_html(words, leg.get_route_display(), leg.merchant.number)

    @admin.display(description=gettext_lazy("looked at again at"), ordering="next_at")
    def again(self, leg: PayoutLeg) -> SafeString | str | None:
        return short_when(leg.next_at) or None

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_in_colour(self, leg: PayoutLeg) -> SafeString:
        return leg_markup(leg.state)

    @admin.display(description=gettext_lazy("why, and what next"))
    def why(self, leg: PayoutLeg) -> SafeString | str | None:
        known = why(leg)
        if known is None:
            return None
        if not known.next:
            return str(known.what)
        words = '{}<br><span class="muted">{}</span>'
        return format_html(words, known.what, known.next)

    def get_urls(self) -> list[URLPattern]:
        def posted(view: Callable[..., HttpResponse]) -> Any:
            return self.admin_site.admin_view(require_POST(view))

        name = "refunds_payoutleg"
        doors = (
            ("find-out", self.find_out),
            ("decide/<int:finding>", self.decide),
            ("retry", self.retry),
        )
        own = [
            path(f"<int:pk>/{way}/", posted(view), name=f"{name}_{view.__name__}")
            for way, view in doors
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "GET":
            raise PermissionDenied
        if not object_id.isdecimal():
            raise Http404
        return self._sheet(request, self._found(request, int(object_id)), FindingForm())

    def _found(self, request: HttpRequest, pk: int) -> PayoutLeg:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related(
            "payout__request__contract",
            "payout__request__customer",
            "allocation__payment",
            "allocation__service",
            "merchant",
            "account",
            "batch",
        )
        # Sealed: a page about one leg opens neither keys nor account numbers.
        sealed = (
            "merchant__sealed_secrets",
            "account__number",
            "batch__content",
            "allocation__payment__payer_number",
        )
        return get_object_or_404(rows.defer(*sealed), pk=pk)

    def _sheet(
        self, request: HttpRequest, leg: PayoutLeg, form: FindingForm
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **leg_context(leg, signed_in(request), at=timezone.now()),
            "opts": self.opts,
            "title": leg.key,
            "form": form,
        }
        return render(request, LEG, context, status=422 if form.errors else 200)

    def find_out(self, request: HttpRequest, pk: int) -> HttpResponse:
        leg, form = self._found(request, pk), FindingForm(request.POST)
        if not form.is_valid():
            return self._sheet(request, leg, form)
        try:
            find_out(leg, by=signed_in(request), at=timezone.now(), **form.cleaned_data)
        except RefundError as refusal:
            if refusal.field in form.fields:
                form.add_error(refusal.field, str(refusal))
                return self._sheet(request, leg, form)
            messages.error(request, str(refusal))
        else:
            words = _("Recorded. Nothing moves until a second person agrees.")
            messages.success(request, words)
        return self._back_to(leg)

    def decide(self, request: HttpRequest, pk: int, finding: int) -> HttpResponse:
        leg, form = self._found(request, pk), DecisionForm(request.POST)
        found = get_object_or_404(
            LegFinding.objects.select_related("leg__payout__request"),
            pk=finding,
            leg=leg,
        )
        if not form.is_valid():
            messages.error(request, _("Say whether you agree."))
            return self._back_to(leg)
        agreed: bool = form.cleaned_data["agreed"]
        said = (
            _("You agreed; the payout is settled by it.")
            if agreed
            else _("You disagreed; it has to be found out anew.")
        )
        return self._do(
            request,
            leg,
            lambda: decide_finding(
                found, by=signed_in(request), at=timezone.now(), agreed=agreed
            ),
            said,
        )

    def retry(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Of the whole request: what is stuck is asked about, then sent again."""
        leg = self._found(request, pk)
        return self._do(
            request,
            leg,
            lambda: retry(leg.payout.request, by=signed_in(request), at=timezone.now()),
            _("It is tried again."),
        )

    def _do(
        self, request: HttpRequest, leg: PayoutLeg, act: Callable[[], Any], said: str
    ) -> HttpResponse:
        try:
            act()
        except RefundError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, said)
        return self._back_to(leg)

    def _back_to(self, leg: PayoutLeg) -> HttpResponse:
        return redirect("admin:refunds_payoutleg_change", leg.pk)


class CallOutcome(admin.SimpleListFilter):
    title = gettext_lazy("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(outcome.value, outcome_words(outcome)) for outcome in Outcome]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[PayoutCall]
    ) -> QuerySet[PayoutCall]:
        wanted = self.value()
        return queryset.filter(outcome=wanted) if wanted else queryset


@admin.register(PayoutCall)
class PayoutCallAdmin(ReadOnlyAdmin):
    change_list_template = LIST
    customer_path = "leg__payout__request__customer"
    list_display = ("leg", "kind", "at", "in_words", "code", "status")
    list_select_related = ("leg",)
    list_filter = (CallOutcome, "kind")
    ordering = ("-pk",)

    @admin.display(description=gettext_lazy("outcome"), ordering="outcome")
    def in_words(self, call: PayoutCall) -> str:
        return outcome_words(call.outcome)

    @admin.display(description=gettext_lazy("HTTP status"), ordering="http_status")
    def status(self, call: PayoutCall) -> int | None:
        return call.http_status
