"""Which moves the console offers, with what form, and through which verb.

A door decides nothing: the verb's step does. It asks `why_not` only to show the
buttons this person may press now, and why the others can't be pressed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms import MinorUnitsField
from accounts.models import User
from refunds.errors import Words
from refunds.guards import BY_EVALUATOR
from refunds.lifecycle import Lifecycle
from refunds.models import Finding, RefundRequest
from refunds.payouts.release import release
from refunds.payouts.retry import retry
from refunds.review import hands
from refunds.review.appeal import decide_appeal
from refunds.review.approval import approve, send_back
from refunds.review.findings import establish
from refunds.review.information import ask_for_information
from refunds.review.messages import write
from refunds.review.offer import offer
from refunds.review.rejection import reject
from refunds.states import State
from refunds.step import why_not

REASONS = [
    ("", "—"),
    ("out_of_time", _("The time to ask has ended")),
    ("below_threshold", _("Below what the contract refunds")),
    ("already_used", _("Used already")),
    ("service_normal", _("The service works as agreed")),
    ("customer_fault", _("Caused by the customer")),
    ("third_party_fault", _("Caused by a third party")),
    ("not_proven", _("Not proven yet")),
    ("nothing_left", _("Everything has gone back already")),
    ("incomplete", _("The request is incomplete")),
    ("duplicate", _("It was asked for already")),
    ("not_ours", _("Not a service of ours")),
]


def _area(label: Any, *, required: bool = True) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=label, widget=widget, required=required, max_length=5000
    )


class NoForm(forms.Form):
    pass


class ApproveForm(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ReasonForm(forms.Form):
    reason = _area(_("Note for the next colleague"), required=False)


class WhyForm(forms.Form):
    reason = _area(_("What has to change"))


class WordsForm(forms.Form):
    words = _area(_("To the customer"))


class NoteForm(forms.Form):
    words = _area(_("What you write"))


class RejectForm(forms.Form):
    code = forms.ChoiceField(label=_("Why"), choices=REASONS)
    words = _area(_("To the customer"))


class OfferForm(forms.Form):
    amount = MinorUnitsField(label=_("Amount"), max_length=40)
    reason = _area(
        _("Reason, needed where you depart from the computed amount"), required=False
    )


class FindingForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is a fact"), choices=Finding.Kind.choices)
    item = forms.CharField(
        label=_("Item, where one was not delivered"), required=False, max_length=120
    )
    words = _area(_("What it rests on"))


@dataclass(frozen=True)
class Door:
    """`verb(request, by=, at=, **cleaned)`; `move` is the transition it makes, or ""
    for what is none; `states` where it is worth showing."""

    name: str
    move: str
    label: str | Promise
    verb: Callable[..., Any]
    form: type[forms.Form] = NoForm
    primary: bool = False
    states: tuple[str, ...] = ()


def _appeal(move: str) -> Callable[..., None]:
    def decide(request: RefundRequest, *, by: User, at: datetime, words: str) -> None:
        decide_appeal(request, by=by, at=at, move=move, words=words)

    return decide


def _note(request: RefundRequest, *, by: User, at: datetime, words: str) -> None:
    write(request, by=by, at=at, words=words, internal=True)


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
    ),
    Door("offer", "offer", _("Make the offer"), offer, OfferForm, primary=True),
    Door("approve", "approve", _("Approve"), approve, ApproveForm, primary=True),
    Door("send_back", "send_back", _("Send back"), send_back, WhyForm),
    Door(
        "ask_for_information",
        "ask_for_information",
        _("Ask for information"),
        ask_for_information,
        WordsForm,
    ),
    Door("reject", "reject", pgettext_lazy("verb", "Decline"), reject, RejectForm),
    Door(
        "uphold_appeal",
        "uphold_appeal",
        _("Uphold the appeal"),
        _appeal("uphold_appeal"),
        WordsForm,
    ),
    Door(
        "reject_finally",
        "reject_finally",
        _("Decline the appeal"),
        _appeal("reject_finally"),
        WordsForm,
    ),
    Door(
        "let_offer_stand",
        "let_offer_stand",
        _("Let the offer stand"),
        _appeal("let_offer_stand"),
        WordsForm,
    ),
    Door("pay", "pay", _("Release the payout"), release, primary=True),
    Door("retry_payout", "retry_payout", _("Try the payout again"), retry),
    Door("release", "release", _("Give back"), hands.release),
    Door("put_down", "put_down", _("Give back"), hands.release),
    Door(
        "finding",
        "",
        _("Record a finding"),
        establish,
        FindingForm,
        states=(S.EVALUATION,),
    ),
    Door("note", "", _("Internal note"), _note, NoteForm, states=tuple(S)),
    Door("message", "", _("Message to the customer"), write, NoteForm, states=tuple(S)),
)
BY_NAME = {door.name: door for door in DOORS}


def standing_doors(
    request: RefundRequest, user: User, *, at: datetime
) -> tuple[list[Door], list[tuple[Door, Words]]]:
    """Those this person may use now, and those of this state with what forbids them."""
    open_doors, shut = [], []
    for door in DOORS:
        if not _concerns(door, request):
            continue
        words = forbids(door, request, user, at)
        if words is None:
            open_doors.append(door)
        else:
            shut.append((door, words))
    return open_doors, shut


def side_doors(request: RefundRequest) -> list[Door]:
    """What is no transition: findings, notes, messages."""
    return [d for d in DOORS if not d.move and request.state in d.states]


def _concerns(door: Door, request: RefundRequest) -> bool:
    if not door.move:
        return False
    sources = getattr(Lifecycle, door.move)._django_fsm.transitions
    return request.state in sources


def forbids(
    door: Door, request: RefundRequest, user: User, at: datetime
) -> Words | None:
    """What shuts a door to this person, or None. Whether an offer needs a second
    person shows only with its amount, so there the person alone is looked at."""
    if not door.move:
        return None
    if door.name == "offer" and _concerns(door, request):
        unmet = BY_EVALUATOR.unmet(request, user)
        return unmet.words if unmet else None
    return why_not(request, door.move, by=user, at=at)
