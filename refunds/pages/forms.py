"""What a customer fills in. Errors stand at their field, with the way out."""

import re
import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from refunds.facts import grounds_answered
from refunds.models import Evidence, Ground, RefundRequest
from refunds.policy.money import minor_digits, to_decimal, to_minor

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


class FilingForm(forms.Form):
    """A draft may be half-written: nothing is required until it is sent."""

    ground = forms.ChoiceField(
        label=_("What went wrong?"),
        choices=Ground.choices,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": _("Choose one of the reasons listed.")},
    )
    keep_service = forms.TypedChoiceField(
        label=_("Keep the service?"),
        help_text=_(
            "If you end it and a refund is agreed, it ends as of the moment you send "
            "this request."
        ),
        choices=[("yes", _("Yes, keep it")), ("no", _("No, end it"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        required=False,
        empty_value="",
    )
    description = forms.CharField(
        label=_("What happened?"),
        help_text=_("When it began, what you noticed, what it meant for you."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=5000,
        required=False,
    )
    amount = MinorUnitsField(
        label=_("How much?"),
        help_text=_("Part of it is fine."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        required=False,
        max_length=40,
    )

    def __init__(self, *args: Any, draft: RefundRequest, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "ground": draft.ground,
            "keep_service": "yes" if draft.keep_service else "no",
            "description": draft.description,
            "amount": ""
            if draft.amount_asked is None
            else to_decimal(draft.amount_asked, currency=draft.currency),
        }
        super().__init__(*args, **kwargs)
        amount, ground = self.fields["amount"], self.fields["ground"]
        assert isinstance(amount, MinorUnitsField)
        assert isinstance(ground, forms.ChoiceField)
        amount.currency = draft.currency
        answered = grounds_answered(draft.contract)
        ground.choices = [c for c in Ground.choices if c[0] in answered]

    def keep_in(self, draft: RefundRequest) -> None:
        """Takes over every field that could be read, so that nothing valid is lost."""
        self.is_valid()
        cleaned = self.cleaned_data
        if "ground" in cleaned:
            draft.ground = cleaned["ground"]
        if "keep_service" in cleaned:
            draft.keep_service = bool(cleaned["keep_service"])
        if "description" in cleaned:
            draft.description = cleaned["description"]
        if "amount" in cleaned:
            draft.amount_asked = cleaned["amount"]


class EvidenceForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[c for c in Evidence.Kind.choices if c[0] != Evidence.Kind.OTHER]
        + [(Evidence.Kind.OTHER.value, Evidence.Kind.OTHER.label)],
        required=False,
    )


class WordsForm(forms.Form):
    words = forms.CharField(
        label=_("Your message"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=5000,
        error_messages={"required": _("Write your message.")},
    )
