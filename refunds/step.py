"""The only way to make a transition.

    with step(request, "offer", by=evaluator, at=now, reason=words) as taken:
        Offer.objects.create(request=taken.request, ...)

One transaction: the row is locked and fetched anew; the body gathers what the move
needs, on the locked request; then permission, person and guards are checked, the move
is made, the row saved, one event recorded, deadlines moved, notices written. What
fails, fails whole. Mail and payouts are rows by then; nudges leave after commit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Contract, User
from refunds.clock.board import move_deadlines
from refunds.errors import NotAllowedAnyMore, NotPermitted, Words
from refunds.guards import Permission
from refunds.models import RefundRequest
from refunds.notices.outbox import tell_of_move
from refunds.record.events import next_event
from refunds.record.tags import DECISIONS, frozen_tags
from refunds.states import State


@dataclass
class Step:
    """The request under lock, and the data its event will carry."""

    request: RefundRequest
    data: dict[str, Any] = field(default_factory=dict)


@contextmanager
def step(
    request: RefundRequest,
    move: str,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    held: bool = False,
) -> Iterator[Step]:
    """Raises NotAllowedAnyMore where the state moved on, NotPermitted where a guard
    or a permission refuses; in both cases nothing has changed.

    held  `request` was fetched under its row's lock, in the transaction that is open
          and that ends with whatever is raised here
    """
    with transaction.atomic(savepoint=not held):
        locked = request if held else lock(request)
        locked.moment, locked.actor = at, by
        source = locked.state
        _check_source(locked, move)
        # Before the body, so that nobody learns from its errors what they may not do;
        # and after it, because what it gathered is what some guards look at.
        _check_person(locked, move, by)
        taken = Step(locked)
        yield taken
        if words := why_not(locked, move, by=by, at=at):
            raise NotPermitted(words)
        if move in DECISIONS:
            taken.data["tags"] = frozen_tags(locked)
        getattr(locked, move)()
        event = next_event(
            locked,
            kind=move,
            by=by,
            at=at,
            from_state=source,
            to_state=locked.state,
            reason=reason,
            data=taken.data,
        )
        locked.save()
        event.save(force_insert=True)
        move_deadlines(locked, at=at)
        tell_of_move(locked, event)


def lock(request: RefundRequest) -> RefundRequest:
    """The row as it stands now, nobody else's until the transaction ends."""
    return (
        RefundRequest.objects.select_for_update(of=("self",))
        .select_related("contract", "customer", "service")
        .get(pk=request.pk)
    )


def lock_contract(request: RefundRequest) -> None:
    """Whoever promises money on a contract waits for the others: its facts, cap and
    commitment are shared. Taken after the request's own lock."""
    Contract.objects.select_for_update(no_key=True).get(pk=request.contract_id)


def why_not(
    request: RefundRequest, move: str, *, by: User | None, at: datetime
) -> Words | None:
    """The words that forbid this move to this person now, or None if it is allowed."""
    request.moment = at
    found = _transition(request, move)
    if found is None:
        return NotAllowedAnyMore.brief
    person: Permission = found.permission
    if unmet := person.unmet(request, by):
        return unmet.words
    for condition in found.conditions:
        if not condition(request):
            return condition.words  # type: ignore[no-any-return]
    return None


def _transition(request: RefundRequest, move: str) -> Any:
    meta = getattr(RefundRequest, move)._django_fsm
    return meta.get_transition(request.state)


def _check_person(request: RefundRequest, move: str, by: User | None) -> None:
    unmet = _transition(request, move).permission.unmet(request, by)
    if unmet:
        raise NotPermitted(unmet.words)


def _check_source(request: RefundRequest, move: str) -> None:
    if _transition(request, move) is None:
        raise moved_on(request)


def moved_on(request: RefundRequest) -> NotAllowedAnyMore:
    """The error that says what happened meanwhile, when, and who did it."""
    last = request.events.select_related("actor").order_by("-position").first()
    local = timezone.localtime(last.at) if last else timezone.localtime()
    return NotAllowedAnyMore(
        who=last.actor or "Makegood" if last else "Makegood",
        when=date_format(local, "Y-m-d H:i"),
        state=State(request.state).label,
    )
