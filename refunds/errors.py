"""What can go wrong with a refund, a class per cause. The words are for people."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class RefundError(Exception):
    """Something was refused. `words` says what, why and the way out.

    `values` fill the words' placeholders; `field` names the form field at fault.
    """

    words: Words = _("This could not be done.")

    def __init__(
        self, words: Words | None = None, *, field: str | None = None, **values: Any
    ) -> None:
        self.words = words if words is not None else type(self).words
        self.values = values
        self.field = field
        super().__init__(words)

    def __str__(self) -> str:
        return str(self.words) % self.values if self.values else str(self.words)


class NotAllowedAnyMore(RefundError):
    """Somebody else was first, or the request moved on."""

    words = _(
        "%(who)s was first: at %(when)s the request became “%(state)s”. "
        "Nothing was changed by you. This is the case as it stands now."
    )

    brief = _("The request has moved on; this is not possible any more.")


class NotPermitted(RefundError):
    """This person may not make this move; the words say which rule forbids it."""

    words = _("You may not do this.")


class AmountRefused(RefundError):
    words = _("This amount can't be asked for.")


class EvidenceRefused(RefundError):
    words = _("This file can't be taken as evidence.")


class AlreadyOpen(RefundError):
    words = _(
        "You already have an open request for this service and reason: %(number)s. "
        "Add what is new there."
    )


class NothingToRefund(RefundError):
    words = _("There is no money left on this service that could go back.")


class SentAlready(RefundError):
    words = _(
        "This was sent already, from another window perhaps. What was sent stays as it "
        "is; add what is new on the request's own page."
    )


class EvidenceMissing(RefundError):
    words = _("One thing is missing: %(kind)s. Add it and send the request again.")


class NotAssessable(RefundError):
    """A record or a special agreement that the policy can't be applied to."""

    words = _(
        "Contract %(contract)s can't be assessed: %(reason)s An administrator can "
        "correct that; nothing is lost meanwhile."
    )


class OverRefund(RefundError):
    """The balance row refused: more would go back than was paid."""

    words = _(
        "Payment %(payment)s has only %(left)s left to give back. "
        "Another refund of it may be under way."
    )
