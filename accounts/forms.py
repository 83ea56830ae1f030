"""Form fields for money as people type it."""

import re
import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.minor_units import minor_digits, to_minor

BLANKS = str.maketrans("", "", " \N{NO-BREAK SPACE}")
# Digits, grouped by thousands or not; what could mean two sums is not guessed.
SUM = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?", re.ASCII)


class MinorUnitsField(forms.CharField):
    """A sum as people type it, to minor units of `currency`; stray spaces and commas
    are ignored, wrong digits are not."""

    currency = "CNY"

    def clean(self, value: Any) -> int | None:
        typed = unicodedata.normalize("NFKC", str(super().clean(value) or ""))
        text = typed.upper().translate(BLANKS)
        text = text.removeprefix(self.currency).lstrip("¥")
        if not text:
            return None
        if text.startswith(("-", "\N{MINUS SIGN}")):
            raise forms.ValidationError(_("The amount has to be above zero."))
        found, digits = SUM.fullmatch(text), minor_digits(self.currency)
        if found is None or len(found[1] or "") > digits:
            raise forms.ValidationError(
                _("Write the amount in %(currency)s with %(digits)s decimals at most."),
                params={"currency": self.currency, "digits": digits},
            )
        amount = to_minor(text.replace(",", ""), currency=self.currency)
        if amount <= 0:
            raise forms.ValidationError(_("The amount has to be above zero."))
        if amount >= 2**62:
            raise forms.ValidationError(_("This amount is too large."))
        return amount
