"""What is done in the queue to many requests at once. Each goes through the same verb
as alone; four eyes look at one, so none is approved or paid here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from refunds.admin.door_forms import HandOverForm, PersonField
from refunds.errors import NotPermitted, RefundError
from refunds.guards import SOMEBODY_HAS_IT
from refunds.models import RefundRequest
from refunds.pages.people import signed_in
from refunds.review import hands
from refunds.review.handover import hand_over
from refunds.review.queue import reviewers, show_owed

RESULTS = "admin/refunds/refundrequest/results.html"
TO_WHOM = "admin/refunds/refundrequest/hand_over.html"
# Each row is a transaction of its own; more would outlast the web server's patience.
AT_ONCE = 200


@dataclass(frozen=True)
class Result:
    """What became of one row; `refusal` where nothing did."""

    request: RefundRequest
    refusal: str = ""


Act = Callable[[RefundRequest], Any]


def each(rows: Iterable[RefundRequest], act: Act) -> list[Result]:
    """One after the other, whatever became of those before."""
    return [_one(row, act) for row in rows]


def _one(row: RefundRequest, act: Act) -> Result:
    try:
        act(row)
    except RefundError as refusal:
        return Result(row, str(refusal))
    return Result(row)


class HandOverManyForm(HandOverForm):
    """To anybody who takes cases; which of these they could take, each row says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, PersonField)
        field.queryset = reviewers()


def _in_hand(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Of what nobody has, the step could only say how it came to stand there."""

    def act(request: RefundRequest, **answers: Any) -> None:
        if not SOMEBODY_HAS_IT(request):
            raise NotPermitted(SOMEBODY_HAS_IT.words)
        verb(request, **answers)

    return act


def _chosen(
    request: HttpRequest, queryset: QuerySet[RefundRequest]
) -> list[RefundRequest] | None:
    rows = list(queryset.select_related("customer", "handler")[: AT_ONCE + 1])
    if len(rows) <= AT_ONCE:
        return rows
    words = _(
        "That is more than %(most)s requests. Nothing was done: choose fewer, or "
        "narrow the list with the filters."
    )
    messages.error(request, words % {"most": AT_ONCE})
    return None


def _results(
    owner: Any, request: HttpRequest, label: str | Promise, results: list[Result]
) -> HttpResponse:
    refused = sum(1 for result in results if result.refusal)
    context = {
        **owner.admin_site.each_context(request),
        "opts": owner.opts,
        "title": label,
        "results": results,
        "refused": refused,
        "done": len(results) - refused,
        "back": request.get_full_path(),
    }
    return render(request, RESULTS, context)


def _bulk(name: str, label: Any, verb: Callable[..., Any], **answers: Any) -> Any:
    """An action of the list, made of a verb that asks nothing more."""

    def act(
        owner: Any, request: HttpRequest, queryset: QuerySet[RefundRequest]
    ) -> HttpResponse | None:
        rows = _chosen(request, queryset)
        if rows is None:
            return None
        user = signed_in(request)
        results = each(
            rows, lambda row: verb(row, by=user, at=timezone.now(), **answers)
        )
        return _results(owner, request, label, results)

    act.__name__ = name
    return admin.action(act, description=label, permissions=["view"])


@admin.action(description=gettext_lazy("Hand over to…"), permissions=["view"])
def hand_over_selected(
    owner: Any, request: HttpRequest, queryset: QuerySet[RefundRequest]
) -> HttpResponse | None:
    """First asks to whom, then hands over what that person could take."""
    rows = _chosen(request, queryset)
    if rows is None:
        return None
    form = HandOverManyForm(request.POST if "apply" in request.POST else None)
    if not form.is_valid():
        return _ask_to_whom(owner, request, rows, form)
    user, to = signed_in(request), form.cleaned_data["to"]
    reason = form.cleaned_data["reason"]
    results = each(
        rows,
        lambda row: _in_hand(hand_over)(
            row, by=user, at=timezone.now(), to=to, reason=reason
        ),
    )
    label = _("Hand over to %(name)s") % {"name": to}
    return _results(owner, request, label, results)


def _ask_to_whom(
    owner: Any, request: HttpRequest, rows: list[RefundRequest], form: forms.Form
) -> HttpResponse:
    show_owed(rows, at=timezone.now())
    context = {
        **owner.admin_site.each_context(request),
        "opts": owner.opts,
        "title": _("Hand over"),
        "rows": rows,
        "form": form,
        "checkbox": ACTION_CHECKBOX_NAME,
        # Without the filters: a row that left them meanwhile still says what became
        # of it.
        "action_url": reverse("admin:refunds_refundrequest_changelist"),
        "back": request.get_full_path(),
    }
    return render(request, TO_WHOM, context, status=422 if form.is_bound else 200)


ACTIONS = (
    _bulk("claim_selected", gettext_lazy("Claim"), hands.claim),
    _bulk("give_back_selected", gettext_lazy("Give back"), _in_hand(hands.release)),
    hand_over_selected,
    _bulk(
        "pass_on_selected",
        gettext_lazy("Pass on to evaluation"),
        hands.pass_on,
        reason="",
    ),
)


def take_next(
    user: User, *, besides: RefundRequest | None = None
) -> tuple[RefundRequest | None, str]:
    """The case, or why there is none."""
    try:
        found = hands.take_next(by=user, at=timezone.now(), besides=besides)
    except RefundError as refusal:
        return None, str(refusal)
    if found is None:
        return None, _("Nothing waits for you. What the others have is in the queue.")
    return found, ""
