"""The next steps of an invoice reversal: which there are now, and what each asks.

A step decides nothing: its verb does. It is shown where it could work.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.models import InvoiceReversal
from refunds.payouts import reversals, slips
from refunds.payouts.invoices import ENDED, why_not_reverse, why_not_void

S, Kind = InvoiceReversal.State, InvoiceReversal.Kind


class StepForm(forms.Form):
    def fit(self, reversal: InvoiceReversal) -> None:
        """To the reversal at hand, before it is shown or read."""


class NumberForm(StepForm):
    number = forms.CharField(label=_("Number of the red-letter invoice"), max_length=60)
    reissued_number = forms.CharField(
        label=_("Number of the invoice for what remains"),
        max_length=60,
        required=False,
    )

    def fit(self, reversal: InvoiceReversal) -> None:
        if reversal.kind != Kind.VOID:
            del self.fields["reissued_number"]
            return
        self.fields["number"].label = _("Number of the void")
        if reversal.amount == reversal.invoice.amount:
            del self.fields["reissued_number"]


class SlipForm(StepForm):
    slip_number = forms.CharField(label=_("Number of the slip"), max_length=60)


class DropForm(StepForm):
    reason = forms.CharField(
        label=_("Why it is dropped"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
    )


@dataclass(frozen=True)
class Next:
    """`verb(reversal, by=, at=, **cleaned)`."""

    name: str
    label: str | Promise
    verb: Callable[..., None]
    form: type[StepForm] = StepForm
    primary: bool = False


def _booked(*, booked: bool) -> Callable[..., None]:
    def set_it(reversal: InvoiceReversal, *, by: User, at: datetime) -> None:
        reversals.set_buyer_booked(reversal, by=by, at=at, booked=booked)

    return set_it


VOIDED = Next(
    "complete", _("It is voided"), reversals.complete, NumberForm, primary=True
)
ISSUED = Next(
    "complete",
    _("The red-letter invoice is issued"),
    reversals.complete,
    NumberForm,
    primary=True,
)
RAISE = Next(
    "raise_slip", _("The slip is raised"), slips.raise_slip, SlipForm, primary=True
)
CONFIRM = Next(
    "confirm_slip", _("The buyer has confirmed"), slips.confirm_slip, primary=True
)
TURN = Next("as_red_letter", _("Make it a red-letter invoice"), reversals.as_red_letter)
BOOKED = Next("booked", _("The buyer has booked it"), _booked(booked=True))
NOT_BOOKED = Next("not_booked", _("The buyer has not booked it"), _booked(booked=False))
DROP = Next("drop", _("Drop it"), reversals.drop, DropForm)
BY_NAME = {
    step.name: step for step in (ISSUED, RAISE, CONFIRM, TURN, BOOKED, NOT_BOOKED, DROP)
}


def steps_of(reversal: InvoiceReversal, *, at: datetime) -> list[Next]:
    """What finance could do next, first what brings it to its end."""
    if reversal.state in ENDED:
        return []
    if reversal.state == S.SLIP_WAITING:
        return [CONFIRM, DROP]
    if reversal.state == S.SLIP_CONFIRMED:
        return [ISSUED, DROP]
    if reversal.state == S.SLIP_LAPSED:
        return [RAISE, NOT_BOOKED, DROP]
    if reversal.kind == Kind.VOID:
        shut = why_not_void(reversal.invoice, at=at, booked=reversal.buyer_booked)
        return [TURN, DROP] if shut else [VOIDED, TURN, BOOKED, DROP]
    if reversals.needs_slip(reversal):
        return [RAISE, NOT_BOOKED, DROP]
    booked = NOT_BOOKED if reversal.buyer_booked else BOOKED
    return [ISSUED, booked, DROP]


def named(reversal: InvoiceReversal, name: str, *, at: datetime) -> Next | None:
    """Also where it is not shown any more: its verb says why it can't be."""
    shown = {step.name: step for step in steps_of(reversal, at=at)}
    return shown.get(name) or BY_NAME.get(name)


@dataclass(frozen=True)
class Open:
    """A step with the form that it shows."""

    step: Next
    form: StepForm
    opened: bool = False


@dataclass(frozen=True)
class ReversalRow:
    """`turned`: why a void that was planned can't be one any more."""

    reversal: InvoiceReversal
    steps: list[Open]
    turned: Any = None


def row_of(
    reversal: InvoiceReversal,
    user: User,
    *,
    at: datetime,
    bound: dict[str, StepForm] | None = None,
    may: bool | None = None,
) -> ReversalRow:
    """`reversal` with its invoice and request; `may`: where that is known already."""
    if may is None:
        may = why_not_reverse(reversal.request, user) is None
    steps = steps_of(reversal, at=at) if may else []
    turned = None
    if reversal.kind == Kind.VOID and reversal.state == S.PLANNED:
        turned = why_not_void(reversal.invoice, at=at, booked=reversal.buyer_booked)
    return ReversalRow(
        reversal, [_open(reversal, step, bound or {}) for step in steps], turned
    )


def _open(reversal: InvoiceReversal, step: Next, bound: dict[str, StepForm]) -> Open:
    if step.name in bound:
        return Open(step, bound[step.name], opened=True)
    form = step.form(auto_id=f"id_{step.name}_{reversal.pk}_%s")
    form.fit(reversal)
    return Open(step, form)
