"""Form fields for money and promised levels as people type them."""

import re
import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.minor_units import minor_digits, to_decimal, to_minor

BLANKS = str.maketrans("", "", " \N{NO-BREAK SPACE}")
# Digits, grouped by thousands or not; what could mean two sums is not guessed.
SUM = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?", re.ASCII)


class UnshownInput(forms.TextInput):
    """What was typed is not written back on a page."""

    def get_context(
        self, name: str, value: Any, attrs: dict[str, Any] | None
    ) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class MinorUnitsField(forms.CharField):
    """A sum as people type it, to minor units of `currency`; stray spaces and commas
    are ignored, wrong digits are not. Whole minor units are shown as a decimal."""

    currency = "CNY"

    def __init__(self, *args: Any, zero: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zero = zero

    def clean(self, value: Any) -> int | None:
        if self.disabled:
            return value if isinstance(value, int) else None
        typed = unicodedata.normalize("NFKC", str(super().clean(value) or ""))
        text = typed.upper().translate(BLANKS)
        text = text.removeprefix(self.currency).lstrip("¥")
        if not text:
            return None
        if text.startswith(("-", "\N{MINUS SIGN}")):
            raise self._too_low()
        found, digits = SUM.fullmatch(text), minor_digits(self.currency)
        if found is None or len(found[1] or "") > digits:
            raise forms.ValidationError(
                _("Write the amount in %(currency)s with %(digits)s decimals at most."),
                params={"currency": self.currency, "digits": digits},
            )
        amount = to_minor(text.replace(",", ""), currency=self.currency)
        if amount <= 0 and not self.zero:
            raise self._too_low()
        if amount >= 2**62:
            raise forms.ValidationError(_("This amount is too large."))
        return amount

    def prepare_value(self, value: Any) -> Any:
        if value == 0:
            return "0"  # In any currency, also in one that is chosen only now.
        if isinstance(value, int):
            return to_decimal(value, currency=self.currency)
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.clean(data) != initial)
        except forms.ValidationError:
            return True

    def _too_low(self) -> forms.ValidationError:
        if self.zero:
            return forms.ValidationError(_("The amount can't be below zero."))
        return forms.ValidationError(_("The amount has to be above zero."))


class LevelsField(forms.CharField):
    """Promised levels, a line each: `availability = 99.95`."""

    widget = forms.Textarea(attrs={"rows": 4})

    def clean(self, value: Any) -> dict[str, str]:
        levels: dict[str, str] = {}
        for number, line in enumerate(str(super().clean(value) or "").splitlines(), 1):
            if not line.strip():
                continue
            metric, level = self._split(line, number)
            if metric in levels:
                raise forms.ValidationError(
                    _("Line %(number)s: %(metric)s is promised twice."),
                    params={"number": number, "metric": metric},
                )
            levels[metric] = level
        return levels

    def _split(self, line: str, number: int) -> tuple[str, str]:
        text = unicodedata.normalize("NFKC", line)
        metric, equals, level = (part.strip() for part in text.partition("="))
        if not equals or not metric or not level:
            raise forms.ValidationError(
                _("Line %(number)s: write a metric, = and its level."),
                params={"number": number},
            )
        return metric, level

    def prepare_value(self, value: Any) -> Any:
        return levels_as_lines(value) if isinstance(value, dict) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.clean(data) != (initial or {}))
        except forms.ValidationError:
            return True


def levels_as_lines(levels: dict[str, str]) -> str:
    return "\n".join(f"{metric} = {level}" for metric, level in levels.items())
