"""Calendar overrides: what one would move is shown, then it is saved and moves it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import Field, Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.countries import calendar_field, names_of_countries
from accounts.models import User
from accounts.validators import counted_country
from refunds.clock.calendars import FIRST, LAST, corrections_of, hold_calendar
from refunds.clock.recount import Change, Move, hold_touched, moves, recount
from refunds.models import CalendarOverride
from refunds.pages.people import signed_in

SHOWN = 50
Named = tuple[str, date]


@dataclass
class Foreseen:
    """All that a change would move: counted, the first of it, and a fingerprint."""

    count: int = 0
    later: int = 0
    first: list[Move] = field(default_factory=list)
    fingerprint: str = ""

    @property
    def sooner(self) -> int:
        return self.count - self.later


def foresee(changes: Iterable[Change], *, at: datetime) -> Foreseen:
    found, seen = Foreseen(), sha256()
    for change in changes:
        seen.update(repr(change).encode())
        for move in moves(change, at=at):
            found.count += 1
            found.later += move.is_later
            if len(found.first) < SHOWN:
                found.first.append(move)
            seen.update(f"{move.deadline.pk} {move.to.due_at.isoformat()};".encode())
    found.fingerprint = seen.hexdigest()
    return found


def changes_by(*, gone: Named | None, comes: CalendarOverride | None) -> list[Change]:
    """A country each: without what goes, with what comes in its place."""
    named = {gone[0]} if gone else set()
    countries = named | ({comes.country} if comes else set())
    found = []
    for country in sorted(countries):
        before = corrections_of(country)
        after = dict(before)
        if gone and gone[0] == country:
            after.pop(gone[1], None)
        if comes and comes.country == country:
            after[comes.day] = comes.working
        found.append(Change(country, before, tuple(sorted(after.items()))))
    return found


class OverrideForm(forms.ModelForm):
    class Meta:
        model = CalendarOverride
        fields = ("country", "day", "working", "reason")

    def clean_country(self) -> str:
        country: str = self.cleaned_data["country"]
        counted_country(country)
        return country

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not FIRST <= day <= LAST:
            raise forms.ValidationError(
                _("Working days are kept from %(first)s to %(last)s."),
                params={"first": FIRST.isoformat(), "last": LAST.isoformat()},
            )
        return day


@admin.register(CalendarOverride)
class CalendarOverrideAdmin(admin.ModelAdmin):
    """Taken back one at a time: each shows what it moves."""

    form = OverrideForm
    fieldsets = (
        (
            None,
            {
                "fields": ("country", "day", "working", "reason"),
                "description": _(
                    "First you see which deadlines it would move. Nothing is saved yet."
                ),
            },
        ),
    )
    list_display = ("day", "country", "working", "reason")
    list_filter = ("country", "working")
    ordering = ("-day",)
    actions = None

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "country":
            return calendar_field(db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Who may change one may take it back."""
        return self.has_change_permission(request, obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        with transaction.atomic():
            asked = self._ask_to_save(request, object_id)
            return asked or super().changeform_view(
                request, object_id, form_url, extra_context
            )

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        with transaction.atomic():
            asked = self._ask_to_delete(request, object_id)
            return asked or super().delete_view(request, object_id, extra_context)

    def save_model(
        self,
        request: HttpRequest,
        obj: Any,
        form: Any,
        change: bool,  # noqa: FBT001 - Django calls it so
    ) -> None:
        gone = (form.initial["country"], form.initial["day"]) if change else None
        changes = changes_by(gone=gone, comes=obj)
        super().save_model(request, obj, form, change)
        self._move(request, changes, reason=obj.reason)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        changes = changes_by(gone=(obj.country, obj.day), comes=None)
        super().delete_model(request, obj)
        self._move(request, changes, reason=obj.reason)

    def _move(
        self, request: HttpRequest, changes: list[Change], *, reason: str
    ) -> None:
        by, at = signed_in(request), timezone.now()
        moved = _recount(changes, by=by, at=at, reason=reason)
        # What began on the old days while this was going on is moved after it.
        again = partial(_recount_anew, changes, by=by, at=at, reason=reason)
        transaction.on_commit(again)
        if moved:
            words = ngettext("%(n)s deadline moved.", "%(n)s deadlines moved.", moved)
            messages.success(request, words % {"n": moved})

    def _ask_to_save(
        self, request: HttpRequest, object_id: str | None
    ) -> HttpResponse | None:
        """The page in between; None where there is nothing to ask, or it was seen."""
        standing = self.get_object(request, unquote(object_id)) if object_id else None
        allowed = (
            self.has_change_permission(request, standing)
            if object_id
            else self.has_add_permission(request)
        )
        if request.method != "POST" or not allowed or (object_id and not standing):
            return None
        hold_calendar()
        gone = (standing.country, standing.day) if standing else None
        kind = self.get_form(request, standing, change=standing is not None)
        form = kind(request.POST, instance=standing)
        if not form.is_valid():
            return None
        changes = changes_by(gone=gone, comes=form.instance)
        return self._ask(request, form.instance, changes, deletes=False)

    def _ask_to_delete(
        self, request: HttpRequest, object_id: str
    ) -> HttpResponse | None:
        standing = self.get_object(request, unquote(object_id))
        if standing is None or not self.has_delete_permission(request, standing):
            return None
        hold_calendar()
        changes = changes_by(gone=(standing.country, standing.day), comes=None)
        return self._ask(request, standing, changes, deletes=True)

    def _ask(
        self,
        request: HttpRequest,
        override: CalendarOverride,
        changes: list[Change],
        *,
        deletes: bool,
    ) -> HttpResponse | None:
        foreseen = foresee(changes, at=timezone.now())
        seen = request.POST.get("seen")
        if request.method == "POST" and seen == foreseen.fingerprint:
            return None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("What the override moves"),
            "override": override,
            "country": names_of_countries().get(override.country, override.country),
            "foreseen": foreseen,
            "deletes": deletes,
            "is_other": seen is not None,
            "typed": [
                (name, value)
                for name, values in request.POST.lists()
                for value in values
                if name not in ("seen", "csrfmiddlewaretoken")
            ],
        }
        template = "admin/refunds/calendaroverride/moves.html"
        return render(request, template, context)


@transaction.atomic
def _recount_anew(
    changes: list[Change], *, by: User, at: datetime, reason: str
) -> None:
    """Beside what others have corrected since; nobody corrects more meanwhile."""
    hold_calendar()
    _recount([_as_it_stands(each) for each in changes], by=by, at=at, reason=reason)


def _as_it_stands(change: Change) -> Change:
    """The same days, as they were before it, in the calendar of now."""
    after, days = corrections_of(change.country), set(change.days)
    rest = [(day, working) for day, working in after if day not in days]
    was = [(day, working) for day, working in change.before if day in days]
    return Change(change.country, tuple(sorted(rest + was)), after)


def _recount(changes: list[Change], *, by: User, at: datetime, reason: str) -> int:
    with transaction.atomic():
        hold_touched(changes)
        return sum(recount(each, by=by, at=at, reason=reason) for each in changes)
