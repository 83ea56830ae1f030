"""Who has a case open just now, so that two don't work on it unknowingly."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from refunds.models import LEASE, Presence, RefundRequest


def be_present(request: RefundRequest, *, by: User, at: datetime) -> list[User]:
    """Renews this person's lease, and says who else holds one."""
    renew(request, by=by, at=at)
    return others_on([request], by=by, at=at)[request.pk]


def renew(request: RefundRequest, *, by: User, at: datetime) -> None:
    held = Presence.objects.filter(request=request, user=by)
    if not held.update(seen_at=at):
        _enter(request, by=by, at=at)


def _enter(request: RefundRequest, *, by: User, at: datetime) -> None:
    """Two windows of the same person may do so at once."""
    Presence.objects.bulk_create(
        [Presence(request=request, user=by, seen_at=at)],
        update_conflicts=True,
        unique_fields=["request", "user"],
        update_fields=["seen_at"],
    )
    Presence.objects.filter(user=by, seen_at__lte=at - LEASE).delete()


def leave(request: RefundRequest, *, by: User) -> None:
    Presence.objects.filter(request=request, user=by).delete()


def others_on(
    requests: Iterable[RefundRequest], *, by: User, at: datetime
) -> dict[int, list[User]]:
    """By the request's key: everybody else who has it open, in one query."""
    return by_request(leases_of_others(requests, by=by, at=at))


def by_request(leases: Iterable[Presence]) -> dict[int, list[User]]:
    found: dict[int, list[User]] = defaultdict(list)
    for lease in leases:
        found[lease.request_id].append(lease.user)
    return found


def leases_of_others(
    requests: Iterable[RefundRequest], *, by: User, at: datetime
) -> QuerySet[Presence]:
    held = Presence.objects.filter(request__in=requests, seen_at__gt=at - LEASE)
    return held.exclude(user=by).select_related("user").order_by("pk")
