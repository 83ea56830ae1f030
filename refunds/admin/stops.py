"""The stop switch: all payouts, or one route's; what waits behind it; going on."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Role, Route, User
from refunds.errors import RefundError
from refunds.models import PayoutStop
from refunds.pages.people import signed_in
from refunds.payouts.groups import behind, held_up
from refunds.payouts.stop import resume, stop

PAGE = "admin/finance/stops.html"
MAY_STOP = (Role.FINANCE, Role.ADMINISTRATOR)
ENDED_SHOWN = 20


class StopForm(forms.Form):
    route = forms.ChoiceField(
        label=pgettext_lazy("stop", "What to stop"),
        choices=[("", gettext_lazy("All routes")), *Route.choices],
        required=False,
    )
    reason = forms.CharField(
        label=pgettext_lazy("stop", "Why"),
        help_text=gettext_lazy("Everybody in the console reads it."),
        max_length=200,
    )


def may_stop(user: User) -> bool:
    return any(user.has_role(role) for role in MAY_STOP)


@require_http_methods(["GET", "POST"])
def stops(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    if not (may_stop(user) or user.has_role(Role.AUDITOR)):
        raise PermissionDenied
    form = StopForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _stop(request, form):
        return redirect("admin:payout_stops")
    return _page(request, form)


def _stop(request: HttpRequest, form: StopForm) -> bool:
    try:
        stopped = stop(by=signed_in(request), at=timezone.now(), **form.cleaned_data)
    except RefundError as refusal:
        field = refusal.field if refusal.field in form.fields else None
        form.add_error(field, str(refusal))
        return False
    words = _("Stopped: %(what)s. What is due waits until you let it go on.")
    messages.success(request, words % {"what": stopped})
    return True


def _page(request: HttpRequest, form: StopForm) -> HttpResponse:
    waiting = held_up(at=timezone.now())
    rows = PayoutStop.objects.select_related("stopped_by", "resumed_by")
    running = rows.filter(resumed_at=None).order_by("route")
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Stopping payouts"),
        "form": form,
        "may_stop": may_stop(signed_in(request)),
        "running": [(each, behind(waiting, each.route)) for each in running],
        "routes": [
            (label, behind(waiting, route))
            for route, label in (("", _("All routes")), *Route.choices)
        ],
        "ended": rows.exclude(resumed_at=None)[:ENDED_SHOWN],
    }
    return render(request, PAGE, context, status=422 if form.errors else 200)


@require_POST
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    stopped = get_object_or_404(PayoutStop, pk=pk)
    try:
        resume(stopped, by=signed_in(request), at=timezone.now())
    except RefundError as refusal:
        messages.error(request, str(refusal))
    else:
        words = _("Going on: %(what)s. What waited is sent now.")
        messages.success(request, words % {"what": stopped})
    return redirect("admin:payout_stops")


urlpatterns = [
    path("", admin.site.admin_view(stops), name="payout_stops"),
    path("<int:pk>/go-on/", admin.site.admin_view(go_on), name="payout_stop_go_on"),
]
