"""What a customer fills in. Errors stand at their field, with the way out."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import MinorUnitsField
from accounts.minor_units import to_decimal
from refunds.models import Evidence, Ground, Offer, RefundRequest
from refunds.policies.applying import grounds_answered
from refunds.review.answers import Choice
from refunds.templatetags.makegood import money

KINDS = [c for c in Evidence.Kind.choices if c[0] != Evidence.Kind.OTHER] + [
    (Evidence.Kind.OTHER.value, Evidence.Kind.OTHER.label)
]


class FilingForm(forms.Form):
    """A draft may be half-written: nothing is required until it is sent. How the
    customer asked is for the account manager to say, who files for them."""

    channel = forms.ChoiceField(
        label=_("How did they ask?"),
        choices=[
            (RefundRequest.Channel.PHONE.value, _("They called")),
            (RefundRequest.Channel.EMAIL.value, _("They wrote an email")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
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
    # The page's own field sends the files; this one has their errors.
    file = forms.FileField(label=_("Evidence"), required=False)
    amount = MinorUnitsField(
        label=_("How much?"),
        help_text=_("Part of it is fine."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        required=False,
        max_length=40,
    )

    def __init__(
        self,
        *args: Any,
        draft: RefundRequest,
        on_behalf: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = {
            "channel": draft.channel,
            "ground": draft.ground,
            "keep_service": "yes" if draft.keep_service else "no",
            "description": draft.description,
            "amount": ""
            if draft.amount_asked is None
            else to_decimal(draft.amount_asked, currency=draft.currency),
        }
        super().__init__(*args, **kwargs)
        if not on_behalf:
            del self.fields["channel"]
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
        if cleaned.get("channel"):
            draft.channel = cleaned["channel"]


class WordsForm(forms.Form):
    words = forms.CharField(
        label=_("Your message"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=5000,
        error_messages={"required": _("Write your message.")},
    )


class AcceptForm(forms.Form):
    """`seen` is the offer that was on the page; `choice` where it leaves one."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    choice = forms.ChoiceField(
        label=_("Which do you choose?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one: the refund or the alternative.")},
    )

    def __init__(self, *args: Any, offer: Offer | None, **kwargs: Any) -> None:
        kwargs["initial"] = {"seen": offer.pk if offer else None}
        super().__init__(*args, **kwargs)
        choice = self.fields["choice"]
        assert isinstance(choice, forms.ChoiceField)
        if offer is None or not offer.instead:
            del self.fields["choice"]
            return
        sum_ = _("The refund: %(amount)s") % {
            "amount": money(offer.amount, offer.request.currency)
        }
        alternative = f"{offer.get_alternative_display()}: {offer.alternative_words}"
        choice.choices = [
            (Choice.REFUND.value, sum_),
            (Choice.ALTERNATIVE.value, alternative),
        ]
