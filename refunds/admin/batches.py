"""Bank batches: what waits becomes a file, it is taken along, answers come back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts.models import Role, Route, User
from refunds.admin.kept import ReadOnlyAdmin
from refunds.errors import NotPermitted, RefundError
from refunds.models import Merchant, PayoutBatch, PayoutStop
from refunds.pages.people import signed_in
from refunds.payouts.bank_files import LARGEST, take_answer
from refunds.payouts.batches import Waiting, download, make_batch, waiting
from refunds.templatetags.makegood import money_code

LIST = "admin/refunds/payoutbatch/list.html"
SHEET = "admin/refunds/payoutbatch/sheet.html"
ANSWER = "admin/refunds/payoutbatch/answer.html"
PAGE = 50
READERS = (Role.FINANCE, Role.AUDITOR)
# Sealed, and large: only who downloads it needs it.
SEALED = "content"


class AnswerForm(forms.Form):
    merchant = forms.ModelChoiceField(
        label=gettext_lazy("Account"),
        queryset=Merchant.objects.none(),
        empty_label=None,
    )
    file = forms.FileField(
        label=gettext_lazy("The bank's answer"),
        help_text=gettext_lazy(
            "pain.002, or the table of results, as the bank gave it; 5 MB at most."
        ),
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        field = self.fields["merchant"]
        assert isinstance(field, forms.ModelChoiceField)
        rows = Merchant.objects.filter(route=Route.BANK_TRANSFER, enabled=True)
        field.queryset = rows.defer("sealed_secrets")

    def clean_file(self) -> tuple[str, bytes]:
        """Not read where it is too large already."""
        file = self.cleaned_data["file"]
        return file.name or "", bytes(file.read(LARGEST + 1))


@admin.register(PayoutBatch)
class PayoutBatchAdmin(ReadOnlyAdmin):
    """Finance works here; auditor and superuser read, without the files themselves."""

    customer_path = ""

    def has_view_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        user = signed_in(request)
        return user.is_superuser or any(user.has_role(role) for role in READERS)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        return [
            self._door("make/<int:merchant>/<slug:currency>/", self.make, "make"),
            self._door("answer/", self.take_answer, "answer"),
            self._door("<int:pk>/download/", self.download, "download"),
            *super().get_urls(),
        ]

    def _door(
        self, route: str, view: Callable[..., HttpResponse], name: str
    ) -> URLPattern:
        guarded = self.admin_site.admin_view(require_POST(view))
        return path(route, guarded, name=f"refunds_payoutbatch_{name}")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._check_reader(request)
        return self._list(request, AnswerForm())

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        self._check_reader(request)
        if request.method == "POST":
            raise PermissionDenied
        if not object_id.isdecimal():
            raise Http404
        rows = PayoutBatch.objects.defer(SEALED).select_related("merchant", "made_by")
        batch = get_object_or_404(rows, pk=object_id)
        legs = batch.legs.select_related("payout__request").order_by("pk")
        context = {"batch": batch, "legs": legs, "title": batch.number}
        return self._page(request, SHEET, context)

    def make(self, request: HttpRequest, merchant: int, currency: str) -> HttpResponse:
        user = self._finance(request)
        ours = get_object_or_404(Merchant, pk=merchant)
        try:
            batch = make_batch(ours, by=user, at=timezone.now(), currency=currency)
        except RefundError as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:refunds_payoutbatch_changelist")
        if batch is None:
            messages.warning(request, _nothing_made())
            return redirect("admin:refunds_payoutbatch_changelist")
        messages.success(request, _made(batch))
        return redirect("admin:refunds_payoutbatch_change", batch.pk)

    def download(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self._finance(request)
        batch = get_object_or_404(PayoutBatch, pk=pk)
        try:
            content = download(batch, by=user, at=timezone.now())
        except RefundError as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:refunds_payoutbatch_change", pk)
        response = HttpResponse(content, content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="{batch.name}"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "no-store"
        return response

    def take_answer(self, request: HttpRequest) -> HttpResponse:
        user = self._finance(request)
        form = AnswerForm(request.POST, request.FILES)
        if form.is_valid():
            name, content = form.cleaned_data["file"]
            merchant = form.cleaned_data["merchant"]
            try:
                taken = take_answer(
                    merchant, name=name, content=content, by=user, at=timezone.now()
                )
            except NotPermitted:
                raise PermissionDenied from None
            except RefundError as refusal:
                form.add_error(refusal.field, str(refusal))
            else:
                context = {"taken": taken, "title": _("What the bank answered")}
                return self._page(request, ANSWER, context)
        return self._list(request, form)

    def _list(self, request: HttpRequest, form: AnswerForm) -> HttpResponse:
        rows = PayoutBatch.objects.defer(SEALED).select_related("merchant", "made_by")
        page = Paginator(rows, PAGE).get_page(request.GET.get("p"))
        context = {
            "waiting": _piles(waiting()),
            "stopped": PayoutStop.objects.filter(
                resumed_at=None, route__in=("", Route.BANK_TRANSFER)
            ).first(),
            "page": page,
            "form": form,
            "title": _("Bank batches"),
        }
        status = 422 if form.is_bound and form.errors else 200
        return self._page(request, LIST, context, status=status)

    def _page(
        self,
        request: HttpRequest,
        template: str,
        context: dict[str, Any],
        *,
        status: int = 200,
    ) -> HttpResponse:
        shell = self.admin_site.each_context(request)
        own = {"opts": self.opts, "acts": signed_in(request).has_role(Role.FINANCE)}
        return render(request, template, {**shell, **own, **context}, status=status)

    def _check_reader(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _finance(self, request: HttpRequest) -> User:
        user = signed_in(request)
        if not user.has_role(Role.FINANCE):
            raise PermissionDenied
        return user


def _piles(found: list[Waiting]) -> list[tuple[Merchant, Waiting]]:
    merchants = Merchant.objects.defer("sealed_secrets").in_bulk(
        {each.merchant for each in found}
    )
    return [(merchants[each.merchant], each) for each in found]


def _made(batch: PayoutBatch) -> str:
    words = ngettext(
        "Batch %(number)s is made: %(count)s transfer, %(sum)s. Download it and take "
        "it to the bank.",
        "Batch %(number)s is made: %(count)s transfers, %(sum)s. Download it and take "
        "it to the bank.",
        batch.count,
    )
    total = money_code(batch.amount, batch.currency)
    return words % {"number": batch.number, "count": batch.count, "sum": total}


def _nothing_made() -> str:
    return _(
        "No batch was made: nothing waits any more, or nothing that waits may go. What "
        "may not is now in the list of blocked payouts, with the reason."
    )
