"""The administrator's page for a colleague without their phone."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.lost_phone import MayNotReset, reset_second_factor, why_not_reset
from accounts.models import User


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy(
            "How you made sure that it is them, such as: called back on their number."
        ),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LostPhone(admin.ModelAdmin):
    """Of the users' admin."""

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:pk>/second-factor/",
            self.admin_site.admin_view(self.second_factor_view),
            name="accounts_user_second_factor",
        )
        return [own, *super().get_urls()]

    def second_factor_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self.get_object(request, str(pk))
        if user is None or not isinstance(request.user, User):
            raise Http404
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._reset(request, user, form.cleaned_data["reason"])
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Reset the second factor"),
            "opts": self.opts,
            "person": user,
            "form": form,
            "why_not": why_not_reset(user, by=request.user),
        }
        page = "admin/accounts/user/second_factor.html"
        return TemplateResponse(request, page, context)

    def _reset(self, request: HttpRequest, user: User, reason: str) -> HttpResponse:
        if not isinstance(request.user, User):
            raise PermissionDenied
        try:
            reset_second_factor(user, by=request.user, reason=reason, at=timezone.now())
        except MayNotReset as refusal:
            messages.error(request, str(refusal))
        except OSError:
            messages.warning(
                request, _("It is reset, but the mail about it could not be sent.")
            )
        else:
            words = _("%(person)s is signed out everywhere and sets it up anew.")
            messages.success(request, words % {"person": user})
        return redirect("admin:accounts_user_change", user.pk)
