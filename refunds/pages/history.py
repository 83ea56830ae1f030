"""The event log in words. Customers see what concerns them, staff see all of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from refunds.models import Event, RefundRequest
from refunds.pages.payout_words import code_in_words
from refunds.states import State

WORDS: dict[str, str | Promise] = {
    "submit": _("Request sent"),
    "withdraw": _("Request withdrawn"),
    "supply_information": _("Information supplied"),
    "accept": _("Offer accepted"),
    "propose_otherwise": _("Something else proposed"),
    "appeal": _("Appeal made"),
    "bring_new_evidence": _("New evidence brought"),
    "take_up_again": _("Request taken up again"),
    "claim": _("First check begun"),
    "release": _("Given back unclaimed"),
    "pass_on": _("Passed on to evaluation"),
    "ask_for_information": _("Information asked for"),
    "reject": _("Declined"),
    "hand_over": _("Handed over"),
    "take_up": _("Evaluation begun"),
    "put_down": _("Given back"),
    "offer": _("Offer made"),
    "propose": _("Offer proposed for approval"),
    "approve": _("Offer approved"),
    "send_back": _("Sent back to evaluation"),
    "take_appeal": _("Appeal taken in hand"),
    "uphold_appeal": _("Appeal upheld"),
    "reject_finally": _("Appeal declined"),
    "let_offer_stand": _("Appeal declined; the offer stands"),
    "agree_automatically": _("Agreed by the records alone"),
    "left_to_people": _("Left to a person to decide"),
    "lapse": _("Time to answer is over"),
    "close": _("Closed"),
    "correct_invoice": _("Invoice has to be corrected"),
    "pay": _("Refund released"),
    "settle": _("Refund arrived"),
    "block_payout": _("Refund held up"),
    "retry_payout": _("Refund tried again"),
    "reopen": _("Refund came back"),
    "carry_out": _("What was agreed is being carried out"),
    "fulfil": _("What was agreed is carried out"),
    "reminded": _("Reminder sent"),
    "complain": _("Complaint that we are late"),
    "tagged": _("Reason tags set"),
    "evidence_added": _("Evidence added"),
    "evidence_checked": _("Evidence checked"),
    "measurement_added": _("Measurement added"),
    "measurement_checked": _("Measurement checked"),
    "deadline_moved": _("Due date moved by the calendar"),
    "file_exported": _("Case file exported"),
    "message": _("Message written"),
    "note": _("Internal note written"),
    "finding": _("Finding recorded"),
    "assessed": _("Assessed anew"),
    "evidence_downloaded": _("Evidence downloaded"),
    "payout_sent": _("Refund sent to the route"),
    "payout_processing": _("Refund under way at the route"),
    "payout_unknown": _("Refund being checked with the route"),
    "payout_held": _("Refund waits"),
    "payout_needs_action": _("Refund needs a person"),
    "payout_succeeded": _("Refund confirmed by the route"),
    "payout_route_closed": _("The original route is closed"),
    "payout_failed": _("Refund attempt failed"),
    "payout_reversed": _("The refund came back to us"),
    "payout_abandoned": _("Refund attempt given up before it was sent"),
    "payout_batched": _("Transfer handed to the bank"),
    "payout_found": _("Finding on the refund recorded"),
    "reversal_planned": _("Correction of an invoice planned"),
    "slip_raised": _("Slip for the red-letter invoice sent to the buyer"),
    "slip_confirmed": _("Slip confirmed by the buyer"),
    "slip_lapsed": _("Slip lapsed unconfirmed"),
    "reversal_done": _("Invoice corrected"),
    "reversal_dropped": _("Correction of an invoice dropped"),
    "account_named": _("Another account named"),
    "account_checked": _("Another account checked"),
    "account_approved": _("Another account approved"),
    "account_refused": _("Another account refused"),
    "dispute_recorded": _("Payment in dispute"),
    "dispute_ended": _("Dispute ended"),
}
# What stays inside: who took a case in hand, and how the staff came to their mind.
INSIDE = frozenset(
    {
        "left_to_people",
        "release",
        "hand_over",
        "tagged",
        "deadline_moved",
        "file_exported",
        "take_up",
        "put_down",
        "propose",
        "approve",
        "send_back",
        "take_appeal",
        "reminded",
        "finding",
        "assessed",
        "note",
        "evidence_downloaded",
        "payout_processing",
        "payout_unknown",
        "payout_held",
        "payout_needs_action",
        "payout_abandoned",
        "payout_found",
        "reversal_planned",
        "reversal_dropped",
        "account_checked",
    }
)


SIGNS: dict[str, str | Promise] = {
    "dispute": _("A payment of the customer is in dispute."),
    "same_rule": _("The customer was refunded under this rule within 90 days."),
    "seen_evidence": _("The same evidence was sent with another request."),
}


@dataclass(frozen=True)
class Line:
    words: str | Promise
    at: datetime
    who: str
    reason: str
    event: Event


def history_for_customer(request: RefundRequest) -> list[Line]:
    events = request.events.exclude(kind__in=INSIDE).select_related("actor")
    lines = [_line(event, outside=True) for event in events.order_by("position")]
    if request.offers.filter(approved_at__isnull=False).exists():
        approved = request.events.filter(kind="approve", to_state=State.OFFERED)
        lines += [
            Line(_("Offer made"), event.at, "Makegood", "", event) for event in approved
        ]
    return sorted(lines, key=lambda line: line.event.position)


AT_ONCE = 50


@dataclass(frozen=True)
class Stretch:
    """`older`: before which position there is more, or None."""

    lines: list[Line]
    older: int | None


def events_before(request: RefundRequest, position: int | None) -> QuerySet[Event]:
    """Newest first, one more than is shown; before that position, or the last ones."""
    events = request.events.select_related("actor").order_by("-position")
    if position is not None:
        events = events.filter(position__lt=position)
    return events[: AT_ONCE + 1]


def history_for_staff(events: Iterable[Event]) -> Stretch:
    """Of what `events_before` finds."""
    found = list(events)
    lines = [_line(event) for event in found[:AT_ONCE]]
    more = len(found) > AT_ONCE
    return Stretch(lines, lines[-1].event.position if more else None)


def _line(event: Event, *, outside: bool = False) -> Line:
    """To the customer, the staff are one."""
    reason = "" if outside else code_in_words(event.reason) or _signs(event)
    who = who_acted(event) if outside else str(event.actor or "Makegood")
    return Line(WORDS.get(event.kind, event.kind), event.at, who, reason, event)


def who_acted(event: Event) -> str:
    """As the customer reads it."""
    actor = event.actor
    return "Makegood" if actor is None or actor.is_staff else str(actor)


def _signs(event: Event) -> str:
    """Why the records alone did not decide."""
    return " ".join(str(SIGNS.get(sign, sign)) for sign in event.data.get("signs", ()))
