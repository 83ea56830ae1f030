"""Writing one line of a request's history. Events begin when it is submitted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from refunds.models import Event, RefundRequest
from refunds.record.chain import digest


def next_event(
    request: RefundRequest,
    *,
    kind: str,
    by: User | None,
    at: datetime,
    from_state: str = "",
    to_state: str = "",
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> Event:
    """The next link of the chain, unsaved; moves the head on the locked `request`."""
    event = Event(
        request_id=request.pk,
        position=request.event_count + 1,
        kind=kind,
        actor=by,
        at=at,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        data=dict(data or {}),
        previous=request.event_head,
    )
    event.digest = digest(event.previous, vars(event))
    request.event_count = event.position
    request.event_head = event.digest
    return event


def record(
    request: RefundRequest,
    kind: str,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Records what is not a transition, under the request's row lock."""
    with transaction.atomic():
        locked = RefundRequest.objects.select_for_update().get(pk=request.pk)
        event = next_event(locked, kind=kind, by=by, at=at, reason=reason, data=data)
        event.save(force_insert=True)
        locked.save(update_fields=["event_count", "event_head"])
    return event
