"""Being away: naming a deputy, ending an absence, handing over all open cases. For
every member of staff, about themselves and those below them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.absences import stood_in_for
from accounts.models import Absence, User
from refunds.admin.door_forms import PersonField
from refunds.errors import RefundError
from refunds.pages.people import signed_in
from refunds.review.absence import (
    away_meanwhile,
    end_absence,
    name_deputy,
    office_day,
    outlook,
    roles_missing,
    standing_absences,
)
from refunds.review.handover import hand_over_all
from refunds.review.queue import show_owed
from refunds.states import HANDED_OVER_IN

PAGE = "admin/absence/absences.html"
HAND_OVER = "admin/absence/hand_over.html"
RESULTS = "admin/absence/results.html"


def _below(user: User) -> QuerySet[User]:
    """Themselves, and whose superior they are or stand in for; who left us too, while
    their cases are not handed over."""
    above = {user.pk} | stood_in_for(user, at=timezone.now())
    people = User.objects.filter(Q(pk=user.pk) | Q(superior__in=above))
    return people.order_by("name", "email")


def _colleagues() -> QuerySet[User]:
    return User.objects.filter(is_active=True, is_staff=True).order_by("name", "email")


class AbsenceForm(forms.Form):
    user = PersonField(label=pgettext_lazy("absence", "Who is away"), empty_label=None)
    deputy = PersonField(label=gettext_lazy("Who stands in"), empty_label="—")
    first_day = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"})
    )
    last_day = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"user": by.email}
        super().__init__(*args, **kwargs)
        user, deputy = self.fields["user"], self.fields["deputy"]
        assert isinstance(user, PersonField)
        assert isinstance(deputy, PersonField)
        user.queryset = _below(by).filter(is_active=True, is_staff=True)
        if user.queryset.count() == 1:
            user.widget = forms.HiddenInput()
        deputy.queryset = _colleagues()


@require_http_methods(["GET", "POST"])
def absences(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = AbsenceForm(request.POST or None, by=user)
    if request.method == "POST" and form.is_valid() and _name(request, form):
        return redirect("admin:absence")
    below = _below(user)
    standing = standing_absences(at=timezone.now())
    context = {
        "title": _("Absence and handing over"),
        "form": form,
        "standing": standing.filter(user__in=below),
        "standing_in": standing.filter(deputy=user),
        "today": office_day(timezone.now()),
        "people": _with_cases(below),
    }
    return _page(request, PAGE, context, status=422 if form.errors else 200)


def _with_cases(people: QuerySet[User]) -> QuerySet[User]:
    open_ones = Q(cases_in_hand__state__in=HANDED_OVER_IN)
    counted = people.annotate(cases=Count("cases_in_hand", filter=open_ones))
    return counted.filter(cases__gt=0)


def _name(request: HttpRequest, form: AbsenceForm) -> bool:
    try:
        absence = name_deputy(
            by=signed_in(request), at=timezone.now(), **form.cleaned_data
        )
    except RefundError as refusal:
        field = refusal.field if refusal.field in form.fields else None
        form.add_error(field, str(refusal))
        return False
    _log(request, absence, ADDITION)
    messages.success(
        request,
        _("%(deputy)s stands in for %(user)s from %(first)s to %(last)s.")
        % {
            "deputy": absence.deputy,
            "user": absence.user,
            "first": absence.first_day,
            "last": absence.last_day,
        },
    )
    _warn(request, absence)
    return True


def _warn(request: HttpRequest, absence: Absence) -> None:
    """It stands; but somebody has to know."""
    names = {"deputy": absence.deputy, "user": absence.user}
    if missing := roles_missing(absence.deputy, of=absence.user):
        words = _(
            "%(deputy)s lacks a role that %(user)s has: %(roles)s. Cases that need it "
            "can't be handed over to them."
        )
        messages.warning(request, words % {**names, "roles": ", ".join(missing)})
    if away := away_meanwhile(absence):
        words = _("%(deputy)s is away too, from %(first)s to %(last)s.")
        days = {"first": away.first_day, "last": away.last_day}
        messages.warning(request, words % {**names, **days})


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Back early, or not going at all."""
    user = signed_in(request)
    rows = Absence.objects.filter(user__in=_below(user)).select_related("user")
    absence = get_object_or_404(rows, pk=pk)
    try:
        left = end_absence(absence, by=user, at=timezone.now())
    except RefundError as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:absence")
    _log(request, absence, CHANGE if left else DELETION)
    words = _("The absence of %(name)s has ended. Reminders go to them again.")
    messages.success(request, words % {"name": absence.user})
    return redirect("admin:absence")


