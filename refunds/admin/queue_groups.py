"""How near what is due is: the groups of the queue, by Beijing's days."""

from datetime import datetime, time, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy


class Group(models.TextChoices):
    OVERDUE = "overdue", pgettext_lazy("due", "Overdue")
    TODAY = "today", pgettext_lazy("due", "Due today")
    WEEK = "week", pgettext_lazy("due", "Due this week")
    LATER = "later", pgettext_lazy("due", "Due later")
    NOTHING = "nothing", pgettext_lazy("due", "Nothing due any more")


def ends_of(at: datetime) -> tuple[datetime, datetime]:
    """Where that day ends, and its week, on Sunday night."""
    zone = timezone.get_default_timezone()
    day = at.astimezone(zone).date()
    tomorrow = day + timedelta(days=1)
    monday = day + timedelta(days=7 - day.weekday())
    return (
        datetime.combine(tomorrow, time(), zone),
        datetime.combine(monday, time(), zone),
    )


def group_of(due_at: datetime | None, *, at: datetime) -> Group:
    tonight, sunday = ends_of(at)
    if due_at is None:
        return Group.NOTHING
    if due_at < at:
        return Group.OVERDUE
    if due_at < tonight:
        return Group.TODAY
    return Group.WEEK if due_at < sunday else Group.LATER


def within(group: Group, *, at: datetime) -> Q:
    """The requests in that group."""
    tonight, sunday = ends_of(at)
    return {
        Group.OVERDUE: Q(due_at__lt=at),
        Group.TODAY: Q(due_at__gte=at, due_at__lt=tonight),
        Group.WEEK: Q(due_at__gte=tonight, due_at__lt=sunday),
        Group.LATER: Q(due_at__gte=sunday),
        Group.NOTHING: Q(due_at=None),
    }[group]
