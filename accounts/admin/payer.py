"""The account that a bank transfer came from: its number is typed, and never shown."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.sums import MoneyForm
from accounts.bank_accounts import (
    is_account_number,
    is_bank_code,
    masked,
    plain_number,
)
from accounts.forms import UnshownInput
from accounts.models import Payment


@admin.display(description=gettext_lazy("payer's account number"))
def payer_number(payment: Payment) -> str:
    return masked(payment.payer_number) or "—"


class PaymentForm(MoneyForm):
    """An empty number leaves what is kept."""

    payer_number = forms.CharField(
        label=gettext_lazy("Payer's account number"),
        required=False,
        max_length=80,
        widget=UnshownInput(attrs={"autocomplete": "off", "class": "vTextField"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["payer_number"] = ""
        if field := self.fields.get("payer_number"):
            field.help_text = self._help()

    def _help(self) -> str:
        if not self.instance.payer_number:
            return _("Of a bank transfer: where the money can go back to. Kept sealed.")
        return _("Kept sealed: %(masked)s. Leave it empty to keep it.") % {
            "masked": masked(self.instance.payer_number)
        }

    def clean_payer_number(self) -> str:
        number = plain_number(self.cleaned_data["payer_number"])
        if not number:
            return str(self.instance.payer_number)
        if not is_account_number(number):
            raise ValidationError(
                _(
                    "This is no account number: 8 to 32 digits, or an IBAN whose check "
                    "digits fit."
                )
            )
        return number

    def clean_payer_bank_code(self) -> str:
        code = plain_number(self.cleaned_data["payer_bank_code"] or "")
        if code and not is_bank_code(code):
            raise ValidationError(
                _("Write the bank's BIC, or the 12 digits of its branch; or nothing.")
            )
        return code
