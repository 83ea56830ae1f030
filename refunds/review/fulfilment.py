"""Carrying out what was agreed beside the money, or without any."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import RefundError
from refunds.models import Message, RefundRequest
from refunds.step import step


def fulfil(request: RefundRequest, *, by: User, at: datetime, words: str) -> None:
    """`words` tell the customer what was done; they read them with the end."""
    if not words.strip():
        raise RefundError(_("Say what was carried out."), field="words")
    with step(request, "fulfil", by=by, at=at, reason=words) as taken:
        Message.objects.create(
            request=taken.request, author=by, from_customer=False, words=words, at=at
        )
