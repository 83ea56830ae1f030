"""A deadline in words: who, what, when, how long. For customers and for the console."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from refunds.clock.calendars import calendar_with, corrections_among, overrides_of
from refunds.clock.deadlines import due_after, local_day
from refunds.models import CalendarOverride, Deadline, RefundRequest
from refunds.policy.calendar import WorkingDays
from refunds.templatetags.makegood import when_plain

Kind, CUSTOMER = Deadline.Kind, Deadline.Owner.CUSTOMER
# Whole sentences; %(when)s is the due moment, %(left)s what is left of it.
TO_CUSTOMER: dict[str, str | Promise] = {
    Kind.PRELIMINARY_REVIEW: gettext_lazy(
        "We check your request by %(when)s (%(left)s)."
    ),
    Kind.EVALUATION: gettext_lazy("We decide by %(when)s (%(left)s)."),
    Kind.APPROVAL: gettext_lazy("We decide by %(when)s (%(left)s)."),
    Kind.INFORMATION: gettext_lazy(
        "Your answer by %(when)s (%(left)s). After that the request closes; for 90 "
        "days you can take it up again."
    ),
    Kind.ANSWER: gettext_lazy(
        "Your answer by %(when)s (%(left)s). After that the request closes; for 90 "
        "days you can take it up again."
    ),
    Kind.APPEAL: gettext_lazy("You can appeal until %(when)s (%(left)s)."),
    Kind.APPEAL_DECISION: gettext_lazy(
        "We decide on your appeal by %(when)s (%(left)s)."
    ),
    Kind.INVOICE_REVERSAL: gettext_lazy(
        "We correct the invoice by %(when)s (%(left)s)."
    ),
    Kind.PAYOUT_BLOCKED: gettext_lazy(
        "The refund is held up. We get back to you by %(when)s (%(left)s)."
    ),
    Kind.PAYOUT: gettext_lazy("Your money is back by %(when)s (%(left)s)."),
    Kind.ALTERNATIVE: gettext_lazy(
        "We carry out what was agreed by %(when)s (%(left)s)."
    ),
}
NAME_AN_ACCOUNT = gettext_lazy(
    "The account that you paid from takes the money no longer. Name another one by "
    "%(when)s (%(left)s); until then the money is set aside for you."
)
TO_CUSTOMER_LATE = gettext_lazy(
    "We are late. You were to hear from us by %(when)s, and we are sorry. Your request "
    "is now with the team lead, and you hear from us by %(anew)s."
)
PROVISIONAL = gettext_lazy(
    "%(sentence)s This date is provisional: the holidays of that year are not "
    "announced yet."
)
# Late, we promise again: so many working days after the first promise, and so on.
PROMISED_AGAIN = 2


@dataclass(frozen=True)
class Owed:
    """One running deadline as a page shows it; `tone` names its colour."""

    deadline: Deadline
    sentence: str
    left: str
    late: bool
    today: bool

    @property
    def tone(self) -> str:
        if self.late:
            return "red"
        by_customer = self.deadline.owner == CUSTOMER
        return "amber" if by_customer else "blue"


def owed_to_customer(request: RefundRequest, *, at: datetime) -> Owed | None:
    """The deadline that matters to the customer now."""
    return owed_to_customers([request], at=at).get(request.pk)


def owed_to_customers(
    requests: Iterable[RefundRequest], *, at: datetime
) -> dict[int, Owed]:
    """By the request's key; the queries don't grow with their number."""
    found = {}
    for request, running, calendar in _running_of(requests):
        spoken = [d for d in running if d.kind in TO_CUSTOMER]
        if spoken:
            found[request.pk] = _to_customer(spoken[0], calendar, at)
    return found


def _to_customer(deadline: Deadline, calendar: WorkingDays, at: datetime) -> Owed:
    owed = _owed(deadline, calendar, at)
    if (deadline.kind, deadline.owner) == (Kind.PAYOUT_BLOCKED, CUSTOMER):
        return _worded(owed, str(NAME_AN_ACCOUNT))
    if not owed.late or deadline.owner == CUSTOMER:
        return _worded(owed, str(TO_CUSTOMER[Kind(deadline.kind)]))
    anew = promised_again(calendar, deadline.due_at, at=at)
    return _worded(owed, str(TO_CUSTOMER_LATE), anew=when_plain(anew))


def promised_again(
    calendar: WorkingDays, due_at: datetime, *, at: datetime
) -> datetime:
    """By when a late answer comes: a date that stands for two working days at least,
    rather than moving on each morning."""
    late = calendar.between(local_day(calendar, due_at), local_day(calendar, at))
    steps = max(-(-late // PROMISED_AGAIN), 1)
    again = due_after(calendar, due_at, days=steps * PROMISED_AGAIN)
    if again > at:
        return again
    return due_after(calendar, due_at, days=(steps + 1) * PROMISED_AGAIN)


def owed_in_console(request: RefundRequest, *, at: datetime) -> list[Owed]:
    """Every running deadline, the first due first."""
    return owed_in_lists([request], at=at)[request.pk]


class Running(NamedTuple):
    """What is owed in some requests, and their calendars. Each asks when it is read."""

    deadlines: QuerySet[Deadline]
    overrides: QuerySet[CalendarOverride]


def running_in(requests: Iterable[RefundRequest]) -> Running:
    """They come with their contract; the queries don't grow with their number."""
    requests = list(requests)
    deadlines = Deadline.objects.filter(
        request__in=[request.pk for request in requests], closed_at=None, left=None
    )
    countries = {request.contract.calendar for request in requests}
    return Running(
        deadlines.select_related("user").order_by("due_at", "pk"),
        overrides_of(sorted(countries)),
    )


