"""Appeals and new evidence: the customer's second word, and somebody new to hear it."""

from datetime import datetime

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import AlreadyOpen, RefundError
from refunds.judging import owed_still
from refunds.models import Message, RefundRequest
from refunds.states import State
from refunds.step import lock_contract, step


def appeal(request: RefundRequest, *, by: User, at: datetime, words: str) -> None:
    _need(words)
    with step(request, "appeal", by=by, at=at, reason=words) as taken:
        _say(taken.request, by, at, words)


def bring_new_evidence(
    request: RefundRequest, *, by: User, at: datetime, words: str
) -> None:
    _need(words)
    with step(request, "bring_new_evidence", by=by, at=at, reason=words) as taken:
        _say(taken.request, by, at, words)


def take_up_again(request: RefundRequest, *, by: User, at: datetime) -> None:
    try:
        with step(request, "take_up_again", by=by, at=at) as taken:
            if number := taken.request.open_twin():
                raise AlreadyOpen(number=number)
            if taken.request.lapsed_from == State.OFFERED:
                _check_still_owed(taken.request, at=at)
    except IntegrityError:
        # Its twin was taken up at the same moment.
        number = request.open_twin()
        if number is None:
            raise
        raise AlreadyOpen(number=number) from None


def _check_still_owed(request: RefundRequest, *, at: datetime) -> None:
    """Two offers about the same would each stand in the other's way."""
    lock_contract(request)
    if not owed_still(request, request.offers.latest("pk"), at=at):
        raise RefundError(
            _(
                "Meanwhile another request about a part of the same was answered. Go "
                "on with that one, or file a new request for what is left."
            )
        )


def decide_appeal(
    request: RefundRequest, *, by: User, at: datetime, move: str, words: str
) -> None:
    """`move`: uphold_appeal, reject_finally, or let_offer_stand."""
    _need(words)
    with step(request, move, by=by, at=at, reason=words) as taken:
        if move == "reject_finally":
            taken.request.rejection_words = words
        _say(taken.request, by, at, words, from_customer=False)


def _need(words: str) -> None:
    if not words.strip():
        raise RefundError(_("Say why, in a few words."), field="words")


def _say(
    request: RefundRequest,
    by: User,
    at: datetime,
    words: str,
    *,
    from_customer: bool = True,
) -> None:
    Message.objects.create(
        request=request, author=by, from_customer=from_customer, words=words, at=at
    )
