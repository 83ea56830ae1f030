"""Whose case is next: what a person has in hand or may take, first due first."""

from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from accounts.access import customers_seen_by_staff
from accounts.models import Role, User
from refunds.models import RefundRequest
from refunds.states import ENDED, IN_HAND, State

RUNNING = Q(deadlines__closed_at=None, deadlines__left=None)


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
        .annotate(due=Min("deadlines__due_at", filter=RUNNING))
        .select_related("customer", "service", "handler")
        .order_by("due", "pk")[:most]
    )


def counts(user: User) -> dict[str, Any]:
    now = timezone.now()
    overdue = RUNNING & Q(deadlines__due_at__lt=now)
    return _seen(user).aggregate(
        mine=Count("pk", filter=Q(handler=user) & ~Q(state__in=ENDED), distinct=True),
        overdue=Count("pk", filter=overdue, distinct=True),
        unclaimed=Count(
            "pk",
            filter=Q(
                handler=None,
                state__in=(State.SUBMITTED, State.EVALUATION, State.APPEALED),
            ),
            distinct=True,
        ),
        customer=Count(
            "pk",
            filter=Q(
                state__in=(State.AWAITING_INFORMATION, State.OFFERED, State.REJECTED)
            ),
            distinct=True,
        ),
        blocked=Count("pk", filter=Q(state=State.PAYOUT_BLOCKED), distinct=True),
    )


def _seen(user: User) -> QuerySet[RefundRequest]:
    return RefundRequest.objects.exclude(state=State.DRAFT).filter(
        customer__in=customers_seen_by_staff(user)
    )
