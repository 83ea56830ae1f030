"""How a state looks: its tone and icon, and what the customer reads on the tag."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from refunds.states import ENDED, State

S = State
# One tone answers one question: who has the next move, or how did it end?
TONES: dict[str, tuple[str, ...]] = {
    "grey": (S.DRAFT, S.WITHDRAWN, S.CLOSED, S.LAPSED),
    "blue": (
        S.SUBMITTED,
        S.PRELIMINARY_REVIEW,
        S.EVALUATION,
        S.PENDING_APPROVAL,
        S.APPEALED,
    ),
    "amber": (S.AWAITING_INFORMATION, S.OFFERED),
    "green": (
        S.AGREED,
        S.INVOICING,
        S.PAYING,
        S.FULFILLING,
        S.REFUNDED,
        S.FULFILLED,
    ),
    "plum": (S.REJECTED, S.REJECTED_FINALLY),
    "red": (S.PAYOUT_BLOCKED,),
}
ICONS = {
    "grey": "dot",
    "blue": "clock",
    "amber": "arrow",
    "green": "tick",
    "plum": "cross",
    "red": "warning",
}
TO_THE_CUSTOMER: dict[str, Promise] = {
    S.OFFERED: pgettext_lazy("state", "Waiting for your answer"),
}


@dataclass(frozen=True)
class Look:
    tone: str
    icon: str
    ended: bool
    label: str | Promise
    customer_label: str | Promise


def _look(state: State) -> Look:
    tone = next(tone for tone, states in TONES.items() if state in states)
    return Look(
        tone=tone,
        icon=ICONS[tone],
        ended=state in ENDED,
        label=state.label,
        customer_label=TO_THE_CUSTOMER.get(state, state.label),
    )


LOOKS: dict[str, Look] = {state.value: _look(state) for state in State}
