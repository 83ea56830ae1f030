"""Whose case is next: what a person has in hand or may take, first due first; who could
take a case, who owes what in it, and who has it open."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from accounts.access import customers_seen_by_staff
from accounts.models import Role, User
from refunds.clock.words import owed_in_lists
from refunds.models import Event, Notice, RefundRequest
from refunds.review.presence import others_on
from refunds.states import ENDED, IN_HAND, UNCLAIMED, State, role_in_hand

COMPLAINT = "staff_complaint"


def my_queue(user: User, *, most: int = 12) -> list[RefundRequest]:
    """What this person has in hand, or may take: first due first."""
    mine = Q(handler=user) & ~Q(state__in=ENDED)
    takeable = [state for state, role in IN_HAND.items() if user.has_role(role)]
    mine |= Q(handler=None, state__in=takeable)
    if user.has_role(Role.APPROVER):
        mine |= Q(state=State.PENDING_APPROVAL)
    if user.has_role(Role.FINANCE):
        mine |= Q(state__in=(State.AGREED, State.INVOICING, State.PAYOUT_BLOCKED))
    return list(
        _seen(user)
        .filter(mine)
        .select_related("customer", "service", "handler", "contract")
        .order_by(F("due_at").asc(nulls_last=True), "pk")[:most]
    )


def counts(user: User) -> dict[str, Any]:
    now = timezone.now()
    overdue = Q(due_at__lt=now)
    return _seen(user).aggregate(
        mine=Count("pk", filter=Q(handler=user) & ~Q(state__in=ENDED), distinct=True),
        overdue=Count("pk", filter=overdue, distinct=True),
        unclaimed=Count(
            "pk", filter=Q(handler=None, state__in=UNCLAIMED), distinct=True
        ),
        customer=Count(
            "pk",
            filter=Q(
                state__in=(State.AWAITING_INFORMATION, State.OFFERED, State.REJECTED)
            ),
            distinct=True,
        ),
        blocked=Count("pk", filter=Q(state=State.PAYOUT_BLOCKED), distinct=True),
        complained=Count("pk", filter=complained_to(user), distinct=True),
    )


def complained_to(user: User) -> Q:
    """Where the customer complained to this person, and it is late still."""
    return Q(pk__in=complaints_to(user).values("request"))


def complaints_to(user: User) -> QuerySet[Notice]:
    """What customers complained of to this person and is owed still, newest first."""
    found = Notice.objects.filter(
        kind=COMPLAINT, recipient=user, deadline__closed_at=None
    )
    return found.select_related("request__customer").order_by("-pk")


def takes_cases(user: User) -> bool:
    """Whether there is a next case for this person at all."""
    return any(user.has_role(IN_HAND[state]) for state in UNCLAIMED)


def reviewers() -> QuerySet[User]:
    """Everybody who takes cases in hand."""
    return _in_roles(set(IN_HAND.values()))


def could_take(request: RefundRequest) -> QuerySet[User]:
    """To whom this case could be handed over: by the same rules as the move's guard."""
    people = _in_roles({role_in_hand(request.state, came_from=request.came_from)})
    people = people.exclude(memberships__customer=request.customer_id)
    people = people.exclude(pk=request.filed_by_id)
    if request.handler_id is not None:
        people = people.exclude(pk=request.handler_id)
    if request.state == State.APPEALED:
        people = people.exclude(pk__in=_parts_before_appeal(request))
    return people


def _in_roles(roles: set[Role]) -> QuerySet[User]:
    people = User.objects.filter(is_active=True, is_staff=True, groups__name__in=roles)
    return people.distinct().order_by("name", "email")


def _parts_before_appeal(request: RefundRequest) -> QuerySet[Event, Any]:
    appeals = request.events.filter(kind="appeal").order_by("-position")
    earlier = request.events.filter(
        position__lt=appeals.values("position")[:1], actor__isnull=False
    )
    return earlier.values("actor")


def _seen(user: User) -> QuerySet[RefundRequest]:
    return RefundRequest.objects.exclude(state=State.DRAFT).filter(
        customer__in=customers_seen_by_staff(user)
    )


def show_owed(requests: Iterable[RefundRequest], *, at: datetime) -> None:
    """Leaves `owed` on each. They come with their contract; the queries don't grow with
    their number."""
    requests = list(requests)
    owed = owed_in_lists(requests, at=at)
    for request in requests:
        request.__dict__["owed"] = owed[request.pk]


def show_others(requests: Iterable[RefundRequest], *, to: User, at: datetime) -> None:
    """Leaves `others` on each: the people, beside this one, who have it open."""
    requests = list(requests)
    others = others_on(requests, by=to, at=at)
    for request in requests:
        request.__dict__["others"] = others.get(request.pk, [])
