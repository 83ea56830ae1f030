"""The moves, each by its own verb; what has none, by the step alone."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from accounts.models import (
    User,
)
from refunds.filing.submit import submit
from refunds.models import (
    RefundRequest,
)
from refunds.payouts.release import release
from refunds.payouts.retry import retry
from refunds.review import hands
from refunds.review.answers import accept, propose_otherwise, withdraw
from refunds.review.appeal import (
    appeal,
    bring_new_evidence,
    decide_appeal,
    take_up_again,
)
from refunds.review.approval import approve, send_back
from refunds.review.fulfilment import fulfil
from refunds.review.handover import hand_over
from refunds.review.information import ask_for_information, supply_information
from refunds.review.offer import offer
from refunds.review.rejection import reject
from refunds.step import step
from tests.refunds.lifecycle.reached import WORDS

# What the events carry that no verb wrote.
PROPOSAL: dict[str, object] = {
    "offer": 0,
    "amount": 0,
    "due": 0,
    "departs": True,
    "assessment": 0,
}
DATA: dict[str, dict[str, object]] = {
    "agree_automatically": {"assessment": 0, "amount": 0},
    "pay": {"amount": 0, "legs": []},
    "retry_payout": {"keys": []},
    "submit": {
        "assessment": 0,
        "amount_asked": 0,
        "currency": "CNY",
        "ground": "",
        "evidence": [],
    },
    "accept": {"offer": 0, "amount": 0},
    "approve": {"offer": 0, "amount": 0},
    "reject": {"code": "not_proven"},
    "hand_over": {"from": None, "to": None},
    "offer": PROPOSAL,
    "propose": PROPOSAL,
}


def step_alone(move: str) -> Callable[..., object]:
    """The move by the step itself, as no verb would make it."""

    def made(request: RefundRequest, *, by: User | None, at: datetime) -> None:
        with step(request, move, by=by, at=at) as taken:
            taken.data |= DATA.get(move, {})

    return made


def _sum_of(request: RefundRequest) -> int:
    return request.amount_asked or 0


def _offer(request: RefundRequest, *, by: User, at: datetime) -> object:
    return offer(request, by=by, at=at, amount=_sum_of(request))


def _with(verb: Callable[..., object], **more: Any) -> Callable[..., object]:
    return lambda request, **who: verb(request, **who, **more)


def _hand_to_the_taker(request: RefundRequest, *, by: User, at: datetime) -> None:
    taker = User.objects.get(email="taker@example.test")
    hand_over(request, by=by, at=at, to=taker, reason=WORDS)


VERBS: dict[str, Callable[..., object]] = {
    "submit": submit,
    "withdraw": withdraw,
    "supply_information": _with(supply_information, words=WORDS),
    "accept": accept,
    "propose_otherwise": _with(propose_otherwise, words=WORDS),
    "appeal": _with(appeal, words=WORDS),
    "bring_new_evidence": _with(bring_new_evidence, words=WORDS),
    "take_up_again": take_up_again,
    "claim": hands.claim,
    "take_up": hands.claim,
    "take_appeal": hands.claim,
    "pass_on": _with(hands.pass_on, reason=WORDS),
    "release": hands.release,
    "put_down": hands.release,
    "hand_over": _hand_to_the_taker,
    "ask_for_information": _with(ask_for_information, words=WORDS),
    "reject": _with(reject, code="not_proven", words=WORDS),
    "offer": _offer,
    "propose": _offer,
    "approve": approve,
    "send_back": _with(send_back, reason=WORDS),
    "uphold_appeal": _with(decide_appeal, move="uphold_appeal", words=WORDS),
    "reject_finally": _with(decide_appeal, move="reject_finally", words=WORDS),
    "let_offer_stand": _with(decide_appeal, move="let_offer_stand", words=WORDS),
    "pay": release,
    "retry_payout": retry,
    "fulfil": _with(fulfil, words=WORDS),
    **{
        move: step_alone(move)
        for move in (
            "agree_automatically",
            "lapse",
            "close",
            "correct_invoice",
            "carry_out",
            "settle",
            "block_payout",
            "reopen",
        )
    },
}
# Those that work without a person.
WITHOUT_A_PERSON = {"pay"}


def verb(move: str, by: User | None) -> Callable[..., object]:
    """The move's own verb; where nobody makes it and the verb needs one, the step."""
    if by is None and move not in WITHOUT_A_PERSON:
        return step_alone(move)
    return VERBS[move]
