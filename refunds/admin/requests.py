"""The decision sheet. Only verbs change a request: no stock form does."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.forms import BoundField
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from refunds.admin.additions import AdditionsAdmin
from refunds.admin.case_file import export
from refunds.admin.case_rows import customers_language
from refunds.admin.done import words_after
from refunds.admin.door_forms import DoorForm
from refunds.admin.doors import BY_NAME, forbids
from refunds.admin.looked import Looked
from refunds.admin.presence import leave, stay
from refunds.admin.queue import take_next
from refunds.admin.queue_list import QueueList
from refunds.admin.sheet import Sheet
from refunds.errors import RefundError
from refunds.models import CannedReply, RefundRequest
from refunds.pages.people import signed_in
from refunds.review.queue import takes_cases

SHEET = "admin/refunds/refundrequest/change_form.html"
ARRIVED = "arrived"


@admin.register(RefundRequest)
class RefundRequestAdmin(QueueList, AdditionsAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        def posted(view: Callable[..., HttpResponseBase]) -> Any:
            return self.admin_site.admin_view(require_POST(view))

        name = "refunds_refundrequest"
        return [
            path("next/", posted(self.take_next), name=f"{name}_next"),
            path("keys/", posted(self.switch_keys), name=f"{name}_keys"),
            path("<int:pk>/do/<slug:name>/", posted(self.do), name=f"{name}_do"),
            path("<int:pk>/presence/", posted(stay), name=f"{name}_presence"),
            path("<int:pk>/leave/", posted(leave), name=f"{name}_leave"),
            path("<int:pk>/file/", posted(export), name=f"{name}_file"),
            *super().get_urls(),
        ]

    def take_next(self, request: HttpRequest) -> HttpResponse:
        """Claims what waits first for this person, and opens it."""
        found, words = take_next(signed_in(request))
        if found is None:
            messages.info(request, words)
            return redirect("admin:index")
        values = {"number": found.number}
        messages.success(request, _("%(number)s is in your hands now.") % values)
        return self._back_to(found)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        looked = Looked({}, _number(request.GET.get("before")))
        return self._sheet(request, self._found(request, object_id), looked)

    def _found(self, request: HttpRequest, pk: str | int) -> RefundRequest:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not str(pk).isdecimal():
            raise Http404
        rows = self.get_queryset(request).select_related(
            "contract__customer", "customer", "service", "handler", "filed_by", "payout"
        )
        return get_object_or_404(rows, pk=pk)

    def _sheet(
        self, request: HttpRequest, found: RefundRequest, looked: Looked
    ) -> HttpResponse:
        user: User = signed_in(request)
        sheet = Sheet(found, user, at=timezone.now(), looked=looked)
        faulty = any(form.errors for form in looked.bound.values())
        context = {
            **self.admin_site.each_context(request),
            **sheet.context(),
            "opts": self.opts,
            "title": found.number,
            "errors": faulty,
            "wrong": [*_wrong_fields(looked.bound)],
            # Here by a decision on another case: its heading is where to go on.
            "arrived": ARRIVED in request.GET,
        }
        status = 422 if faulty else 200
        return render(request, SHEET, context, status=status)

    def do(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """One door: its form, then its verb; the verb decides."""
        found, user = self._found(request, pk), signed_in(request)
        if name not in BY_NAME:
            raise Http404
        door = BY_NAME[name]
        form = bound_form(door.form, found, request.POST)
        if "fill" in request.POST and form.canned:
            filled = with_canned(form, found, request.POST)
            return self._sheet(request, found, Looked({name: filled}))
        if not form.is_valid():
            # A sheet shows only open doors, so a shut one says why instead.
            shut = forbids(door, found, user, timezone.now())
            if shut is None:
                return self._sheet(request, found, Looked({name: form}))
            messages.error(request, str(shut))
            return self._back_to(found)
        try:
            door.verb(found, by=user, at=timezone.now(), **form.cleaned_data)
        except RefundError as refusal:
            if refusal.field in form.fields:
                form.add_error(refusal.field, str(refusal))
                return self._sheet(request, found, Looked({name: form}))
            messages.error(request, str(refusal))
            return self._back_to(found)
        messages.success(request, words_after(door, found))
        if door.ends and takes_cases(user):
            return self._next_one(request, found)
        return self._back_to(found)

    def _next_one(self, request: HttpRequest, decided: RefundRequest) -> HttpResponse:
        """After a decision the next case stands there, in this person's hands."""
        found, words = take_next(signed_in(request), besides=decided)
        if found is None:
            messages.info(request, words)
            return redirect("admin:index")
        url = reverse("admin:refunds_refundrequest_change", args=[quote(found.pk)])
        return redirect(f"{url}?{ARRIVED}")

    def switch_keys(self, request: HttpRequest) -> HttpResponse:
        """Single keys on or off, for this person (WCAG 2.1.4)."""
        user = signed_in(request)
        user.single_keys = not user.single_keys
        user.save(update_fields=["single_keys"])
        on = _("The keyboard shortcuts are on.")
        off = _("The keyboard shortcuts are off.")
        messages.success(request, on if user.single_keys else off)
        return redirect(_back(request))

    def _back_to(self, found: RefundRequest) -> HttpResponse:
        return redirect("admin:refunds_refundrequest_change", quote(found.pk))


def bound_form(kind: type[DoorForm], found: RefundRequest, data: Any) -> DoorForm:
    form = kind(data)
    form.fit(found)
    return form


def with_canned(form: DoorForm, found: RefundRequest, data: Any) -> DoorForm:
    """What was typed, and the chosen reply in its box; nothing is sent or judged."""
    typed = {name: form[name].data for name in form.fields}
    reply = CannedReply.objects.filter(pk=_number(data.get("canned")) or 0).first()
    if reply is not None:
        words = reply.words(customers_language(found))
        typed[form.canned] = "\n\n".join(filter(None, (typed[form.canned], words)))
    filled = type(form)(initial=typed)
    filled.fit(found)
    return filled


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def _wrong_fields(bound: dict[str, DoorForm]) -> Iterator[BoundField]:
    for form in bound.values():
        yield from (field for field in form if field.errors)


def _back(request: HttpRequest) -> str:
    url = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if safe else reverse("admin:index")
