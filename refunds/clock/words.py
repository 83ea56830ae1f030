"""A deadline in words: who, what, when, how long. For customers and for the console."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from refunds.clock.calendars import working_days
from refunds.clock.deadlines import local_day
from refunds.models import Deadline, RefundRequest
from refunds.policy.calendar import WorkingDays
from refunds.templatetags.makegood import when_plain

Kind = Deadline.Kind
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
TO_CUSTOMER_LATE = gettext_lazy(
    "We are late. You were to hear from us by %(when)s, and we are sorry. Your request "
    "is now with the team lead; you need do nothing."
)


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
        by_customer = self.deadline.owner == Deadline.Owner.CUSTOMER
        return "amber" if by_customer else "blue"


def owed_to_customer(request: RefundRequest, *, at: datetime) -> Owed | None:
    """The deadline that matters to the customer now."""
    calendar = _calendar(request)
    running = _running(request)
    spoken = [d for d in running if d.kind in TO_CUSTOMER]
    if not spoken:
        return None
    owed = _owed(spoken[0], calendar, at)
    staff_late = owed.late and owed.tone == "red" and not _is_customers(spoken[0])
    text = TO_CUSTOMER_LATE if staff_late else TO_CUSTOMER[spoken[0].kind]
    return _worded(owed, str(text))


def owed_in_console(request: RefundRequest, *, at: datetime) -> list[Owed]:
    """Every running deadline, the first due first."""
    calendar = _calendar(request)
    text = _("%(what)s due %(when)s (%(left)s), owed by %(who)s")
    return [_worded(_owed(d, calendar, at), text) for d in _running(request)]


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


def _running(request: RefundRequest) -> list[Deadline]:
    running = request.deadlines.filter(closed_at=None, left=None)
    return list(running.select_related("user").order_by("due_at"))


def _calendar(request: RefundRequest) -> WorkingDays:
    contract = request.contract
    return working_days(country=contract.calendar, time_zone=contract.time_zone)


def _owed(deadline: Deadline, calendar: WorkingDays, at: datetime) -> Owed:
    return Owed(
        deadline=deadline,
        sentence="",
        left=how_long(calendar, deadline.due_at, at=at),
        late=at > deadline.due_at,
        today=local_day(calendar, at) == local_day(calendar, deadline.due_at),
    )


def _worded(owed: Owed, text: str) -> Owed:
    deadline = owed.deadline
    sentence = text % {
        "what": str(deadline.get_kind_display()).capitalize(),
        "when": when_plain(deadline.due_at),
        "left": owed.left,
        "who": deadline.user or deadline.get_owner_display(),
    }
    return Owed(deadline, sentence, owed.left, owed.late, owed.today)


def _is_customers(deadline: Deadline) -> bool:
    return deadline.owner == Deadline.Owner.CUSTOMER
