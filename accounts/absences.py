"""Who is away, and who stands in for them. A day is the office's own."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Absence, Lead, Role, User


def absences_at(at: datetime) -> QuerySet[Absence]:
    """Of one person's absences at that moment, the last one named counts."""
    day = timezone.localtime(at, timezone.get_default_timezone()).date()
    current = Absence.objects.filter(first_day__lte=day, last_day__gte=day)
    return current.order_by("pk")


def stood_in_for(user: User, *, at: datetime) -> set[int]:
    """The keys of the people whose deputy this person is at that moment."""
    deputies = dict(absences_at(at).values_list("user_id", "deputy_id"))
    found, next_ = set[int](), {user.pk}
    while next_:
        found |= next_
        next_ = {a for a, deputy in deputies.items() if deputy in next_} - found
    return found - {user.pk}


def leads(user: User, role: Role, *, at: datetime) -> bool:
    """Whether this person, or somebody they stand in for, is the role's lead."""
    if not (user.is_active and user.is_staff):
        return False
    people = {user.pk} | stood_in_for(user, at=at)
    return Lead.objects.filter(user__in=people, role__name=role).exists()


def is_above(user: User, other: User, *, at: datetime) -> bool:
    """Whether this person, or somebody they stand in for, is the other's superior."""
    if not (user.is_active and user.is_staff):
        return False
    return other.superior_id in {user.pk} | stood_in_for(user, at=at)
