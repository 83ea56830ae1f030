"""The reviewers' console: Django's own admin, one door to sign in, no theme package."""

from collections.abc import Iterable
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite, ModelAdmin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext_lazy as _

OURS = ("accounts", "refunds")


class ConsoleSite(AdminSite):
    site_title = _("Makegood console")
    site_header = _("Makegood")
    index_title = _("Home")
    index_template = "admin/home.html"
    empty_value_display = "–"
    enable_nav_sidebar = False

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin] | None = None,
        **options: Any,
    ) -> None:
        """Ours alone: the forms that libraries bring show the secrets of second factors
        and take accounts over; roles are installed, not typed."""
        if isinstance(model_or_iterable, type):
            model_or_iterable = [model_or_iterable]
        ours = [m for m in model_or_iterable if m._meta.app_label in OURS]
        super().register(ours, admin_class, **options)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Staff sign in where customers do, with the second factor that is there."""
        response: HttpResponse = secure_admin_login(super().login)(
            request, extra_context
        )
        return response

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One door for that too, which asks for the second factor first."""
        return redirect("account_change_password")

    def password_change_done(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """By name, because what stands there needs the site itself."""
        own = [
            path("absence/", include("refunds.admin.absences")),
            path("finance/", include("refunds.admin.finance")),
            path("stops/", include("refunds.admin.stops")),
        ]
        return [*own, *super().get_urls()]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "console": True}
