"""Handing over: one case, or in one act all that somebody has in hand."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.absences import is_above
from accounts.models import User
from refunds.errors import NotPermitted, RefundError
from refunds.models import RefundRequest
from refunds.review.hands import GIVES_BACK, release
from refunds.states import HANDED_OVER_IN, State
from refunds.step import lock, moved_on, step, why_not


def hand_over(
    request: RefundRequest, *, by: User, at: datetime, to: User, reason: str = ""
) -> None:
    """To somebody who could take it. Refused where `request` was read before somebody
    else handed it over."""
    with step(request, "hand_over", by=by, at=at, reason=reason) as taken:
        if taken.request.handler_id != request.handler_id:
            raise moved_on(taken.request)
        if to.pk == taken.request.handler_id:
            raise RefundError(_("They have this case in hand already."), field="to")
        taken.request.next_handler = to
        taken.data |= {"from": taken.request.handler_id, "to": to.pk}


@dataclass
class HandedOver:
    """What became of each case. `kept` wait on others and came to nobody new."""

    over: list[RefundRequest] = field(default_factory=list)
    given_back: list[RefundRequest] = field(default_factory=list)
    kept: list[RefundRequest] = field(default_factory=list)


def cases_of(user: User) -> list[RefundRequest]:
    """Every open case that this person has in hand, or gets back when it returns."""
    cases = RefundRequest.objects.filter(handler=user, state__in=HANDED_OVER_IN)
    return list(cases.select_related("customer", "service").order_by("pk"))


def hand_over_all(
    whose: User, *, by: User, at: datetime, to: User, reason: str = ""
) -> HandedOver:
    """All or nothing. What the other may not take is given back to the unclaimed; where
    it waits on somebody else meanwhile, it stays, and its superior hears of it."""
    if by != whose and not is_above(by, whose, at=at):
        raise NotPermitted(_("Only they themselves or their superior can do this."))
    if to == whose:
        raise RefundError(_("Choose somebody else."), field="to")
    done = HandedOver()
    with transaction.atomic():
        for found in cases_of(whose):
            case = lock(found)
            if case.handler_id == whose.pk:
                _pass(case, done, by=by, at=at, to=to, reason=reason)
    return done


def _pass(
    case: RefundRequest,
    done: HandedOver,
    *,
    by: User,
    at: datetime,
    to: User,
    reason: str,
) -> None:
    case.next_handler = to
    if why_not(case, "hand_over", by=by, at=at) is None:
        hand_over(case, by=by, at=at, to=to, reason=reason)
        done.over.append(case)
        return
    back = GIVES_BACK.get(State(case.state))
    if back and why_not(case, back, by=by, at=at) is None:
        release(case, by=by, at=at)
        done.given_back.append(case)
        return
    done.kept.append(case)
