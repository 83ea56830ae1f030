"""What is added to a request after it was sent: files, words with files, and what the
customer measured. Each refused file is named at its field."""

import unicodedata
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts import validators
from refunds.errors import EvidenceRefused
from refunds.filing.evidence import Paper, look_at
from refunds.models import Evidence, RefundRequest
from refunds.pages.forms import KINDS, WordsForm
from refunds.pages.rule_words import level, metric_name


class FilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        return list(files.getlist(name)) if hasattr(files, "getlist") else []


class PapersField(forms.Field):
    """Files as they are sent, each looked at."""

    def __init__(self, *, multiple: bool = True, **kwargs: Any) -> None:
        accept = "image/jpeg,image/png,application/pdf"
        attrs = {"accept": accept} | ({"multiple": True} if multiple else {})
        kwargs.setdefault("help_text", _("JPG, PNG or PDF, 5 MB each."))
        super().__init__(widget=FilesInput(attrs=attrs), **kwargs)

    def clean(self, value: list[UploadedFile]) -> list[Paper]:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"])
        papers, refusals = [], []
        for file in value:
            try:
                papers.append(look_at(file.read(), name=file.name or ""))
            except EvidenceRefused as refusal:
                refusals.append(str(refusal))
        if refusals:
            raise forms.ValidationError(refusals)
        return papers


class AnswerWithFilesForm(WordsForm):
    """Words, and what proves them."""

    kind = forms.ChoiceField(
        label=_("What are the files?"), choices=KINDS, required=False
    )
    papers = PapersField(label=_("Files"), required=False)


class AddEvidenceForm(forms.Form):
    """Files without words, of one kind at a time."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=KINDS)
    papers = PapersField(
        label=_("Files"), error_messages={"required": _("Choose a file first.")}
    )


def _moment(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        validators=[validators.plausible_moment],
        error_messages={"invalid": _("Write the moment as 2026-11-27 09:30.")},
    )


class MeasurementForm(forms.Form):
    """A level of the customer's own, in the contract's time, with its report."""

    metric = forms.ChoiceField(label=_("What did you measure?"))
    measured = forms.CharField(
        label=_("What did it come to?"),
        help_text=_("The plain number, in the unit that the promise is in."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        max_length=40,
    )
    period_from = _moment(pgettext_lazy("measured period", "From"))
    period_to = _moment(pgettext_lazy("measured period", "To"))
    report = forms.ModelChoiceField(
        label=_("Which file is the report?"),
        queryset=Evidence.objects.none(),
        required=False,
        empty_label=_("A new file, chosen below"),
        error_messages={"invalid_choice": _("Choose a file of this request.")},
    )
    papers = PapersField(label=_("The report"), multiple=False, required=False)

    def __init__(self, *args: Any, refund: RefundRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(refund.contract.time_zone)
        metric, report = self.fields["metric"], self.fields["report"]
        assert isinstance(metric, forms.ChoiceField)
        assert isinstance(report, forms.ModelChoiceField)
        metric.choices = promises_of(refund)
        report.queryset = refund.evidence.exclude(frozen_at=None)
        self.fields["period_from"].help_text = _("In the time zone %(zone)s.") % {
            "zone": refund.contract.time_zone
        }

    def full_clean(self) -> None:
        """Moments are typed in the contract's time."""
        with timezone.override(self.zone):
            super().full_clean()

    def clean_measured(self) -> str:
        typed = unicodedata.normalize("NFKC", self.cleaned_data["measured"])
        text = typed.strip().removesuffix("%").strip()
        validators.exact_decimal(text)
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        began, ended = cleaned.get("period_from"), cleaned.get("period_to")
        if began and ended and ended < began:
            self.add_error("period_to", _("It ends before it begins."))
        if not {"report", "papers"} & self.errors.keys() and self._chosen() is None:
            self.add_error("papers", _("Choose the report, here or in the list above."))
        return cleaned

    def _chosen(self) -> Evidence | Paper | None:
        """A new file goes before one in the list."""
        papers: list[Paper] = self.cleaned_data["papers"]
        report: Evidence | None = self.cleaned_data["report"]
        return papers[0] if papers else report

    @property
    def told(self) -> dict[str, Any]:
        """What the verb takes."""
        names = ("metric", "measured", "period_from", "period_to")
        told = {name: self.cleaned_data[name] for name in names}
        return told | {"report": self._chosen()}


def promises_of(refund: RefundRequest) -> list[tuple[str, str]]:
    """Each metric with what it is called and what was promised, in its unit."""
    return [
        (
            metric,
            gettext("%(metric)s, %(level)s promised")
            % {
                "metric": metric_name(metric),
                "level": level(Fraction(promised), metric=metric),
            },
        )
        for metric, promised in refund.service.promised.items()
    ]
