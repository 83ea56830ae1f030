"""Our merchants at the routes: administrators set them up, finance checks that they
work. Nothing here shows a secret."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from accounts.models import Role
from refunds.admin.merchant_form import (
    GIVEN,
    MerchantForm,
    RouteForm,
    capabilities_of,
    kept_secrets,
    settings_of,
)
from refunds.errors import RefundError
from refunds.gateways.registry import ADAPTERS, is_of_this_world
from refunds.models import Merchant
from refunds.pages.people import signed_in
from refunds.payouts.groups import WAITING
from refunds.payouts.stop import BREAKER, self_check_by
from refunds.templatetags.makegood import short_when

PAGE = "admin/finance/merchant.html"
CHOOSE = "admin/finance/merchant_route.html"
READERS = (Role.ADMINISTRATOR, Role.FINANCE, Role.AUDITOR)
# What the form keeps; the breaker and the last self-check are not the form's.
KEPT = (
    "number",
    "name",
    "address",
    "usual",
    "enabled",
    "settings",
    "sealed_secrets",
    "changed_at",
)


@admin.register(Merchant)
class MerchantAdmin(admin.ModelAdmin):
    change_list_template = "admin/finance/change_list.html"
    list_display = (
        "number",
        "route",
        "name",
        "usual",
        "enabled",
        "stopped",
        "waiting",
        "checked",
    )
    list_filter = ("route", "enabled")
    ordering = ("route", "number")
    show_full_result_count = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Merchant]:
        waits = Q(legs__code=BREAKER, legs__state__in=WAITING)
        rows: QuerySet[Merchant] = super().get_queryset(request)
        return rows.annotate(behind=Count("legs", filter=waits)).defer("sealed_secrets")

    @admin.display(description=pgettext_lazy("merchant", "stopped since"))
    def stopped(self, merchant: Merchant) -> SafeString | str | None:
        return short_when(merchant.stopped_at) or None

    @admin.display(description=gettext_lazy("payouts that wait"))
    def waiting(self, merchant: Merchant) -> int:
        return int(merchant.__dict__.get("behind", 0))

    @admin.display(description=gettext_lazy("last self-check"))
    def checked(self, merchant: Merchant) -> SafeString | str | None:
        return short_when(merchant.checked_at) or None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user = signed_in(request)
        return user.is_superuser or any(user.has_role(role) for role in READERS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return signed_in(request).has_role(Role.ADMINISTRATOR)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return signed_in(request).has_role(Role.ADMINISTRATOR)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Payments name it for ever; what is not used any more is turned off."""
        return False

    def get_urls(self) -> list[URLPattern]:
        check = self.admin_site.admin_view(require_POST(self.self_check))
        name = "refunds_merchant_self_check"
        return [path("<int:pk>/self-check/", check, name=name), *super().get_urls()]

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """First the route, then what its adapter asks for."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        route = request.GET.get("route", "")
        if route in ADAPTERS:
            return self._form_view(request, Merchant(route=route))
        context = {"title": _("New merchant"), "form": RouteForm()}
        return self._page(request, CHOOSE, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST" and not self.has_change_permission(request):
            raise PermissionDenied
        pk = unquote(object_id)
        if not pk.isdecimal():
            raise Http404
        return self._form_view(request, self._found(request, int(pk)))

    def _found(self, request: HttpRequest, pk: int) -> Merchant:
        found = self.get_queryset(request).defer(None).filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def _form_view(self, request: HttpRequest, merchant: Merchant) -> HttpResponse:
        if request.method != "POST":
            return self._sheet(request, merchant, MerchantForm(**_of(merchant)))
        with transaction.atomic():
            if merchant.pk:
                merchant = Merchant.objects.select_for_update().get(pk=merchant.pk)
            form = MerchantForm(request.POST, **_of(merchant))
            saved = form.is_valid() and self._save(request, form)
        if not saved:
            standing = self._found(request, merchant.pk) if merchant.pk else merchant
            return self._sheet(request, standing, form)
        words = _("%(merchant)s is saved. Run the self-check to see that it works.")
        messages.success(request, words % {"merchant": form.instance})
        return redirect("admin:refunds_merchant_change", form.instance.pk)

    def _save(self, request: HttpRequest, form: MerchantForm) -> bool:
        merchant = form.instance
        is_new = merchant.pk is None
        merchant.settings = dict(form.settings_after())
        merchant.set_secrets(form.secrets_after())
        try:
            with transaction.atomic():
                merchant.save(update_fields=None if is_new else KEPT)
        except IntegrityError:
            words = _("Somebody changed the merchants of this route just now.")
            form.add_error(None, words)
            return False
        LogEntry.objects.log_actions(
            signed_in(request).pk,
            [merchant],
            ADDITION if is_new else CHANGE,
            _changed(form),
            single_object=True,
        )
        return True

    def self_check(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Signs a harmless question, verifies the answer, and says what it found."""
        merchant = self._found(request, pk)
        try:
            result = self_check_by(merchant, by=signed_in(request), at=timezone.now())
        except RefundError as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        if result is None and capabilities_of(merchant.route).by_file:
            words = _("There is nothing to ask: this route goes by files.")
            messages.success(request, words)
        elif result is None:
            words = _("It works: signed, answered, and the answer's signature holds.")
            messages.success(request, words)
        else:
            words = _("It does not work: %(found)s")
            messages.error(request, words % {"found": result})
        return redirect("admin:refunds_merchant_change", merchant.pk)

    def _sheet(
        self, request: HttpRequest, merchant: Merchant, form: MerchantForm
    ) -> HttpResponse:
        user = signed_in(request)
        route = merchant.get_route_display()
        context = {
            "title": str(merchant) if merchant.pk else _("New merchant: %s") % route,
            "merchant": merchant,
            "form": form if self.has_change_permission(request) else None,
            "secrets": kept_secrets(merchant) if merchant.pk else [],
            "plain": _plain(merchant),
            "usable": is_of_this_world(merchant),
            "may_check": merchant.pk
            and (user.has_role(Role.FINANCE) or user.has_role(Role.ADMINISTRATOR)),
        }
        status = 422 if form.errors else 200
        return self._page(request, PAGE, context, status=status)

    def _page(
        self,
        request: HttpRequest,
        template: str,
        context: dict[str, Any],
        *,
        status: int = 200,
    ) -> HttpResponse:
        shell = {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, template, {**shell, **context}, status=status)


def _of(merchant: Merchant) -> dict[str, Any]:
    return {"instance": merchant, "route": merchant.route}


def _plain(merchant: Merchant) -> list[tuple[Any, str]]:
    return [
        (each.label, merchant.settings.get(each.name, ""))
        for each in settings_of(merchant.route)
        if not each.secret
    ]


def _changed(form: MerchantForm) -> str:
    """The names of what changed, never what it became."""
    return ", ".join(name.removeprefix(GIVEN) for name in form.changed_data) or "–"
