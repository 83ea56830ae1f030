"""Members on a customer's sheet: shown; the administrator appoints one, with an event.

Changing and removing is the owner's, on the members' page.
"""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from accounts.members import appoint
from accounts.models import Membership, User


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)

    def has_change_permission(
        self, request: HttpRequest, obj: Membership | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Membership | None = None
    ) -> bool:
        return False


class AppointsMembers(admin.ModelAdmin):
    """Of the customers' admin."""

    def save_formset(
        self, request: HttpRequest, form: ModelForm, formset: Any, change: Any
    ) -> None:
        if formset.model is not Membership:
            super().save_formset(request, form, formset, change)
            return
        formset.save(commit=False)
        for wanted in formset.new_objects:
            if isinstance(request.user, User):
                appoint(
                    wanted.customer,
                    user=wanted.user,
                    role=wanted.role,
                    by=request.user,
                    at=timezone.now(),
                )
