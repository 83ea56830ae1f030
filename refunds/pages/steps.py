"""The five fixed steps of a request, as those who wait for it see them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from refunds.clock.words import Owed
from refunds.models import Assessment, Deadline, Event, RefundRequest
from refunds.pages.history import who_acted
from refunds.states import State
from refunds.templatetags.makegood import day_plain

S = State
# Which step each state is on: 0 sent, 1 first check, 2 evaluation, 3 answer, 4 money.
POSITION = {
    S.SUBMITTED: 1,
    S.PRELIMINARY_REVIEW: 1,
    S.EVALUATION: 2,
    S.PENDING_APPROVAL: 2,
    S.APPEALED: 2,
    S.OFFERED: 3,
    S.AGREED: 4,
    S.INVOICING: 4,
    S.PAYING: 4,
    S.PAYOUT_BLOCKED: 4,
    S.FULFILLING: 4,
    S.REFUNDED: 5,
    S.FULFILLED: 5,
}
# The event that completes each step.
COMPLETED_BY = (
    ("submit",),
    ("pass_on",),
    ("offer", "approve", "let_offer_stand"),
    ("accept",),
    ("settle", "fulfil"),
)
MONEY = 4
BY_RECORDS = "agree_automatically"
# How long each step may take, in the terms that a request was assessed under.
TERMS = {1: "review_days", 2: "evaluation_days", 4: "payout_days"}
DECLINED = (S.REJECTED, S.REJECTED_FINALLY, S.CLOSED)
STOPPED = (S.LAPSED, S.WITHDRAWN)


@dataclass(frozen=True)
class Step:
    """`state`: done, now, next or declined; `tone` is the colour of now."""

    title: str
    state: str
    detail: str
    tone: str = "blue"


def steps_of(request: RefundRequest, *, owed: Owed | None) -> list[Step]:
    """Decided by the records alone, the three steps of people are one."""
    done = _completed(request)
    by_records = done.pop(BY_RECORDS, None)
    came_back = came_back_at(request)
    if came_back:
        done.pop(MONEY, None)
    position = _position(request, done)
    yours = owed is not None and owed.deadline.owner == Deadline.Owner.CUSTOMER
    details: dict[str, dict[int | str, str]] = {
        "done": _said(done),
        "next": _said_next(request),
        "now": {position: _due(owed, came_back)},
        "declined": {position: _due(owed, None)},
    }
    steps = []
    for index, title in enumerate(_titles(request)):
        state = _state(request, index, position)
        detail = details[state].get(index, "")
        steps.append(Step(title, state, detail, "amber" if yours else "blue"))
    if by_records:
        folded = pgettext("step", "Decided by the records alone")
        steps[1:MONEY] = [Step(folded, "done", day_plain(by_records.at))]
    return steps


def _titles(request: RefundRequest) -> tuple[str, ...]:
    return (
        pgettext("step", "Sent"),
        pgettext("step", "First check"),
        pgettext("step", "Evaluation"),
        pgettext("step", "Your answer"),
        pgettext("step", "Carried out")
        if request.agreed_alternative and not request.agreed_amount
        else pgettext("step", "Money back"),
    )


def _said(done: dict[int | str, Event]) -> dict[int | str, str]:
    return {
        index: f"{day_plain(event.at)} · {who_acted(event)}"
        for index, event in done.items()
    }


def _said_next(request: RefundRequest) -> dict[int | str, str]:
    latest = Assessment.objects.filter(request=request).order_by("pk").last()
    if latest is None or request.state in (*DECLINED, *STOPPED):
        return {}
    return {
        index: ngettext(
            "within %(count)s working day", "within %(count)s working days", days
        )
        % {"count": days}
        for index, name in TERMS.items()
        for days in (latest.terms[name][1],)
    }


def _due(owed: Owed | None, came_back: datetime | None) -> str:
    if came_back:
        return _came_back(came_back)
    if owed is None:
        return ""
    day = day_plain(owed.deadline.due_at)
    if owed.deadline.kind == Deadline.Kind.APPEAL:
        return _("You can appeal until %(day)s.") % {"day": day}
    return _("by %(day)s") % {"day": day}


def came_back_at(request: RefundRequest) -> datetime | None:
    """When the money came back to us, until it is settled anew."""
    if request.state not in (S.PAYOUT_BLOCKED, S.PAYING):
        return None
    events = request.events.filter(kind="reopen")
    return events.order_by("-position").values_list("at", flat=True).first()


def _came_back(moment: datetime) -> str:
    return pgettext("step", "Came back to us on %(day)s") % {"day": day_plain(moment)}


def _completed(request: RefundRequest) -> dict[int | str, Event]:
    """The event that completed each step, by its index."""
    kinds = [kind for kinds in COMPLETED_BY for kind in kinds]
    events = request.events.filter(kind__in=(*kinds, BY_RECORDS))
    by_kind = {e.kind: e for e in events.select_related("actor").order_by("position")}
    done: dict[int | str, Event] = {}
    for index, kinds_of_step in enumerate(COMPLETED_BY):
        found = [by_kind[kind] for kind in kinds_of_step if kind in by_kind]
        if found:
            done[index] = max(found, key=lambda event: event.position)
    if BY_RECORDS in by_kind:
        done[BY_RECORDS] = by_kind[BY_RECORDS]
    return done


def _position(request: RefundRequest, done: dict[int | str, Event]) -> int:
    state = State(request.state)
    if state == S.AWAITING_INFORMATION:
        return POSITION[State(request.came_from)]
    reached = max((index for index in done if isinstance(index, int)), default=0)
    return POSITION.get(state, reached + 1)


def _state(request: RefundRequest, index: int, position: int) -> str:
    if index < position:
        return "done"
    if index > position or request.state in STOPPED:
        return "next"
    return "declined" if request.state in DECLINED else "now"
