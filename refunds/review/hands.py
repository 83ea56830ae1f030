"""Taking a case in hand and giving it back. Who is first, wins."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User
from refunds.errors import NotAllowedAnyMore
from refunds.models import Deadline, Event, RefundRequest
from refunds.states import IN_HAND, UNCLAIMED, State
from refunds.step import step

TAKES = {
    State.SUBMITTED: "claim",
    State.EVALUATION: "take_up",
    State.APPEALED: "take_appeal",
}
GIVES_BACK = {
    State.PRELIMINARY_REVIEW: "release",
    State.EVALUATION: "put_down",
    State.APPEALED: "put_down",
}


class TakenAlready(NotAllowedAnyMore):
    words = _(
        "%(who)s was first and has this case in hand. Nothing was changed by you."
    )


def claim(request: RefundRequest, *, by: User, at: datetime) -> None:
    move = TAKES.get(State(request.state), "claim")
    with step(request, move, by=by, at=at) as taken:
        if move != "claim" and taken.request.handler is not None:
            raise TakenAlready(who=taken.request.handler)
        # What a person took in hand once, a person decides.
        taken.request.decides_itself = False


def take_next(
    *, by: User, at: datetime, besides: RefundRequest | None = None
) -> RefundRequest | None:
    """Claims what is due first and nobody has, the larger sum where two are due alike;
    None where nothing waits for this person. Two at once never get the same case, and
    nobody the one they have just let go of."""
    with transaction.atomic():
        waiting = waiting_for(by).exclude(request=besides and besides.pk)
        first = waiting.select_for_update(skip_locked=True, of=("request",))
        found = first.select_related("request").first()
        if found is None:
            return None
        case = found.request
        with step(case, TAKES[State(case.state)], by=by, at=at, held=True):
            pass
    return case


def waiting_for(user: User) -> QuerySet[Deadline]:
    """The deadlines of what this person may take, in the order of taking. A case that
    the records may decide alone is left to them for the seconds that takes."""
    states = [s for s in UNCLAIMED if user.has_role(IN_HAND[s])]
    own = Membership.objects.filter(user=user).values("customer")
    unclaimed = (
        Deadline.objects.filter(
            owner__in={IN_HAND[state] for state in states},
            user=None,
            closed_at=None,
            left=None,
            request__state__in=states,
            request__handler=None,
            request__decides_itself=False,
        )
        .exclude(request__customer__in=own)
        .exclude(request__filed_by=user)
        .order_by("due_at", "-request__amount_asked", "pk")
    )
    if State.APPEALED not in states:
        return unclaimed
    had_a_part = Q(request__state=State.APPEALED) & Exists(_parts_before(user))
    return unclaimed.exclude(had_a_part)


def _parts_before(user: User) -> QuerySet[Event]:
    """What they did in the case before it was appealed against."""
    appeal = Event.objects.filter(
        request=OuterRef("request"), kind="appeal", position__gt=OuterRef("position")
    )
    own = Event.objects.filter(request=OuterRef("request"), actor=user)
    return own.filter(Exists(appeal))


def release(request: RefundRequest, *, by: User, at: datetime) -> None:
    with step(request, GIVES_BACK.get(State(request.state), "release"), by=by, at=at):
        pass


def pass_on(request: RefundRequest, *, by: User, at: datetime, reason: str) -> None:
    with step(request, "pass_on", by=by, at=at, reason=reason):
        pass
