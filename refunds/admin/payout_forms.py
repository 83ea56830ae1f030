"""What a leg's page asks: what somebody found out, and whether a second one agrees."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class FindingForm(forms.Form):
    moved = forms.TypedChoiceField(
        label=_("Did the money go back?"),
        choices=[
            ("yes", pgettext_lazy("finding", "Yes, it went back")),
            ("no", pgettext_lazy("finding", "No, and it can't any more")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    provider_number = forms.CharField(
        label=_("The provider's or the bank's number"),
        max_length=64,
        required=False,
    )
    words = forms.CharField(
        label=_("How you found out"),
        help_text=_("Where you looked, whom you asked, what it says there."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=5000,
    )


class DecisionForm(forms.Form):
    agreed = forms.TypedChoiceField(
        choices=[("yes", "yes"), ("no", "no")], coerce=lambda value: value == "yes"
    )
