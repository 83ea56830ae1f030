"""What a customer fills in to name another account, with the papers that prove it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import UnshownInput
from refunds.errors import RefundError
from refunds.filing.evidence import Paper
from refunds.models import Evidence, RefundRequest
from refunds.pages.addition_forms import PapersField
from refunds.payouts.account_details import MOST_SIGNS


def _line(label: Any, *, most: int = MOST_SIGNS, **more: Any) -> forms.CharField:
    more.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
    return forms.CharField(label=label, max_length=most, **more)


def _chosen(label: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=label,
        queryset=Evidence.objects.none(),
        required=False,
        empty_label=_("A new file, chosen below"),
        error_messages={"invalid_choice": _("Choose a file of this request.")},
    )


class PayoutAccountForm(forms.Form):
    """`told` is what the verb takes. A new file goes before one in the list."""

    holder = _line(_("Account holder"), help_text=_("As your bank writes the name."))
    number = _line(
        _("Account number or IBAN"),
        most=80,
        help_text=_(
            "Kept encrypted. No page shows more than its last four digits, so it has "
            "to be typed again if something is wrong below."
        ),
        widget=UnshownInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    bank_name = _line(_("Bank"), help_text=_("With its branch, in mainland China."))
    bank_code = _line(
        _("Bank code"),
        most=20,
        required=False,
        help_text=_("BIC, or in mainland China the 12 digits of the branch."),
    )
    proof_here = _chosen(_("Which file proves that the account is yours?"))
    proof = PapersField(
        label=_("Proof of the account"),
        multiple=False,
        required=False,
        help_text=_(
            "A bank statement or account certificate with holder and number. JPG, PNG "
            "or PDF, 5 MB each."
        ),
    )
    closure = PapersField(
        label=_("Evidence that the first way is closed"),
        multiple=False,
        required=False,
        help_text=_(
            "Where you have any: your bank's letter, a screenshot. JPG, PNG or PDF, 5 "
            "MB each."
        ),
    )
    words = forms.CharField(
        label=_("Why another account?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
    )

    def __init__(self, *args: Any, refund: RefundRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = self.fields["proof_here"]
        assert isinstance(here, forms.ModelChoiceField)
        here.queryset = refund.evidence.exclude(frozen_at=None)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        faulty = {"proof", "proof_here"} & self.errors.keys()
        if not faulty and self._proof() is None:
            words = _("Add the proof, or choose it among your files.")
            self.add_error("proof", words)
        return cleaned

    def _proof(self) -> Evidence | Paper | None:
        papers: list[Paper] = self.cleaned_data["proof"]
        here: Evidence | None = self.cleaned_data["proof_here"]
        return papers[0] if papers else here

    @property
    def told(self) -> dict[str, Any]:
        names = ("holder", "number", "bank_name", "bank_code", "words")
        told = {name: self.cleaned_data[name] for name in names}
        closure: list[Paper] = self.cleaned_data["closure"]
        papers = {"proof": self._proof(), "closure": closure[0] if closure else None}
        return told | papers

    def field_of(self, refusal: RefundError) -> str | None:
        """Where a refusal's words belong; a file's stand at the proof."""
        field = "proof" if refusal.field == "papers" else refusal.field
        return field if field in self.fields else None
