"""What the calculator asks: only what the rules for this reason look at."""

import unicodedata
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import validators
from accounts.forms import MinorUnitsField
from accounts.minor_units import exact
from refunds.pages.calculator_fields import OUTAGE, READING
from refunds.policy.labels import METRICS

YES_OR_NO = pgettext_lazy("answer", "Yes"), pgettext_lazy("answer", "No")
MAY_BE_EMPTY = {
    "activated_at",
    "course_started_at",
    "delivery_due_on",
    "outage_ended_at",
    "ticket_opened_at",
    "ticket_resolved_at",
    "fees_kept",
    "gone",
    "minimum_commitment",
    "item_value",
    *READING,
    *OUTAGE,
}


class ExactField(forms.CharField):
    """A plain decimal, exactly; full-width digits and a per-cent sign are fine."""

    def clean(self, value: Any) -> Fraction | None:
        typed = unicodedata.normalize("NFKC", str(super().clean(value) or ""))
        text = typed.strip().removesuffix("%").strip()
        if not text:
            return None
        validators.exact_decimal(text)
        return exact(text)


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=[validators.plausible_day],
        error_messages={"invalid": _("Write the day as 2026-11-27.")},
        **more,
    )


def _moment(label: Any, **more: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        widget=forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}
        ),
        validators=[validators.plausible_moment],
        error_messages={"invalid": _("Write day and hour as 2026-11-27 17:30.")},
        **more,
    )


def _money(label: Any, **more: Any) -> MinorUnitsField:
    entry = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return MinorUnitsField(label=label, widget=entry, max_length=40, **more)


def _number(label: Any, *, least: int = 0, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=least, max_value=1_000_000_000, **more
    )


def _decimal(label: Any, **more: Any) -> ExactField:
    entry = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return ExactField(label=label, widget=entry, max_length=20, **more)


def _yes_or_no(
    label: Any, answers: tuple[Any, Any] = YES_OR_NO, *, initial: str
) -> forms.TypedChoiceField:
    """What is not answered is as it stood there at first."""
    yes, no = answers
    return forms.TypedChoiceField(
        label=label,
        choices=[("yes", yes), ("no", no)],
        coerce=lambda answer: answer or initial,
        widget=forms.RadioSelect,
        initial=initial,
        required=False,
        empty_value=initial,
    )


