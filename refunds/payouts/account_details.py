"""What is typed of an account, checked before anything is kept of it."""

import unicodedata
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.bank_accounts import is_account_number, is_bank_code, plain_number
from refunds.errors import RefundError
from refunds.payouts.attempts import fingerprint

MOST_SIGNS = 140


@dataclass(frozen=True)
class Details:
    """An account that can be paid to. Its number stays out of every `repr`."""

    holder: str
    number: str = field(repr=False)
    bank_name: str
    bank_code: str

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.number)


def details_of(holder: str, number: str, bank_name: str, bank_code: str) -> Details:
    """Raises RefundError naming the field at fault; its words never hold the number."""
    details = Details(
        _line(holder), plain_number(number), _line(bank_name), plain_number(bank_code)
    )
    if not details.holder:
        raise RefundError(_("Say whose account it is."), field="holder")
    if not details.bank_name:
        raise RefundError(_("Name the bank."), field="bank_name")
    for name in ("holder", "bank_name"):
        if len(getattr(details, name)) > MOST_SIGNS:
            raise RefundError(_("This is too long for a bank."), field=name)
    if not is_account_number(details.number):
        raise RefundError(
            _(
                "This is no account number that a bank would take: 8 to 32 digits, or "
                "an IBAN whose check digits fit. Compare it with your bank's papers."
            ),
            field="number",
        )
    if details.bank_code and not is_bank_code(details.bank_code):
        raise RefundError(
            _("Write the bank's BIC, or the 12 digits of its branch; or nothing."),
            field="bank_code",
        )
    return details


def _line(typed: str) -> str:
    """One line, without signs that no bank file can carry."""
    plain = "".join(
        sign if unicodedata.category(sign)[0] != "C" else " " for sign in typed
    )
    return " ".join(plain.split())
