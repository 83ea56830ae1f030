"""How each value of a rule is typed: a form field by what the value is.

A condition's fields come from its class, so that a new condition appears by itself.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import fields
from fractions import Fraction
from itertools import zip_longest
from typing import Any, get_args, get_type_hints

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.minor_units import exact
from refunds.pages.rule_words import exact as written_exactly
from refunds.policy.condition import Condition
from refunds.policy.labels import METRICS
from refunds.policy.sentence import gettext_noop

Words = str | Promise
NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\d+/\d+)", re.ASCII)
IGNORED = str.maketrans("", "", " ,\N{NO-BREAK SPACE}")
EXTENTS = {
    "total": gettext_noop("nothing worked at all"),
    "total_or_degraded": gettext_noop(
        "nothing worked, or so badly that it hurt the business"
    ),
}
# What a contract's clause sets, no rule.
OF_CLAUSES = {"agreed"}
SPARE_TIERS = 3


class NumberField(forms.CharField):
    """A number as people type it, to exact text ("1/5"); `per_cent` of it is typed.

    A Fraction is shown as it would be typed.
    """

    def __init__(self, *, per_cent: bool = False, unit: Words = "", **options: Any):
        super().__init__(required=False, max_length=30, **options)
        self.per_cent = per_cent
        self.unit = "%" if per_cent else unit
        self.widget.attrs["inputmode"] = "decimal"

    def clean(self, value: Any) -> str | None:
        typed = unicodedata.normalize("NFKC", str(super().clean(value) or ""))
        text = typed.translate(IGNORED).replace("\N{MINUS SIGN}", "-").removesuffix("%")
        return str(self._number(text)) if text else None

    def _number(self, text: str) -> Fraction:
        try:
            number: Fraction = exact(text if NUMBER.fullmatch(text) else "")
        except ValueError:
            words = _("Write a number in digits, such as 20 or 99.95.")
            raise forms.ValidationError(words) from None
        if not self.per_cent:
            return number
        if not 0 <= number <= 100:
            raise forms.ValidationError(_("Write a share from 0% to 100%."))
        return number / 100

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Fraction):
            return value
        shown = value * 100 if self.per_cent else value
        return written_exactly(shown).replace(",", "")


class CodeChoice(forms.ChoiceField):
    """One of the known codes; a kept one that is not among them stays possible."""

    def __init__(self, labels: Mapping[str, str], *, none: Words, **options: Any):
        self.known = [("", none), *((code, _(labels[code])) for code in labels)]
        super().__init__(choices=self.known, required=False, **options)

    def keep(self, code: object) -> None:
        if code and code not in dict(self.known):
            self.choices = [*self.known, (str(code), str(code))]


class TierRows(forms.Widget):
    """A row of two inputs per tier; the page writes them, `tier_rows` gives them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        below, share = data.getlist(f"{name}.below"), data.getlist(f"{name}.share")
        return list(zip_longest(below, share, fillvalue=""))


class TiersField(forms.Field):
    """Rows of (below, share in %) as typed, to the tiers that the rule keeps."""

    widget = TierRows

    def clean(self, value: Any) -> list[dict[str, str]]:
        tiers = []
        for number, typed in enumerate(value or (), start=1):
            below, share = (part.strip() for part in typed)
            if below and share:
                tiers.append(self._tier(below, share))
            elif below or share:
                raise forms.ValidationError(
                    _("Row %(number)s: write both the level and the share."),
                    params={"number": number},
                )
        return tiers

    def _tier(self, below: str, share: str) -> dict[str, str]:
        level, part = NumberField().clean(below), NumberField(per_cent=True)
        return {"below": str(level), "share": str(part.clean(share))}

    def prepare_value(self, value: Any) -> list[tuple[str, str]]:
        """With spare rows, as many as there is room for."""
        rows = [self._shown(tier) for tier in value or ()]
        typed = [row for row in rows if any(row)]
        return [*typed, *[("", "")] * SPARE_TIERS]

    def _shown(self, tier: Any) -> tuple[str, str]:
        if isinstance(tier, tuple):
            return tier
        share = NumberField(per_cent=True).prepare_value(tier.share)
        return NumberField().prepare_value(tier.below), share


FIELDS: Mapping[str, Callable[[], forms.Field]] = {
    "share": lambda: NumberField(label=pgettext_lazy("bound", "share"), per_cent=True),
    "hours": lambda: NumberField(
        label=pgettext_lazy("bound", "how long"), unit=pgettext_lazy("bound", "hours")
    ),
    "extent": lambda: CodeChoice(
        EXTENTS, none="—", label=pgettext_lazy("outage", "how bad it was")
    ),
    "metric": lambda: CodeChoice(
        METRICS, none=_("any that was promised"), label=_("metric")
    ),
    "level": lambda: NumberField(
        label=_("level, where nothing else was promised"),
        help_text=_(
            "Per cent for availability and loss, milliseconds for latency and jitter."
        ),
    ),
}
OF_TYPE: Mapping[type, Callable[[], forms.Field]] = {
    Fraction: NumberField,
    int: lambda: forms.IntegerField(required=False),
    str: lambda: forms.CharField(required=False, max_length=200),
}


def bounds_of(kind: type[Condition]) -> dict[str, forms.Field]:
    """A field per bound of the condition: by its name, else by its type."""
    hints, typed = get_type_hints(kind), {}
    for bound in fields(kind):  # type: ignore[arg-type]
        if bound.name in OF_CLAUSES:
            continue
        hint = hints[bound.name]
        plain = next(iter(get_args(hint)), hint)
        typed[bound.name] = FIELDS.get(bound.name, OF_TYPE.get(plain, OF_TYPE[str]))()
    return typed
