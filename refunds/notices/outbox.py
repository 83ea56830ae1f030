"""Writing notices where something happened, and sending what is written.

Exactly once is the row: `key` is unique. Mail itself leaves at least once, under a
Message-ID that stays the same, so that a repeat is recognised as one.
"""

import contextlib
import logging
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from accounts.models import User
from refunds.models import Deadline, Event, Notice, RefundRequest
from refunds.notices.mail import compose
from refunds.notices.recipients import Directory
from refunds.rows import insert
from refunds.states import State

# What the customer is told of, by the state entered; each has a template.
CUSTOMER_HEARS = (
    State.SUBMITTED,
    State.AWAITING_INFORMATION,
    State.OFFERED,
    State.REJECTED,
    State.AGREED,
    State.REFUNDED,
    State.PAYOUT_BLOCKED,
    State.FULFILLED,
    State.LAPSED,
    State.CLOSED,
    State.WITHDRAWN,
    State.REJECTED_FINALLY,
)
# What brings work back to the staff; they hear of the rest by their deadlines.
STAFF_HEARS = (
    "supply_information",
    "propose_otherwise",
    "bring_new_evidence",
    "appeal",
    "propose",
    "send_back",
    "reopen",
)
# Whoever has the case in hand is not who goes on with these.
FOR_ANOTHER_ROLE = ("propose", "reopen")
ROLE_OF_STATE = {
    State.PRELIMINARY_REVIEW: Deadline.Owner.FIRST_LINE,
    State.EVALUATION: Deadline.Owner.EVALUATOR,
    State.PENDING_APPROVAL: Deadline.Owner.APPROVER,
    State.APPEALED: Deadline.Owner.EVALUATOR,
    State.PAYOUT_BLOCKED: Deadline.Owner.FINANCE,
}
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
# A pass ends well before its claims do, however slow the server is.
CLAIM, LONGEST_PASS = timedelta(minutes=5), timedelta(minutes=2)
log = logging.getLogger(__name__)


def tell_of_move(request: RefundRequest, event: Event) -> None:
    """Writes what a transition causes, in the same transaction."""
    directory = Directory([request], at=event.at)
    if event.to_state in CUSTOMER_HEARS and event.from_state != event.to_state:
        people = directory.owners_of(request)
        _write(request, event, f"customer_{event.to_state}", people)
    if event.kind in STAFF_HEARS:
        handler = None if event.kind in FOR_ANOTHER_ROLE else request.handler
        role = ROLE_OF_STATE[State(event.to_state)]
        people = [handler] if handler else directory.leads_of(role)
        kind = "staff_reopened" if event.kind == "reopen" else "staff_returned"
        _write(request, event, kind, directory.present(people))
    handler = request.handler
    if event.kind == "hand_over" and handler and handler.pk != event.actor_id:
        _write(request, event, "staff_handed_over", directory.present([handler]))


def tell_owners(request: RefundRequest, event: Event, kind: str) -> None:
    """Of what is no transition; in the same transaction."""
    directory = Directory([request], at=event.at)
    _write(request, event, kind, directory.owners_of(request))


def tell_role(
    request: RefundRequest, event: Event, kind: str, *, role: Deadline.Owner
) -> None:
    """The lead of a role, or whoever has it, of what waits for them there."""
    directory = Directory([request], at=event.at)
    people = directory.present(directory.leads_of(role))
    _write(request, event, kind, people)


def _write(
    request: RefundRequest, event: Event, kind: str, people: Iterable[User]
) -> None:
    outside = kind.startswith("customer_")
    due_at = request.due_at if outside else None
    naming = {
        "account_needed": outside and request.waits_for_account(),
        "due_at": due_at.isoformat() if due_at else None,
    }
    write_notices(
        new_notice(
            key=f"event:{request.pk}:{event.position}:{kind}:{person.pk}",
            kind=kind,
            request=request,
            recipient=person,
            at=event.at,
            data={"reason": event.reason, **event.data} | naming,
        )
        for person in people
    )


def new_notice(
    *,
    key: str,
    kind: str,
    request: RefundRequest,
    recipient: User,
    at: datetime,
    data: dict[str, Any],
    deadline: Deadline | None = None,
) -> Notice:
    return Notice(
        key=key,
        kind=kind,
        request_id=request.pk,
        deadline_id=deadline.pk if deadline else None,
        recipient_id=recipient.pk,
        data=data,
        written_at=at,
        next_try_at=at,
    )


def write_notices(notices: Iterable[Notice]) -> None:
    """One statement; a notice whose key stands already is left as it is."""
    insert(list(notices), but_known=True)


def send_due(*, at: datetime, limit: int = 200) -> int:
    """Sends what is due and returns how many left. A fault postpones, never loses.

    A server that can't be reached keeps all waiting; a mail that it won't take, or that
    breaks the connection, is put off alone, later each time, and the next one goes out.
    """
    waiting = deque(_claim(at=at, limit=limit))
    ends = monotonic() + LONGEST_PASS.total_seconds()
    sent = 0
    with contextlib.closing(get_connection()) as server:
        while waiting and monotonic() < ends:
            try:
                server.open()
            except OSError as fault:
                _keep_waiting(waiting, at=at + FIRST_PAUSE, fault=str(fault))
                return sent
            sent += _send(waiting.popleft(), server, at=at)
    _keep_waiting(waiting, at=at)
    return sent


def _send(notice: Notice, server: BaseEmailBackend, *, at: datetime) -> bool:
    try:
        _deliver(notice, server)
    except Exception as fault:
        if not isinstance(fault, OSError):  # smtplib's errors are OSErrors
            log.exception("notice %s can't be sent", notice.pk)
        _postpone(notice, at=at, fault=str(fault))
        # Whatever state the fault left the connection in, the next mail has its own.
        server.close()
        return False
    Notice.objects.filter(pk=notice.pk).update(
        sent_at=at, next_try_at=None, tries=notice.tries + 1, fault=""
    )
    return True


def _deliver(notice: Notice, server: BaseEmailBackend) -> None:
    if not server.send_messages([compose(notice)]):
        raise ValueError("There is no address to send it to.")


def _claim(*, at: datetime, limit: int) -> list[Notice]:
    """Takes due rows for a few minutes; who dies with them, loses nothing."""
    with transaction.atomic():
        due = Notice.objects.filter(next_try_at__lte=at).order_by("next_try_at")
        locked = due.select_for_update(skip_locked=True)
        taken = [notice.pk for notice in locked[:limit]]
        Notice.objects.filter(pk__in=taken).update(next_try_at=at + CLAIM)
    related = ("recipient", "request__service", "request__contract", "deadline")
    claimed = Notice.objects.filter(pk__in=taken).select_related(*related)
    return list(claimed.order_by("pk"))


def _postpone(notice: Notice, *, at: datetime, fault: str) -> None:
    pause = min(FIRST_PAUSE * 2**notice.tries, LONGEST_PAUSE)
    Notice.objects.filter(pk=notice.pk).update(
        next_try_at=at + pause, tries=notice.tries + 1, fault=fault
    )


def _keep_waiting(
    notices: Iterable[Notice], *, at: datetime, fault: str | None = None
) -> None:
    """Not their fault, so no try of theirs."""
    changes = {"next_try_at": at} | ({"fault": fault} if fault is not None else {})
    rows = Notice.objects.filter(pk__in=[notice.pk for notice in notices])
    rows.filter(sent_at=None).update(**changes)
