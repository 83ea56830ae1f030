"""We are late, and the customer says so to the superior of who owes it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import NotPermitted, RefundError
from refunds.guards import A_MEMBER
from refunds.models import Deadline, Message, RefundRequest
from refunds.notices.outbox import new_notice, write_notices
from refunds.notices.recipients import Directory
from refunds.record.events import record
from refunds.step import lock


class NotLate(RefundError):
    words = _("Nothing is late any more. This is where your request stands now.")


class ComplainedAlready(RefundError):
    words = _(
        "You complained about this already; it is with the team lead, who answers you."
    )


def late_of_ours(request: RefundRequest, *, at: datetime) -> Deadline | None:
    """What the staff owed first and have not done; what was not complained of goes
    before what was."""
    late = request.deadlines.filter(closed_at=None, left=None, due_at__lt=at)
    owed = late.exclude(owner=Deadline.Owner.CUSTOMER)
    rows = list(owed.select_related("user__superior").order_by("due_at"))
    return next((row for row in rows if not _complained(row)), next(iter(rows), None))


def may_complain(request: RefundRequest, *, by: User, at: datetime) -> bool:
    late = late_of_ours(request, at=at)
    return late is not None and request.is_member(by) and not _complained(late)


def complain(
    request: RefundRequest, *, by: User, at: datetime, words: str = ""
) -> None:
    """Once per deadline. Without words of their own, the plain fact is the message."""
    with transaction.atomic():
        locked = lock(request)
        if not A_MEMBER(locked, by):
            raise NotPermitted(A_MEMBER.words)
        late = late_of_ours(locked, at=at)
        if late is None:
            raise NotLate
        if _complained(late):
            raise ComplainedAlready
        message = Message.objects.create(
            request=locked,
            author=by,
            from_customer=True,
            words=words.strip() or gettext("This is late. Please see to it."),
            at=at,
        )
        data = {"deadline": late.kind, "message": message.pk}
        record(locked, "complain", by=by, at=at, data=data)
        late.request = locked
        _tell(late, message)


def _complained(late: Deadline) -> bool:
    told = late.request.events.filter(kind="complain", at__gte=late.started_at)
    return told.filter(data__deadline=late.kind).exists()


def _tell(late: Deadline, message: Message) -> None:
    """The superiors; where there is none, who owes it hears of it themselves."""
    directory = Directory([late.request], at=message.at)
    owing = directory.who_owes(late)
    people = directory.superiors(owing) or directory.leads_of(late.owner) or owing
    write_notices(
        new_notice(
            key=f"complaint:{late.pk}:{person.pk}",
            kind="staff_complaint",
            request=late.request,
            deadline=late,
            recipient=person,
            at=message.at,
            data={"words": message.words},
        )
        for person in directory.present(people)
    )