def owed_in_lists(
    requests: Iterable[RefundRequest], *, at: datetime, running: Running | None = None
) -> dict[int, list[Owed]]:
    """By the request's key; the queries don't grow with their number."""
    text = _("%(what)s due %(when)s (%(left)s), owed by %(who)s")
    return {
        request.pk: [_worded(_owed(d, calendar, at), text) for d in deadlines]
        for request, deadlines, calendar in _running_of(requests, running)
    }


def _running_of(
    requests: Iterable[RefundRequest], running: Running | None = None
) -> Iterator[tuple[RefundRequest, list[Deadline], WorkingDays]]:
    """Each with its running deadlines, the first due first, and its calendar."""
    by_key = {request.pk: request for request in requests}
    running = running or running_in(by_key.values())
    found: dict[int, list[Deadline]] = defaultdict(list)
    for deadline in running.deadlines:
        found[deadline.request_id].append(deadline)
    calendars: dict[tuple[str, str], WorkingDays] = {}
    for key, request in by_key.items():
        contract = request.contract
        place = contract.calendar, contract.time_zone
        if place not in calendars:
            corrections = corrections_among(running.overrides, place[0])
            calendars[place] = calendar_with(
                corrections, country=place[0], time_zone=place[1]
            )
        yield request, found[key], calendars[place]


def how_long(calendar: WorkingDays, due_at: datetime, *, at: datetime) -> str:
    """What is left, in working days after today; hours on the last day."""
    today, due_day = local_day(calendar, at), local_day(calendar, due_at)
    if at > due_at:
        late = max(calendar.between(due_day, today), 1)
        return ngettext(
            "%(count)s working day late", "%(count)s working days late", late
        ) % {"count": late}
    days = calendar.between(today, due_day)
    if days:
        return ngettext(
            "%(count)s working day left", "%(count)s working days left", days
        ) % {"count": days}
    hours = int((due_at - at).total_seconds() // 3600)
    if not hours:
        return _("less than 1 hour left")
    return ngettext("%(count)s hour left", "%(count)s hours left", hours) % {
        "count": hours
    }


def _owed(deadline: Deadline, calendar: WorkingDays, at: datetime) -> Owed:
    return Owed(
        deadline=deadline,
        sentence="",
        left=how_long(calendar, deadline.due_at, at=at),
        late=at > deadline.due_at,
        today=local_day(calendar, at) == local_day(calendar, deadline.due_at),
    )


def _worded(owed: Owed, text: str, **more: str) -> Owed:
    deadline = owed.deadline
    sentence = text % {
        **more,
        "what": str(deadline.get_kind_display()).capitalize(),
        "when": when_plain(deadline.due_at),
        "left": owed.left,
        "who": deadline.user or deadline.get_owner_display(),
    }
    if deadline.provisional:
        sentence = PROVISIONAL % {"sentence": sentence}
    return Owed(deadline, sentence, owed.left, owed.late, owed.today)
