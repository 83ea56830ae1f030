"""The five fixed steps of a request, as those who wait for it see them."""

from datetime import datetime
from typing import Any

from django.utils.translation import pgettext

from refunds.models import RefundRequest
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
DECLINED = (S.REJECTED, S.REJECTED_FINALLY, S.CLOSED)
STOPPED = (S.LAPSED, S.WITHDRAWN)


def steps_of(request: RefundRequest) -> list[dict[str, Any]]:
    titles = (
        pgettext("step", "Sent"),
        pgettext("step", "First check"),
        pgettext("step", "Evaluation"),
        pgettext("step", "Your answer"),
        pgettext("step", "Carried out")
        if request.agreed_alternative and not request.agreed_amount
        else pgettext("step", "Money back"),
    )
    done_on = _completed(request)
    came_back = came_back_at(request)
    if came_back:
        done_on.pop(MONEY, None)
    position = _position(request, done_on)
    return [
        {
            "title": title,
            "state": _state(request, index, position),
            "tone": "amber" if request.state == S.OFFERED else "blue",
            "detail": day_plain(done_on[index]) if index in done_on else "",
        }
        | ({"detail": _came_back(came_back)} if came_back and index == MONEY else {})
        for index, title in enumerate(titles)
    ]


def came_back_at(request: RefundRequest) -> datetime | None:
    """When the money came back to us, until it is settled anew."""
    if request.state not in (S.PAYOUT_BLOCKED, S.PAYING):
        return None
    events = request.events.filter(kind="reopen")
    return events.order_by("-position").values_list("at", flat=True).first()


def _came_back(moment: datetime) -> str:
    return pgettext("step", "Came back to us on %(day)s") % {"day": day_plain(moment)}


def _completed(request: RefundRequest) -> dict[int, Any]:
    by_kind = dict(request.events.order_by("position").values_list("kind", "at"))
    done = {}
    for index, kinds in enumerate(COMPLETED_BY):
        moments = [by_kind[kind] for kind in kinds if kind in by_kind]
        if moments:
            done[index] = max(moments)
    return done


def _position(request: RefundRequest, done_on: dict[int, Any]) -> int:
    state = State(request.state)
    if state == S.AWAITING_INFORMATION:
        return POSITION[State(request.came_from)]
    return POSITION.get(state, max(done_on, default=0) + 1)


def _state(request: RefundRequest, index: int, position: int) -> str:
    if index < position:
        return "done"
    if index > position or request.state in STOPPED:
        return "next"
    return "declined" if request.state in DECLINED else "now"
