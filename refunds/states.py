"""The states of a request, and whose turn each is. The moves are in lifecycle.py."""

from django.db import models
from django.utils.translation import pgettext_lazy

from accounts.models import Role


class State(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("state", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("state", "Waiting for first check")
    PRELIMINARY_REVIEW = (
        "preliminary_review",
        pgettext_lazy("state", "In first check"),
    )
    AWAITING_INFORMATION = (
        "awaiting_information",
        pgettext_lazy("state", "Waiting for documents"),
    )
    EVALUATION = "evaluation", pgettext_lazy("state", "In evaluation")
    PENDING_APPROVAL = "pending_approval", pgettext_lazy("state", "In second check")
    OFFERED = "offered", pgettext_lazy("state", "Waiting for the customer")
    REJECTED = "rejected", pgettext_lazy("state", "Declined")
    APPEALED = "appealed", pgettext_lazy("state", "In appeal")
    AGREED = "agreed", pgettext_lazy("state", "Agreed")
    INVOICING = "invoicing", pgettext_lazy("state", "Invoice being corrected")
    PAYING = "paying", pgettext_lazy("state", "Refund on its way")
    PAYOUT_BLOCKED = "payout_blocked", pgettext_lazy("state", "Refund held up")
    FULFILLING = "fulfilling", pgettext_lazy("state", "Being carried out")
    REFUNDED = "refunded", pgettext_lazy("state", "Refunded")
    FULFILLED = "fulfilled", pgettext_lazy("state", "Carried out")
    LAPSED = "lapsed", pgettext_lazy("state", "Lapsed")
    CLOSED = "closed", pgettext_lazy("state", "Closed")
    WITHDRAWN = "withdrawn", pgettext_lazy("state", "Withdrawn")
    REJECTED_FINALLY = (
        "rejected_finally",
        pgettext_lazy("state", "Declined after appeal"),
    )


S = State
ENDED = (
    S.REFUNDED,
    S.FULFILLED,
    S.LAPSED,
    S.CLOSED,
    S.WITHDRAWN,
    S.REJECTED_FINALLY,
)
OPEN = tuple(state for state in State if state not in (S.DRAFT, *ENDED))
# One at a time per service and ground, until its money goes: what comes back days later
# reopens its request, and goes again even beside a newer one.
MONEY_GOES = (S.PAYING, S.PAYOUT_BLOCKED, S.FULFILLING)
ONE_AT_A_TIME = tuple(state for state in OPEN if state not in MONEY_GOES)
WITH_THE_CUSTOMER = (S.DRAFT, S.AWAITING_INFORMATION, S.OFFERED, S.REJECTED)
# Where somebody of the staff takes the case in hand before deciding it.
IN_HAND: dict[str, Role] = {
    S.SUBMITTED: Role.FIRST_LINE,
    S.PRELIMINARY_REVIEW: Role.FIRST_LINE,
    S.EVALUATION: Role.EVALUATOR,
    S.APPEALED: Role.EVALUATOR,
}
UNCLAIMED = (S.SUBMITTED, S.EVALUATION, S.APPEALED)
# Where somebody has it in hand, or gets it back once the others have answered.
HANDED_OVER_IN = (
    S.PRELIMINARY_REVIEW,
    S.AWAITING_INFORMATION,
    S.EVALUATION,
    S.PENDING_APPROVAL,
    S.OFFERED,
    S.REJECTED,
    S.APPEALED,
)


def role_in_hand(state: str, *, came_from: str) -> Role:
    """Whose case it is, or will be again when it comes back."""
    waits = state in (S.AWAITING_INFORMATION, S.REJECTED)
    return IN_HAND.get(came_from if waits else state, Role.EVALUATOR)
