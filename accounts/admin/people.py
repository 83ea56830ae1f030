"""Users, customers, leads."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Q
from django.forms import CheckboxSelectMultiple, ModelMultipleChoiceField, Select
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.admin.found import MOST, FoundFirst, customers_named
from accounts.admin.keyset import KeysetAdmin
from accounts.admin.lost_phone import LostPhone
from accounts.admin.members import AppointsMembers, MembershipInline
from accounts.admin.seen import RecordsAdmin
from accounts.models import Customer, Lead, Role, User

# Another administrator sets them.
OWN_ROLES = ("is_active", "is_staff", "groups")


class UserForm(forms.ModelForm):
    def clean_email(self) -> str:
        """As signing in asks for it."""
        return str(self.cleaned_data["email"]).lower()


class RolesField(ModelMultipleChoiceField):
    """By their names, in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return str(Role(obj.name).label)


@admin.register(User)
class UserAdmin(LostPhone, FoundFirst, KeysetAdmin):
    """Roles are groups; who is a superuser is not set on a page. Nobody types a
    password for somebody else: a new colleague chooses one by mail."""

    form = UserForm
    list_display = ("email", "name", "is_staff", "is_active", "superior")
    list_filter = ("is_staff", "is_active", "groups")
    list_select_related = ("superior",)
    search_help_text = _("The beginning of the email address, or the name")
    ordering = ("email",)
    fieldsets = (
        (None, {"fields": ("email",)}),
        (_("Person"), {"fields": ("name", "language", "superior")}),
        (_("Roles"), {"fields": ("is_active", "is_staff", "groups")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": ("email", "name"),
                "description": _(
                    "Nobody types a password for somebody else. Ask them to press "
                    "“Forgot your password?” where they sign in: the mail to this "
                    "address leads to a password of their own. Their roles are set on "
                    "the next page."
                ),
            },
        ),
    )
    autocomplete_fields = ("superior",)
    filter_horizontal = ()

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        own = {"form_class": RolesField, "widget": CheckboxSelectMultiple}
        return super().formfield_for_manytomany(db_field, request, **kwargs, **own)

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "language":
            kwargs["widget"] = Select(choices=settings.LANGUAGES)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.fieldsets if obj else self.add_fieldsets

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> tuple[str, ...]:
        """Who has signed in changes the address themselves; else whoever sets it could
        have the mail for a new password sent to their own."""
        kept = ("email",) if obj and obj.last_login else ()
        own = obj is not None and obj == request.user
        return (*kept, *OWN_ROLES) if own else kept

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Hashes don't come out letter by letter."""
        return "password" not in lookup and super().lookup_allowed(
            lookup, value, request
        )

    def save_model(
        self, request: HttpRequest, obj: User, form: Any, change: Any
    ) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        """On to their roles."""
        answer = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST or "_popup" in request.POST:
            return answer
        return redirect("admin:accounts_user_change", obj.pk)

    def ways(self, text: str) -> Iterator[Q]:
        yield Q(email__startswith=text.lower())
        named = User.objects.filter(name__icontains=text).order_by()
        yield Q(pk__in=list(named.values_list("pk", flat=True)[:MOST]))

    def has_change_permission(
        self, request: HttpRequest, obj: User | None = None
    ) -> bool:
        """Nobody changes a superuser but a superuser."""
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
