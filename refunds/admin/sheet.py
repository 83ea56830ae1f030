"""Everything one decision needs, on one page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.minor_units import to_decimal
from accounts.models import Outage, User
from refunds.admin.doors import ApproveForm, Door, OfferForm, side_doors, standing_doors
from refunds.clock.words import owed_in_console
from refunds.errors import NotAssessable
from refunds.judging import Judgement, judge
from refunds.models import AllocationBalance, RefundRequest, Ticket
from refunds.pages.history import history_for_staff
from refunds.pages.verdict import explain, explain_kept
from refunds.review.offer import Bounds, bounds
from refunds.states import State

DECIDING = (State.SUBMITTED, State.PRELIMINARY_REVIEW, State.EVALUATION)


@dataclass(frozen=True)
class Way:
    """A door with the form it shows, filled in where we know better."""

    door: Door
    form: forms.Form
    opened: bool

    @property
    def label(self) -> str | Promise:
        return self.door.label


def sheet_context(
    request: RefundRequest,
    user: User,
    *,
    at: datetime,
    bound: dict[str, forms.Form],
) -> dict[str, Any]:
    judgement, refusal = None, None
    if request.state in DECIDING:
        try:
            judgement = judge(request, at=at)
        except NotAssessable as found:
            refusal = found
    limits = bounds(request, judgement) if judgement else None
    open_doors, shut = standing_doors(request, user, at=at)
    return {
        "case": request,
        "owed": owed_in_console(request, at=at),
        "ways": [_way(door, request, limits, bound) for door in open_doors],
        "side_ways": [_way(d, request, limits, bound) for d in side_doors(request)],
        "shut": shut,
        "verdict": _verdict(request, judgement),
        "refusal": refusal,
        "limits": limits,
        "offer": request.latest_offer(),
        "records": _records(request),
        "money": _money(request),
        "evidence": request.evidence.all(),
        "findings": request.findings.select_related("by"),
        "thread": _thread(request),
        "history": history_for_staff(request),
        "earlier": RefundRequest.objects.filter(customer=request.customer)
        .exclude(pk=request.pk)
        .exclude(state=State.DRAFT)
        .select_related("service")
        .order_by("-pk")[:5],
        "legs": request.payout.legs.select_related("allocation__payment")
        if hasattr(request, "payout")
        else [],
    }


def _way(
    door: Door,
    request: RefundRequest,
    limits: Bounds | None,
    bound: dict[str, forms.Form],
) -> Way:
    if door.name in bound:
        return Way(door, bound[door.name], opened=True)
    initial: dict[str, Any] = {}
    if door.form is OfferForm and limits is not None and limits.due:
        initial["amount"] = to_decimal(limits.due, currency=request.currency)
    if door.form is ApproveForm and (offer := request.latest_offer()):
        initial["seen"] = offer.pk
    form = door.form(initial=initial, auto_id=f"id_{door.name}_%s")
    return Way(door, form, opened=False)


def _verdict(request: RefundRequest, judgement: Judgement | None) -> Any:
    if judgement is not None:
        return explain(judgement)
    latest = request.assessments.order_by("-pk").first()
    return explain_kept(latest) if latest else None


def _records(request: RefundRequest) -> dict[str, Any]:
    service = request.service
    return {
        "service": service,
        "outages": Outage.objects.filter(service=service).select_related("verified_by"),
        "tickets": Ticket.objects.filter(service=service),
        "readings": service.readings.all(),
        "clauses": request.contract.clauses.all(),
        "invoices": request.contract.invoices.all(),
    }


def _money(request: RefundRequest) -> list[dict[str, Any]]:
    """One entry per payment of the service, with what is left of it."""
    allocations = request.service.allocations.select_related("payment")
    balances = {
        balance.allocation_id: balance
        for balance in AllocationBalance.objects.filter(allocation__in=allocations)
    }
    return [
        {
            "payment": row.payment,
            "paid": row.amount,
            "gone": balances[row.pk].gone if row.pk in balances else 0,
            "left": balances[row.pk].left if row.pk in balances else row.amount,
        }
        for row in allocations
    ]


def _thread(request: RefundRequest) -> list[dict[str, Any]]:
    return [
        {
            "author": message.author,
            "role": _("Customer") if message.from_customer else "",
            "at": message.at,
            "text": message.words,
            "ours": not message.from_customer,
            "internal": message.internal,
        }
        for message in request.messages.select_related("author")
    ]
