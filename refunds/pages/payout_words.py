"""What the codes of a payout mean: the sentence, the next step, and who owes it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = str | Promise
FINANCE = pgettext_lazy("who owes it", "finance")
ADMINISTRATOR = pgettext_lazy("who owes it", "the administrator")
OWNER = pgettext_lazy("who owes it", "an owner of the customer")
THE_BANK = pgettext_lazy("who owes it", "the bank")
BY_ITSELF = pgettext_lazy("who owes it", "nobody: it goes on by itself")


@dataclass(frozen=True)
class Explained:
    """Whole sentences for readers; `owner` is who takes the next step. A code that
    nobody listed is shown as it came."""

    what: Words
    next: Words = ""
    owner: Words = ""


_LOOK = _("Look it up at the provider, then record what you found.")
_NAME_ANOTHER = _("Ask the customer to name another account, with proof.")
_WAITS = _("It is tried again by itself; nothing has to be done.")
_TOP_UP = _("Top up the merchant's balance; it is tried again by itself.")
_BALANCE = Explained(
    _("Our balance at the provider is too low for this refund."), _TOP_UP, FINANCE
)
_CLOSED = Explained(
    _("The way the money came takes no refund any more."), _NAME_ANOTHER, OWNER
)
_WRONG_ACCOUNT = Explained(
    _("The bank can't credit this account."), _NAME_ANOTHER, OWNER
)
_DONE = Explained(
    _("The provider says that this was refunded already, and shows no such refund."),
    _LOOK,
    FINANCE,
)
_ABNORMAL = Explained(
    _("The refund could not be credited: the payer's card or account is out of use."),
    _NAME_ANOTHER,
    OWNER,
)
_CONFIG = Explained(
    _("The provider refuses our configuration: a key, a number or the clock is wrong."),
    _("Correct the merchant, then run its self-check; what waits goes on then."),
    ADMINISTRATOR,
)

CODES: dict[str, Explained] = {
    "no_merchant": Explained(
        _("There is no merchant in use that this payout could be sent by."),
        _("Set up the merchant of this route, then try again."),
        ADMINISTRATOR,
    ),
    "stopped": Explained(
        _("Payouts are stopped."),
        _("It goes on as soon as the stop is taken back."),
        FINANCE,
    ),
    "merchant_stopped": Explained(
        _("The merchant is stopped, because the provider refused our configuration."),
        _("Correct the merchant, then run its self-check; what waits goes on then."),
        ADMINISTRATOR,
    ),
    "waits_for_batch": Explained(
        _("It waits for the next file to the bank."),
        _("Make a bank batch and take it to the bank."),
        FINANCE,
    ),
    "in_dispute": Explained(
        _("The payer disputes this payment; nothing of it is refunded meanwhile."),
        _("Record how the dispute ended, then try again."),
        FINANCE,
    ),
    "invoice_gate_closed": Explained(
        _("An invoice has to be reversed before the money goes back."),
        _("Reverse the invoice and record its number, then try again."),
        FINANCE,
    ),
    "unknown_for_24_hours": Explained(
        _("For a day nobody could say whether the money went back."), _LOOK, FINANCE
    ),
    "evidence_differs": Explained(
        _("The provider confirms a refund that is not the one we asked for."),
        _LOOK,
        FINANCE,
    ),
    "no_answer_from_bank": Explained(
        _("The bank has not answered, and it can't be asked from here."),
        _("Look at the account, then record what you found."),
        FINANCE,
    ),
    "account_changed": Explained(
        _("The account on record is not the one that this was prepared for."),
        _("Find out who changed it and why; then try again."),
        FINANCE,
    ),
    "returned": Explained(_("The bank sent the transfer back."), _NAME_ANOTHER, OWNER),
    "several_refunds": Explained(
        _("The provider shows more than one refund under our key."), _LOOK, FINANCE
    ),
    "stored_500": Explained(
        _("The provider repeats a fault of its own for this refund."), _LOOK, FINANCE
    ),
    "keeps_breaking": Explained(
        _("For a day our own program has failed at this refund."),
        _("Tell the operator: the log says why. Then try again."),
        ADMINISTRATOR,
    ),
    "paid_before": Explained(
        _("An earlier attempt did go out after all: the bank says so since."),
        _LOOK,
        FINANCE,
    ),
    "finding": Explained(_("Two people found out what became of it.")),
    "route_closed": _CLOSED,
    "not_sent": Explained(
        _("The provider could not be reached; nothing was sent."), _WAITS, BY_ITSELF
    ),
    "rate": Explained(_("The provider asks us to slow down."), _WAITS, BY_ITSELF),
    "balance": _BALANCE,
    "config": _CONFIG,
    "already_done": _DONE,
    "data": Explained(
        _("The provider does not take what we sent."),
        _("Compare the payment's records with the provider's, then try again."),
        FINANCE,
    ),
    "needs_person": Explained(
        _("The provider wants somebody to look at this refund."), _LOOK, FINANCE
    ),
    "unlisted": Explained(
        _("The provider refused for a reason that we don't know."), _LOOK, FINANCE
    ),
    # Alipay
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": _BALANCE,
    "ACQ.TRADE_HAS_FINISHED": _CLOSED,
    "ACQ.BUYER_NOT_EXIST": _CLOSED,
    "ACQ.BUYER_ERROR": _CLOSED,
    "ACQ.BUYER_ENABLE_STATUS_FORBID": _CLOSED,
    "ACQ.TRADE_HAS_CLOSE": _DONE,
    "dback_F": Explained(
        _("Alipay took the refund, but the payer's bank sent it back."),
        _LOOK,
        FINANCE,
    ),
    # WeChat Pay
    "NOT_ENOUGH": _BALANCE,
    "SIGN_ERROR": _CONFIG,
    "MCH_NOT_EXISTS": _CONFIG,
    "ABNORMAL": _ABNORMAL,
    "USER_ACCOUNT_ABNORMAL": _ABNORMAL,
    # Stripe
    "lost_or_stolen_card": _CLOSED,
    "expired_or_canceled_card": _CLOSED,
    "insufficient_funds": _BALANCE,
    "charge_for_pending_refund_disputed": Explained(
        _("The payer disputes this payment; nothing of it is refunded meanwhile."),
        _("Record how the dispute ended, then try again."),
        FINANCE,
    ),
    # Banks, ISO 20022
    "AC01": _WRONG_ACCOUNT,
    "AC04": _WRONG_ACCOUNT,
    "AC06": _WRONG_ACCOUNT,
    "BE01": _WRONG_ACCOUNT,
    "AM05": Explained(
        _("The bank says that it had this transfer already."), _LOOK, FINANCE
    ),
    "AM04": _BALANCE,
}


def explained(code: str, *, stuck: bool = False) -> Explained:
    """`stuck`: a person has to act, whatever the code says."""
    if known := CODES.get(code):
        return known
    return Explained(code, _LOOK, FINANCE) if stuck else Explained(code)


def code_in_words(code: str) -> str:
    """The sentence for a code; a code that is not listed as it came."""
    return str(explained(code).what)
