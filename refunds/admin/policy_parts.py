"""What a rule is made of, as form fields, each named by its path in the rule:
window.amount, conditions.unused, title.zh."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise, lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.forms import MinorUnitsField
from refunds.admin.policy_fields import CodeChoice, NumberField, TiersField, bounds_of
from refunds.policy import labels
from refunds.policy.condition import Condition
from refunds.policy.rule import Rule
from refunds.policy.windows import UNITS
from refunds.policy.wording import ASKS

Words = str | Promise
TITLES = {
    "en": _("Title in English"),
    "zh": _("Title in Chinese"),
}
TEXTS = {
    "en": _("In plain English"),
    "zh": _("In plain Chinese"),
}
STAGES = ("review", "evaluation", "payout")
DAYS: Mapping[str, Words] = {
    "review.warn": _("First check: warned after"),
    "review.due": _("First check: due after"),
    "evaluation.warn": _("Evaluation: warned after"),
    "evaluation.due": _("Evaluation: due after"),
    "payout.warn": _("Payout: warned after"),
    "payout.due": _("Payout: due after"),
}
UNIT_WORDS: Mapping[str, Words] = {
    "hours": pgettext_lazy("unit", "hours"),
    "calendar_days": pgettext_lazy("unit", "calendar days"),
    "working_days": pgettext_lazy("unit", "working days"),
}
MEANING: Mapping[str, Words] = {
    "full": _("All of the value."),
    "unused_share": _(
        "Value × minutes left of the term, and of outages that were ours, ÷ minutes of "
        "the term. On a prepaid balance: what was not consumed."
    ),
    "outage_share": _("Value × minutes of the outage ÷ minutes of the term."),
    "breach_share": _(
        "Value × minutes of the periods below the level ÷ minutes of the term."
    ),
    "remaining_lessons": _("Value × lessons left ÷ all lessons."),
    "shortfall_share": _("Value × units missing ÷ units ordered."),
    "undelivered_items": _("The sum of the missing items' own prices."),
    "service_credit": _(
        "For each month below the level, the share of its tier of that month's price."
    ),
    "negotiated": _("No formula: a reviewer states the amount, with a reason."),
}


def _explained(formula: str) -> SafeString:
    label, meaning = gettext(labels.FORMULAS[formula]), MEANING[formula]
    return format_html("<span>{} <small>{}</small></span>", label, meaning)


explained = lazy(_explained, SafeString)


def _several(known: Mapping[str, str], **options: Any) -> forms.Field:
    return forms.MultipleChoiceField(
        choices=[(code, _(label)) for code, label in known.items()],
        widget=forms.CheckboxSelectMultiple,
        **options,
    )


def _number(label: Any, **options: Any) -> forms.Field:
    return forms.IntegerField(label=label, **options)


def _words() -> Iterator[tuple[str, forms.Field]]:
    yield (
        "position",
        _number(pgettext_lazy("rule", "Position"), min_value=1, max_value=9999),
    )
    for code, label in TITLES.items():
        title = forms.CharField(label=label, max_length=120)
        title.widget.attrs["lang"] = code
        yield f"title.{code}", title
    for code, label in TEXTS.items():
        area = forms.Textarea(attrs={"rows": 4, "lang": code})
        text = forms.CharField(label=label, widget=area, max_length=2000)
        yield f"text.{code}", text
    yield "grounds", _several(labels.GROUNDS, label=_("Answers these reasons"))


def _window() -> Iterator[tuple[str, forms.Field]]:
    yield (
        "window.anchor",
        CodeChoice(
            labels.ANCHORS, none=_("no deadline: at any time"), label=_("Counted from")
        ),
    )
    yield "window.amount", _number(pgettext_lazy("rule", "Length"), required=False)
    yield (
        "window.unit",
        forms.ChoiceField(
            label=pgettext_lazy("rule", "Unit"),
            choices=[(unit, UNIT_WORDS[unit]) for unit in UNITS],
            required=False,
        ),
    )
    yield (
        "claim_within",
        _number(
            _("Asked for within, calendar days after the outage's end"),
            required=False,
            help_text=_(
                "Where this is filled in, the deadline is for the outage to begin in."
            ),
        ),
    )


def _conditions() -> Iterator[tuple[str, forms.Field]]:
    for name, kind in Condition.kinds.items():
        yield (
            f"conditions.{name}",
            forms.BooleanField(label=_(ASKS.get(name, name)), required=False),
        )
        for bound, field in bounds_of(kind).items():
            yield f"conditions.{name}.{bound}", field


def _money() -> Iterator[tuple[str, forms.Field]]:
    yield (
        "formula",
        forms.ChoiceField(
            label=_("What comes back"),
            choices=[(code, explained(code)) for code in labels.FORMULAS],
            widget=forms.RadioSelect,
        ),
    )
    yield "tiers", TiersField(label=_("Tiers of a service credit"), required=False)
    yield (
        "share",
        NumberField(
            label=_("Of that, this share"),
            per_cent=True,
            help_text=_("100 unless less of it comes back."),
        ),
    )
    yield (
        "provider_at_fault",
        forms.BooleanField(
            label=_("We are at fault"),
            required=False,
            help_text=_("Then the contract's minimum commitment takes nothing away."),
        ),
    )
    yield (
        "auto_approve_limit.amount",
        MinorUnitsField(
            label=_("Decided at once up to"),
            required=False,
            zero=True,
            max_length=40,
            help_text=_("Only where records show everything. Empty: people decide."),
        ),
    )
    currency = pgettext_lazy("rule", "Currency")
    yield (
        "auto_approve_limit.currency",
        forms.CharField(label=currency, max_length=3, required=False),
    )


def _procedure() -> Iterator[tuple[str, forms.Field]]:
    yield (
        "evidence_required",
        _several(
            labels.EVIDENCE_KINDS,
            label=_("Evidence that must be there"),
            required=False,
        ),
    )
    for path, label in DAYS.items():
        yield path, _number(label)
    yield (
        "enabled",
        forms.BooleanField(
            label=_("This rule applies"),
            required=False,
            help_text=_("A rule that is off is left out entirely, for refusals too."),
        ),
    )


PARTS: tuple[Callable[[], Iterator[tuple[str, forms.Field]]], ...] = (
    _words,
    _window,
    _conditions,
    _money,
    _procedure,
)


def fields_of_a_rule() -> dict[str, forms.Field]:
    return {path: field for part in PARTS for path, field in part()}


def paths_of(rule: Rule) -> dict[str, Any]:
    """Every value of the rule by its path."""
    values: dict[str, Any] = {}
    for name, value in vars(rule).items():
        parts = vars(value) if is_dataclass(value) else value
        if isinstance(parts, Mapping):
            values |= {f"{name}.{part}": inner for part, inner in parts.items()}
        else:
            values[name] = value
    for condition in rule.conditions:
        path = f"conditions.{condition.name}"
        values[path] = True
        values |= {f"{path}.{bound}": v for bound, v in vars(condition).items()}
    return values