def _log(request: HttpRequest, absence: Absence, flag: int) -> None:
    LogEntry.objects.log_actions(
        signed_in(request).pk,
        [absence],
        flag,
        f"{absence} · {absence.deputy}",
        single_object=True,
    )


class HandOverAllForm(forms.Form):
    to = PersonField(label=gettext_lazy("To whom"), empty_label="—")
    reason = forms.CharField(
        label=gettext_lazy("Note for the next colleague"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=5000,
    )

    def __init__(self, *args: Any, whose: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to = self.fields["to"]
        assert isinstance(to, PersonField)
        to.queryset = _colleagues().exclude(pk=whose.pk)


@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """First what would become of each case; then, pressed, all of it in one act."""
    user, now = signed_in(request), timezone.now()
    whose = get_object_or_404(_below(user), pk=pk)
    form = _to_whom(request, whose)
    chosen = form.is_valid()
    to = form.cleaned_data["to"] if chosen else None
    foreseen = outlook(whose, by=user, at=now, to=to) if to else []
    context = {
        "title": _("Hand over all open cases of %(name)s") % {"name": whose},
        "whose": whose,
        "form": form,
        "foreseen": foreseen,
        "to": to,
    }
    if chosen and request.method == "POST":
        return _do_hand_over(request, whose, form, context)
    show_owed([line.case for line in foreseen], at=now)
    return _page(request, HAND_OVER, context, status=422 if form.errors else 200)


def _to_whom(request: HttpRequest, whose: User) -> HandOverAllForm:
    """As sent; on the first look, the deputy who is named."""
    if given := request.POST if request.method == "POST" else request.GET:
        return HandOverAllForm(given, whose=whose)
    deputies = standing_absences(at=timezone.now()).filter(user=whose)
    named = deputies.values_list("deputy__email", flat=True).first()
    return HandOverAllForm({"to": named} if named else None, whose=whose)


def _do_hand_over(
    request: HttpRequest, whose: User, form: forms.Form, context: dict[str, Any]
) -> HttpResponse:
    try:
        done = hand_over_all(
            whose, by=signed_in(request), at=timezone.now(), **form.cleaned_data
        )
    except RefundError as refusal:
        form.add_error("to" if refusal.field == "to" else None, str(refusal))
        show_owed([line.case for line in context["foreseen"]], at=timezone.now())
        return _page(request, HAND_OVER, context, status=422)
    why = {line.case.pk: line.why for line in context["foreseen"]}
    became = [
        *[(case, "over", "") for case in done.over],
        *[(case, "given_back", why.get(case.pk, "")) for case in done.given_back],
        *[(case, "kept", why.get(case.pk, "")) for case in done.kept],
    ]
    return _page(request, RESULTS, {**context, "done": done, "became": became})


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    shell = admin.site.each_context(request)
    return render(request, template, {**shell, **context}, status=status)


urlpatterns = [
    path("", admin.site.admin_view(absences), name="absence"),
    path("<int:pk>/end/", admin.site.admin_view(end), name="absence_end"),
    path(
        "hand-over/<int:pk>/",
        admin.site.admin_view(hand_over),
        name="absence_hand_over",
    ),
]
