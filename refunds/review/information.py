"""Asking the customer for what is missing; the staff's clock waits meanwhile."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import RefundError
from refunds.models import Message, RefundRequest
from refunds.step import step


def ask_for_information(
    request: RefundRequest, *, by: User, at: datetime, words: str
) -> None:
    if not words.strip():
        raise RefundError(_("Say what is needed."), field="words")
    with step(request, "ask_for_information", by=by, at=at, reason=words) as taken:
        Message.objects.create(
            request=taken.request, author=by, from_customer=False, words=words, at=at
        )


def supply_information(
    request: RefundRequest, *, by: User, at: datetime, words: str
) -> None:
    """The answer; the case goes back to where it came from, its clock goes on."""
    if not words.strip():
        raise RefundError(_("Write your answer."), field="words")
    with step(request, "supply_information", by=by, at=at) as taken:
        Message.objects.create(
            request=taken.request, author=by, from_customer=True, words=words, at=at
        )
