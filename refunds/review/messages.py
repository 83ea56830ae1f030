"""What both sides say to each other, and notes that stay inside."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from refunds.errors import NotPermitted, RefundError
from refunds.models import Message, RefundRequest
from refunds.record.events import record
from refunds.step import lock

WRITERS = {
    Role.FIRST_LINE,
    Role.EVALUATOR,
    Role.APPROVER,
    Role.FINANCE,
    Role.ACCOUNT_MANAGER,
}


def write(
    request: RefundRequest,
    *,
    by: User,
    at: datetime,
    words: str,
    internal: bool = False,
) -> Message:
    """A message to the other side, or a note among the staff."""
    if not words.strip():
        raise RefundError(_("Write your message."), field="words")
    with transaction.atomic():
        locked = lock(request)
        from_customer = locked.is_member(by)
        if not from_customer and not by.roles & WRITERS:
            raise NotPermitted(_("You can read this request, not write on it."))
        if from_customer and internal:
            raise NotPermitted(_("You belong to this customer; notes are for others."))
        message = Message.objects.create(
            request=locked,
            author=by,
            from_customer=from_customer,
            internal=internal,
            words=words,
            at=at,
        )
        kind = "note" if internal else "message"
        record(locked, kind, by=by, at=at, data={"message": message.pk})
    return message
