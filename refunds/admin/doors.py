"""Which moves the console offers, with what form, and through which verb.

A door decides nothing: the verb's step does. It asks `why_not` only to show the
buttons this person may press now, and why the others can't be pressed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from refunds.admin.door_forms import (
    ApproveForm,
    DoorForm,
    FindingForm,
    FulfilForm,
    HandOverForm,
    MessageForm,
    NoteForm,
    OfferForm,
    ReasonForm,
    RejectForm,
    TagsForm,
    WhyForm,
    WordsForm,
)
from refunds.errors import Words
from refunds.guards import BY_EVALUATOR, PUTS_DOWN, SOMEBODY_HAS_IT, Permission
from refunds.lifecycle import Lifecycle
from refunds.models import RefundRequest
from refunds.payouts.release import release
from refunds.payouts.retry import retry
from refunds.review import hands
from refunds.review.appeal import decide_appeal
from refunds.review.approval import approve, send_back
from refunds.review.findings import establish
from refunds.review.fulfilment import fulfil
from refunds.review.handover import hand_over
from refunds.review.information import ask_for_information
from refunds.review.messages import write
from refunds.review.offer import offer
from refunds.review.rejection import reject
from refunds.review.tags import WHO_TAGS, tag
from refunds.states import State
from refunds.step import why_not

Beforehand = Callable[[RefundRequest, User], Words | None]


@dataclass(frozen=True)
class Door:
    """`verb(request, by=, at=, **cleaned)`; `move` is the transition it makes, or ""
    for what is none; `states` where that is worth showing. `beforehand` looks at the
    person alone, where the rest shows only with what the form brings.

    An `outcome` has a number on the keyboard. What `ends` this person's part brings the
    next case."""

    name: str
    move: str
    label: str | Promise
    verb: Callable[..., Any]
    form: type[DoorForm] = DoorForm
    primary: bool = False
    states: tuple[str, ...] = ()
    beforehand: Beforehand | None = None
    outcome: bool = False
    ends: bool = False


def _appeal(move: str) -> Callable[..., None]:
    def decide(request: RefundRequest, *, by: User, at: datetime, words: str) -> None:
        decide_appeal(request, by=by, at=at, move=move, words=words)

    return decide


def _note(request: RefundRequest, *, by: User, at: datetime, words: str) -> None:
    write(request, by=by, at=at, words=words, internal=True)


def _tag(request: RefundRequest, *, by: User, at: datetime, tags: list[str]) -> None:
    tag(request, by=by, at=at, codes=tags)


def _person(permission: Permission) -> Beforehand:
    def beforehand(request: RefundRequest, user: User) -> Words | None:
        unmet = permission.unmet(request, user)
        return unmet.words if unmet else None

    return beforehand


def _hands_over(request: RefundRequest, user: User) -> Words | None:
    if not SOMEBODY_HAS_IT(request):
        return SOMEBODY_HAS_IT.words
    return _person(PUTS_DOWN)(request, user)


def _tags(request: RefundRequest, user: User) -> Words | None:
    return _person(WHO_TAGS[request.state])(request, user)


S = State
DOORS = (
    Door("claim", "claim", _("Claim"), hands.claim, primary=True),
    Door("take_up", "take_up", _("Claim"), hands.claim, primary=True),
    Door("take_appeal", "take_appeal", _("Claim the appeal"), hands.claim),
    Door(
        "pass_on",
        "pass_on",
        _("Pass on to evaluation"),
        hands.pass_on,
        ReasonForm,
        primary=True,
        outcome=True,
        ends=True,
    ),
    Door(
        "offer",
        "offer",
        _("Make the offer"),
        offer,
        OfferForm,
        primary=True,
        beforehand=_person(BY_EVALUATOR),
        outcome=True,
        ends=True,
    ),
    Door(
        "approve",
        "approve",
        _("Approve"),
        approve,
        ApproveForm,
        primary=True,
        outcome=True,
        ends=True,
    ),
    Door(
        "send_back",
        "send_back",
        _("Send back"),
        send_back,
        WhyForm,
        outcome=True,
        ends=True,
    ),
    Door(
        "ask_for_information",
        "ask_for_information",
        _("Ask for information"),
        ask_for_information,
        WordsForm,
        outcome=True,
        ends=True,
    ),
    Door(
        "reject",
        "reject",
        pgettext_lazy("verb", "Decline"),
        reject,
        RejectForm,
        outcome=True,
        ends=True,
    ),
    Door(
        "uphold_appeal",
        "uphold_appeal",
        _("Uphold the appeal"),
        _appeal("uphold_appeal"),
        WordsForm,
        outcome=True,
    ),
    Door(
        "reject_finally",
        "reject_finally",
        _("Decline the appeal"),
        _appeal("reject_finally"),
        WordsForm,
        outcome=True,
        ends=True,
    ),
    Door(
        "let_offer_stand",
        "let_offer_stand",
        _("Let the offer stand"),
        _appeal("let_offer_stand"),
        WordsForm,
        outcome=True,
        ends=True,
    ),
    Door("pay", "pay", _("Release the payout"), release, primary=True, outcome=True),
    Door(
        "retry_payout", "retry_payout", _("Try the payout again"), retry, outcome=True
    ),
    Door(
        "fulfil",
        "fulfil",
        _("It is carried out"),
        fulfil,
        FulfilForm,
        primary=True,
        outcome=True,
    ),
    Door("release", "release", _("Give back"), hands.release),
    Door("put_down", "put_down", _("Give back"), hands.release),
    Door(
        "hand_over",
        "hand_over",
        _("Hand over"),
        hand_over,
        HandOverForm,
        beforehand=_hands_over,
    ),
    Door(
        "finding",
        "",
        _("Record a finding"),
        establish,
        FindingForm,
        states=(S.EVALUATION,),
        beforehand=_person(BY_EVALUATOR),
    ),
    Door(
        "tags",
        "",
        _("Reason tags"),
        _tag,
        TagsForm,
        states=tuple(WHO_TAGS),
        beforehand=_tags,
    ),
    Door("note", "", _("Internal note"), _note, NoteForm, states=tuple(S)),
    Door(
        "message", "", _("Message to the customer"), write, MessageForm, states=tuple(S)
    ),
)
BY_NAME = {door.name: door for door in DOORS}


def standing_doors(
    request: RefundRequest, user: User, *, at: datetime
) -> tuple[list[Door], list[tuple[Door, Words]]]:
    """Those this person may use now, and those of this state with what forbids them."""
    open_doors, shut = [], []
    for door in DOORS:
        if not door.move or not _concerns(door, request):
            continue
        words = forbids(door, request, user, at)
        if words is None:
            open_doors.append(door)
        else:
            shut.append((door, words))
    return open_doors, shut


def side_doors(request: RefundRequest, user: User, *, at: datetime) -> list[Door]:
    """What is no transition: findings, tags, notes, messages."""
    return [
        door
        for door in DOORS
        if not door.move
        and _concerns(door, request)
        and forbids(door, request, user, at) is None
    ]


def _concerns(door: Door, request: RefundRequest) -> bool:
    if not door.move:
        return request.state in door.states
    sources = getattr(Lifecycle, door.move)._django_fsm.transitions
    return request.state in sources


def forbids(
    door: Door, request: RefundRequest, user: User, at: datetime
) -> Words | None:
    """What shuts a door to this person, or None."""
    if door.beforehand is not None and _concerns(door, request):
        request.moment = at
        return door.beforehand(request, user)
    return why_not(request, door.move, by=user, at=at) if door.move else None
