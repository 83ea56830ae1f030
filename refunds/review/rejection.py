"""Declining: with a code, with words, and with the way on."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import RefundError
from refunds.models import RefundRequest
from refunds.policy.assess import DENIALS
from refunds.step import step

# Beside what the policy denies for: what the first line declines for.
FORMAL = ("incomplete", "duplicate", "not_ours")
CODES = (*DENIALS, *FORMAL)


def reject(
    request: RefundRequest, *, by: User, at: datetime, code: str, words: str
) -> None:
    """`code` is one of CODES; the customer reads `words`."""
    if code not in CODES:
        raise RefundError(_("Choose why it is declined."), field="code")
    if not words.strip():
        raise RefundError(_("Say it in words the customer understands."), field="words")
    with step(request, "reject", by=by, at=at, reason=words) as taken:
        taken.request.rejection_code = code
        taken.request.rejection_words = words
        taken.data["code"] = code
