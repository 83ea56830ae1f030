"""A draft as its page shows it: the form, the files, the estimate beside them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.access import customers_filed_for
from accounts.models import User
from refunds.errors import NotAssessable, SentAlready
from refunds.filing.drafts import (
    draft_of,
    is_on_behalf,
    left_of,
    open_request_like,
    save_draft,
)
from refunds.filing.estimate import Estimate, estimate
from refunds.filing.evidence import name_kinds
from refunds.models import Evidence, RefundRequest
from refunds.pages.forms import KINDS, FilingForm
from refunds.pages.people import signed_in
from refunds.pages.verdict import explain
from refunds.states import State

KIND = "kind-"


def draft_or_elsewhere(user: User, pk: int) -> RefundRequest | HttpResponse:
    """The draft; where it was sent already, its own page instead."""
    try:
        return draft_of(user, pk)
    except RefundRequest.DoesNotExist:
        sent = RefundRequest.objects.filter(
            pk=pk, filed_by=user, customer__in=customers_filed_for(user)
        ).first()
        if sent is None or sent.state == State.DRAFT:
            raise Http404 from None
        if is_on_behalf(sent):
            return redirect("admin:refunds_refundrequest_change", sent.pk)
        return redirect("request", number=sent.number)


def unless_sent(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Where another window sent it at this moment, its own page says so instead."""

    @wraps(view)
    def answered(http: HttpRequest, pk: int, **more: int) -> HttpResponse:
        try:
            return view(http, pk, **more)
        except SentAlready as refusal:
            messages.error(http, str(refusal))
            elsewhere = draft_or_elsewhere(signed_in(http), pk)
            if isinstance(elsewhere, HttpResponse):
                return elsewhere
            raise

    return answered


def blank_form(found: RefundRequest) -> FilingForm:
    return FilingForm(draft=found, on_behalf=is_on_behalf(found))


def keep(found: RefundRequest, said: Mapping[str, str]) -> FilingForm:
    """Saves all that can be read, and gives the form with what can't."""
    form = FilingForm(said, draft=found, on_behalf=is_on_behalf(found))
    form.keep_in(found)
    save_draft(found)
    _keep_kinds(found, said)
    return form


def _keep_kinds(found: RefundRequest, said: Mapping[str, str]) -> None:
    if not any(name.startswith(KIND) for name in said):
        return
    told = {file: said.get(f"{KIND}{file.pk}") for file in found.evidence.all()}
    valid = Evidence.Kind.values
    name_kinds(found, {file: kind for file, kind in told.items() if kind in valid})


def context_of(found: RefundRequest, form: FilingForm) -> dict[str, Any]:
    return {
        "service": found.service,
        "form": form,
        "left": left_of(found.service),
        **files_of(found),
        **estimate_of(found),
    }


def files_of(found: RefundRequest) -> dict[str, Any]:
    return {"draft": found, "evidence": list(found.evidence.all()), "kinds": KINDS}


def estimate_of(found: RefundRequest) -> dict[str, Any]:
    on_behalf = is_on_behalf(found)
    try:
        now = estimate(found, at=timezone.now())
    except NotAssessable as refusal:
        return {"refusal": refusal, "on_behalf": on_behalf}
    verdict = explain(now.judgement) if now else None
    if verdict and on_behalf:
        # Then a person decides, because the customer may still withdraw.
        verdict = replace(verdict, automatic=False)
    return {
        "on_behalf": on_behalf,
        "verdict": verdict,
        "currency": found.currency,
        "asked": found.amount_asked,
        **_evidence_wanted(now),
        "open_request": open_request_like(found) if found.ground else None,
    }


def _evidence_wanted(now: Estimate | None) -> dict[str, Any]:
    """`required`: each kind the rule asks for, and whether it is there."""
    if now is None:
        return {"missing": [], "helpful": [], "required": []}
    wanted = now.judgement.decisive_rule.evidence_required
    return {
        "missing": [Evidence.Kind(kind).label for kind in now.missing],
        "helpful": [Evidence.Kind(kind).label for kind in now.helpful],
        "required": [
            (Evidence.Kind(kind).label, kind not in now.missing) for kind in wanted
        ],
    }