class CalculatorForm(forms.Form):
    """Unit and meaning stand beside each field; sums are in CNY."""

    signed_on = _day(_("When was the contract signed?"))
    effective_on = _day(_("From which day does the contract take effect?"))
    paid = _money(
        _("What did you pay for it?"), help_text=_("In CNY, for this service alone.")
    )
    paid_at = _moment(_("When did you first pay?"))
    activated_at = _moment(
        _("When was it activated?"), help_text=_("Empty: it is not activated yet.")
    )
    ends_on = _day(_("What is the last day that you paid for?"), required=False)
    course_started_at = _moment(
        _("When did the course start?"), help_text=_("Empty: it has not started yet.")
    )
    delivery_due_on = _day(_("By which day was it to be delivered?"))
    lessons_total = _number(_("How many lessons are there in all?"), least=1)
    lessons_used = _number(_("How many lessons were watched?"))
    ordered = _number(_("How many did you order?"), least=1)
    delivered = _number(_("How many were delivered?"))
    consumed = _money(
        _("How much of the balance has been consumed?"),
        zero=True,
        help_text=_("In CNY; 0 where nothing was."),
    )
    share_used = _decimal(
        _("How much of it has been used?"),
        help_text=_("In per cent of what you bought; 0 where nothing was."),
    )
    outage_began_at = _moment(_("When did the outage begin?"))
    outage_ended_at = _moment(
        _("When did it end?"), help_text=_("Empty: it has not ended yet.")
    )
    outage_extent = forms.ChoiceField(
        label=_("How bad was it?"),
        choices=[
            ("total", _("Nothing worked at all")),
            ("harmful", _("It ran badly, and that hurt my business")),
            ("degraded", _("It ran badly")),
        ],
        widget=forms.RadioSelect,
        initial="total",
    )
    outage_cause = forms.ChoiceField(
        label=_("Where did it come from?"),
        help_text=_("We check this in our monitoring; assume what we will find."),
        choices=[
            ("provider", _("From your service")),
            ("customer", _("From my side")),
            ("third_party", _("From another network or provider")),
        ],
        widget=forms.RadioSelect,
        initial="provider",
    )
    ticket_opened_at = _moment(
        _("When did you open a ticket about it?"), help_text=_("Empty: there is none.")
    )
    ticket_resolved_at = _moment(
        _("When was the ticket resolved?"), help_text=_("Empty: it is still open.")
    )
    metric = forms.ChoiceField(
        label=_("What was worse than promised?"),
        choices=[(name, _(label)) for name, label in METRICS.items()],
        initial="availability",
    )
    promised = _decimal(
        _("What does the contract promise?"),
        help_text=_(
            "The plain number: availability and loss in per cent, latency and jitter "
            "in milliseconds."
        ),
    )
    measured = _decimal(
        _("What was measured?"), help_text=_("In the same unit; assume we accept it.")
    )
    reading_from = _day(_("First day of the measurement"))
    reading_to = _day(_("Last day of the measurement"))
    gap_confirmed = _yes_or_no(
        _("Do both sides confirm that it falls short of the contract?"), initial="yes"
    )
    defect_verified = _yes_or_no(_("Do we find the defect?"), initial="yes")
    item_undelivered = _yes_or_no(
        _("Do we find that the item was not delivered?"), initial="yes"
    )
    item_value = _money(
        _("What is the missing item worth by the contract?"),
        help_text=_("In CNY. Empty: the contract names no value for it."),
    )
    customer_fault = _yes_or_no(
        _("Do we find that you caused it by a breach of terms?"), initial="no"
    )
    keep_service = _yes_or_no(
        _("Keep the service?"), (_("Yes, keep it"), _("No, end it")), initial="no"
    )
    fees_kept = _money(
        _("Fees in it that the contract keeps"),
        zero=True,
        help_text=_("In CNY: set-up, access, support or features."),
    )
    minimum_commitment = _money(
        _("The minimum that you committed to"), zero=True, help_text=_("In CNY.")
    )
    gone = _money(_("What has gone back already"), zero=True, help_text=_("In CNY."))
    asked_at = _moment(_("When do you ask for the refund?"))

    def __init__(self, *args: Any, wanted: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - wanted:
            del self.fields[name]
        for name, field in self.fields.items():
            field.required = field.required and name not in MAY_BE_EMPTY
            field.error_messages["required"] = _("Answer this: the rules look at it.")

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        self._check_order("outage_began_at", "outage_ended_at")
        self._check_order("ticket_opened_at", "ticket_resolved_at")
        self._check_order("reading_from", "reading_to")
        self._check_term(cleaned)
        self._check_parts(cleaned)
        self._check_reading(cleaned)
        return cleaned

    def _check_order(self, first: str, last: str) -> None:
        """An end needs a beginning, and not before it."""
        began, ended = self.cleaned_data.get(first), self.cleaned_data.get(last)
        if ended is None or first in self.errors:
            return
        if began is None:
            self.add_error(first, _("Say when it began."))
        elif ended < began:
            self.add_error(last, _("It ends before it begins."))

    def _check_term(self, cleaned: dict[str, Any]) -> None:
        began: datetime | None = cleaned.get("activated_at")
        last: date | None = cleaned.get("ends_on")
        if began is None or "ends_on" not in self.fields or "ends_on" in self.errors:
            return
        if last is None:
            self.add_error("ends_on", _("Say until when it was paid for."))
        elif last < began.date():
            self.add_error("ends_on", _("It ends before it begins."))

    def _check_parts(self, cleaned: dict[str, Any]) -> None:
        used, lessons = cleaned.get("lessons_used"), cleaned.get("lessons_total")
        if used is not None and lessons is not None and used > lessons:
            self.add_error("lessons_used", _("More lessons are used than there are."))
        share = cleaned.get("share_used")
        if share is not None and share > validators.HUNDRED_PER_CENT:
            self.add_error("share_used", _("More than all of it can't be used."))

    def _check_reading(self, cleaned: dict[str, Any]) -> None:
        """All of it or none of it."""
        names = ("promised", "measured", "reading_from", "reading_to")
        if "measured" not in self.fields or all(cleaned.get(n) is None for n in names):
            return
        for name in names:
            if cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, _("A measurement needs this too."))
