"""Users, customers, leads."""

from collections.abc import Iterator

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.found import MOST, FoundFirst, customers_named
from accounts.admin.keyset import KeysetAdmin
from accounts.admin.lost_phone import LostPhone
from accounts.admin.members import AppointsMembers, MembershipInline
from accounts.admin.seen import RecordsAdmin
from accounts.models import Customer, Lead, User


@admin.register(User)
class UserAdmin(LostPhone, FoundFirst, KeysetAdmin, StockUserAdmin):
    """Roles are groups; who is a superuser is not set on a page."""

    list_display = ("email", "name", "is_staff", "is_active", "superior")
    list_filter = ("is_staff", "is_active", "groups")
    list_select_related = ("superior",)
    search_help_text = _("The beginning of the email address, or the name")
    ordering = ("email",)
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Person"), {"fields": ("name", "language", "superior")}),
        (_("Roles"), {"fields": ("is_active", "is_staff", "groups")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)
    autocomplete_fields = ("superior",)
    filter_horizontal = ("groups",)

    def ways(self, text: str) -> Iterator[Q]:
        yield Q(email__startswith=text.lower())
        named = User.objects.filter(name__icontains=text).order_by()
        yield Q(pk__in=list(named.values_list("pk", flat=True)[:MOST]))

    def has_change_permission(
        self, request: HttpRequest, obj: User | None = None
    ) -> bool:
        """Nobody sets a superuser's password but a superuser."""
        above = obj is not None and obj.is_superuser
        if above and not getattr(request.user, "is_superuser", False):
            return False
        return bool(super().has_change_permission(request, obj))


@admin.register(Customer)
class CustomerAdmin(AppointsMembers, RecordsAdmin):
    customer_path = "pk"
    list_display = ("name", "kind", "tier", "account_manager")
    list_filter = ("kind", "tier")
    list_select_related = ("account_manager",)
    autocomplete_fields = ("account_manager",)
    inlines = (MembershipInline,)
    ordering = ("name",)

    def ways(self, text: str) -> Iterator[Q]:
        yield Q(pk__in=customers_named(text))


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin):
    list_display = ("role", "user")
    list_select_related = ("role", "user")
    autocomplete_fields = ("user",)
