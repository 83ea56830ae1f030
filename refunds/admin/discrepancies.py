"""What does not agree between a statement and our books: the list, and each with both
sides beside each other. Only verbs end it."""

from collections.abc import Callable
from typing import Any

from django import forms
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

from accounts.models import Lead, Role
from refunds.admin.finance import reads_finance
from refunds.admin.kept import ReadOnlyAdmin
from refunds.errors import RefundError
from refunds.models import Discrepancy
from refunds.pages.people import signed_in
from refunds.payouts.beside import stated_in
from refunds.payouts.booking import booked_for, line_of
from refunds.payouts.discrepancies import end, forbids, take, take_back
from refunds.payouts.found import in_words
from refunds.templatetags.makegood import figures, short_when

PAGE = "admin/refunds/discrepancy/page.html"
RELATED = (
    "merchant",
    "payment__customer",
    "leg__payout__request",
    "leg__allocation__payment",
    "owner",
    "ended_by",
)
OPEN = Q(outcome="")
# Two forms on a page have a field of the same name.
BACK_ID = "id_back_%s"


class Show(admin.SimpleListFilter):
    """Open ones, where nothing else was chosen."""

    title = pgettext_lazy("queue", "Show")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("mine", gettext_lazy("In my hands")),
            ("overdue", gettext_lazy("Overdue")),
            ("ended", pgettext_lazy("discrepancies", "Ended")),
        ]

    def choices(self, changelist: Any) -> Any:
        everything, *rest = super().choices(changelist)
        yield {**everything, "display": pgettext_lazy("discrepancies", "Open")}
        yield from rest

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Discrepancy]
    ) -> QuerySet[Discrepancy]:
        chosen = {
            "mine": OPEN & Q(owner=signed_in(request)),
            "overdue": OPEN & Q(due_at__lt=timezone.now()),
            "ended": ~OPEN,
        }
        return queryset.filter(chosen.get(self.value() or "", OPEN))


class EndForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("How it ends"),
        choices=[
            (value, label) for value, label in Discrepancy.Outcome.choices if value
        ],
        initial=Discrepancy.Outcome.EXPLAINED,
        help_text=gettext_lazy(
            "“Booked” books it against the payment now, if that is not done yet."
        ),
    )
    words = forms.CharField(
        label=gettext_lazy("What you found out"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=5000,
    )


class TakeBackForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("Why it was booked wrongly"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=5000,
    )


@admin.register(Discrepancy)
class DiscrepancyAdmin(ReadOnlyAdmin):
    change_list_template = "admin/finance/change_list.html"
    customer_path = ""
    list_display = ("about", "kind", "merchant", "day", "our_sum", "their_sum", "due")
    list_display_links = ("about",)
    list_filter = (Show, "kind", "merchant__route")
    list_select_related = ("merchant", "owner", "leg", "payment")
    search_fields = ("subject", "payment__trade_number")
    search_help_text = gettext_lazy("Key, transaction number or provider's number")
    ordering = ("due_at",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user = signed_in(request)
        allowed: bool = super().has_view_permission(request, obj)
        return allowed and (user.is_superuser or reads_finance(user))

    has_module_permission = has_view_permission

    @admin.display(description=gettext_lazy("about"), ordering="subject")
    def about(self, row: Discrepancy) -> str:
        return row.leg.key if row.leg else row.subject

    @admin.display(description=gettext_lazy("ours"))
    def our_sum(self, row: Discrepancy) -> str:
        return figures(row.ours, row.leg.currency if row.leg else row.currency)

    @admin.display(description=gettext_lazy("theirs"))
    def their_sum(self, row: Discrepancy) -> str:
        return figures(row.theirs, row.currency)

    @admin.display(description=gettext_lazy("who owes it by when"), ordering="due_at")
    def due(self, row: Discrepancy) -> SafeString | str:
        if row.outcome:
            return row.get_outcome_display()
        late = row.due_at < timezone.now()
        who = row.owner or _("Finance")
        late_words = _("overdue") if late else ""
        return format_html(
            '<span class="due{}">{} {}<small>{}</small></span>',
            " due-late" if late else "",
            who,
            short_when(row.due_at),
            late_words,
        )

    def get_urls(self) -> list[URLPattern]:
        def posted(view: Callable[..., HttpResponse], name: str) -> URLPattern:
            wrapped = self.admin_site.admin_view(require_POST(view))
            address = f"<int:pk>/{name.replace('_', '-')}/"
            return path(address, wrapped, name=f"refunds_discrepancy_{name}")

        return [
            posted(self.take, "take"),
            posted(self.end, "end"),
            posted(self.take_back, "take_back"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST":
            raise PermissionDenied
        return self._page(request, self._found(request, object_id))

    def take(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = self._found(request, pk)
        try:
            take(found, by=signed_in(request), at=timezone.now())
        except RefundError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("This is in your hands now."))
        return redirect("admin:refunds_discrepancy_change", pk)

    def end(self, request: HttpRequest, pk: int) -> HttpResponse:
        said = _("This has ended: %(outcome)s.")
        return self._do(request, pk, EndForm(request.POST), end, said)

    def take_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        said = _("Taken back: the payment has that money again.")
        form = TakeBackForm(request.POST, auto_id=BACK_ID)
        return self._do(request, pk, form, take_back, said)

    def _do(
        self,
        request: HttpRequest,
        pk: int,
        form: forms.Form,
        verb: Callable[..., None],
        said: str,
    ) -> HttpResponse:
        found, user = self._found(request, pk), signed_in(request)
        if words := forbids(found, user):
            messages.error(request, words)
            return redirect("admin:refunds_discrepancy_change", pk)
        if not form.is_valid():
            return self._refused(request, found, form, _("It has moved on since."))
        try:
            verb(found, by=user, at=timezone.now(), **form.cleaned_data)
        except RefundError as refusal:
            field = refusal.field if refusal.field in form.fields else None
            form.add_error(field, str(refusal))
            return self._refused(request, found, form, str(refusal))
        found.refresh_from_db()
        messages.success(request, said % {"outcome": found.get_outcome_display()})
        return redirect("admin:refunds_discrepancy_change", pk)

    def _refused(
        self, request: HttpRequest, found: Discrepancy, form: forms.Form, words: str
    ) -> HttpResponse:
        """At the form, with what was typed, where the page has it still."""
        now = self._found(request, found.pk)
        takes_back = isinstance(form, TakeBackForm)
        if booked_for(now) if takes_back else not now.outcome:
            return self._page(request, now, form)
        messages.error(request, words)
        return redirect("admin:refunds_discrepancy_change", found.pk)

    def _found(self, request: HttpRequest, pk: str | int) -> Discrepancy:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not str(pk).isdecimal():
            raise Http404
        rows = Discrepancy.objects.select_related(*RELATED)
        return get_object_or_404(rows, pk=pk)

    def _page(
        self, request: HttpRequest, found: Discrepancy, bound: forms.Form | None = None
    ) -> HttpResponse:
        writes = not forbids(found, signed_in(request))
        leads = Lead.objects.filter(role__name=Role.FINANCE).select_related("user")
        unbound = TakeBackForm(auto_id=BACK_ID)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": found.get_kind_display(),
            "found": found,
            "about": self.about(found),
            "lines": _lines(found),
            "said": in_words(found),
            "late": not found.outcome and found.due_at < timezone.now(),
            "owner": found.owner or leads.first(),
            "writes": writes,
            "booked": booked_for(found) if found.kind == "not_ours" else None,
            "form": bound,
            "end_form": bound if isinstance(bound, EndForm) else EndForm(),
            "back_form": bound if isinstance(bound, TakeBackForm) else unbound,
        }
        return render(request, PAGE, context, status=422 if bound else 200)


def _lines(found: Discrepancy) -> list[Any]:
    if found.leg:
        return list(stated_in(found.leg.statement_lines.order_by("pk")))
    line = line_of(found)
    return [line] if line else []
