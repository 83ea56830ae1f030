"""The views of the queue that somebody keeps under a name: nobody else sees them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from refunds.admin.queue_filters import own_query
from refunds.models import SavedFilter
from refunds.pages.people import signed_in

MOST = 30


class KeepForm(forms.Form):
    name = forms.CharField(max_length=60)
    query = forms.CharField(required=False, max_length=2000)


def saved_of(user: User) -> QuerySet[SavedFilter]:
    return SavedFilter.objects.filter(user=user).order_by("name", "pk")


def keep(owner: Any, request: HttpRequest) -> HttpResponse:
    """Under the same name again it is replaced."""
    if not owner.has_view_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    user, form = signed_in(request), KeepForm(request.POST)
    query = own_query(request.POST.get("query", ""))
    if not form.is_valid():
        messages.error(request, _("Give the filter a name of 60 characters at most."))
    elif not query:
        messages.error(request, _("Nothing is filtered. Choose filters first."))
    elif saved_of(user).exclude(name=form.cleaned_data["name"]).count() >= MOST:
        words = _("You keep %(most)s filters already. Remove one first.")
        messages.error(request, words % {"most": MOST})
    else:
        saved, _new = SavedFilter.objects.update_or_create(
            user=user, name=form.cleaned_data["name"], defaults={"query": query}
        )
        words = _("Saved as “%(name)s”.")
        messages.success(request, words % {"name": saved.name})
    return _back(query)


def forget(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    if not owner.has_view_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    saved = get_object_or_404(saved_of(signed_in(request)), pk=pk)
    saved.delete()
    words = _("The filter “%(name)s” is removed.")
    messages.success(request, words % {"name": saved.name})
    return _back(own_query(request.POST.get("query", "")))


def _back(query: str) -> HttpResponse:
    address = reverse("admin:refunds_refundrequest_changelist")
    return redirect(f"{address}?{query or 'show=all'}")
