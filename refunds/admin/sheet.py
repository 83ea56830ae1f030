"""Everything one decision needs, on one page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Outage, User
from refunds.admin.additions import additions_context
from refunds.admin.door_forms import DoorForm
from refunds.admin.doors import Door, side_doors, standing_doors
from refunds.admin.invoices_panel import invoices_panel
from refunds.admin.payout_account_forms import accounts_on_sheet
from refunds.clock.words import owed_in_console
from refunds.errors import NotAssessable, NotPermitted
from refunds.judging import Judgement, judge
from refunds.models import AllocationBalance, Offer, RefundRequest, Ticket
from refunds.pages.history import history_for_staff
from refunds.pages.payout import attempts_of
from refunds.pages.verdict import explain, explain_kept
from refunds.record.case_file import check_may_export
from refunds.review.offer import Bounds, bounds
from refunds.review.presence import be_present
from refunds.review.queue import show_owed
from refunds.states import State
from refunds.templatetags.makegood import money_code

DECIDING = (State.SUBMITTED, State.PRELIMINARY_REVIEW, State.EVALUATION)


@dataclass(frozen=True)
class Way:
    """A door with the form it shows, filled in where we know better."""

    door: Door
    form: DoorForm
    opened: bool

    @property
    def label(self) -> str | Promise:
        return self.door.label


def sheet_context(
    request: RefundRequest,
    user: User,
    *,
    at: datetime,
    bound: dict[str, DoorForm],
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
        "side_ways": [
            _way(d, request, limits, bound) for d in side_doors(request, user, at=at)
        ],
        "shut": shut,
        "verdict": _verdict(request, judgement),
        "refusal": refusal,
        "limits": limits,
        "offer": request.latest_offer(),
        "records": _records(request),
        "money": _money(request),
        "invoices": invoices_panel(request, user, at=at),
        **additions_context(request, user, bound=bound),
        "findings": request.findings.select_related("by"),
        "thread": _thread(request),
        "history": history_for_staff(request),
        "earlier": _earlier(request, at=at),
        "others": be_present(request, by=user, at=at),
        "complaint": _complaint(request),
        "exports": _may_export(request, user),
        "agreed": _agreed(request),
        # Nothing here waits for this person any more: on to the next.
        "decided": not any(door.primary for door in open_doors),
        "tags": [tag.label() for tag in request.reason_tags.order_by("code")],
        "attempts": attempts_of(request, at=at),
        "accounts": accounts_on_sheet(request, user),
    }


def _way(
    door: Door,
    request: RefundRequest,
    limits: Bounds | None,
    bound: dict[str, DoorForm],
) -> Way:
    if door.name in bound:
        return Way(door, bound[door.name], opened=True)
    form = door.form(auto_id=f"id_{door.name}_%s")
    form.fit(request)
    form.fill(request, limits)
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
    }


def _earlier(request: RefundRequest, *, at: datetime) -> list[RefundRequest]:
    others = RefundRequest.objects.filter(customer=request.customer)
    sent = others.exclude(pk=request.pk).exclude(state=State.DRAFT)
    rows = sent.select_related("service", "contract").order_by("-pk")[:5]
    found = list(rows)
    show_owed(found, at=at)
    return found


def _agreed(request: RefundRequest) -> str:
    """What the customer chose, and whether it has been carried out."""
    if request.agreed_amount is None:
        return ""
    parts = []
    if request.agreed_amount:
        parts.append(money_code(request.agreed_amount, request.currency))
    if request.agreed_alternative:
        parts.append(str(Offer.Alternative(request.agreed_alternative).label))
    words = {
        State.FULFILLED: _("Agreed on and carried out: %(what)s"),
        State.REFUNDED: _("Agreed on and paid back: %(what)s"),
    }.get(State(request.state), _("Agreed on: %(what)s"))
    return words % {"what": " + ".join(parts)}


def _may_export(request: RefundRequest, user: User) -> bool:
    try:
        check_may_export(request, by=user)
    except NotPermitted:
        return False
    return True


def _complaint(request: RefundRequest) -> dict[str, Any] | None:
    """The last time the customer said that we are late."""
    events = request.events.filter(kind="complain").select_related("actor")
    event = events.order_by("-position").first()
    if event is None:
        return None
    message = request.messages.filter(pk=event.data["message"]).first()
    return {"event": event, "words": message.words if message else ""}


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
