"""Writing one line of a request's history, or of a policy's.

A request's begin when it is submitted, a policy's with its first version.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from refunds.models import Event, Policy, PolicyEvent, RefundRequest
from refunds.record.chain import POLICY_CHAINED, digest
from refunds.record.kinds import KINDS, POLICY_KINDS, check


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
    data = dict(data or {})
    check(KINDS, kind, data)
    event = Event(
        request_id=request.pk,
        position=request.event_count + 1,
        kind=kind,
        actor=by,
        at=at,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        data=data,
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


def record_policy(
    policy: Policy,
    kind: str,
    *,
    version: int,
    by: User | None,
    at: datetime,
    data: Mapping[str, Any],
) -> PolicyEvent:
    """The next link of a policy's chain, under the policy's row lock."""
    check(POLICY_KINDS, kind, data)
    with transaction.atomic():
        locked = Policy.objects.select_for_update(no_key=True).get(pk=policy.pk)
        event = PolicyEvent(
            policy_id=locked.pk,
            position=locked.event_count + 1,
            kind=kind,
            version=version,
            actor=by,
            at=at,
            data=dict(data),
            previous=locked.event_head,
        )
        event.digest = digest(event.previous, vars(event), POLICY_CHAINED)
        event.save(force_insert=True)
        locked.event_count, locked.event_head = event.position, event.digest
        locked.save(update_fields=["event_count", "event_head"])
    return event
