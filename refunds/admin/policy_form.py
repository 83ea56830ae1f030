"""A rule typed by an operator: the form builds it, and each reason against it stands
at the field that it is about."""

import re
from collections import defaultdict
from dataclasses import MISSING, dataclass, fields
from fractions import Fraction
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.forms import MinorUnitsField
from accounts.minor_units import minor_digits
from refunds.admin.policy_fields import CodeChoice
from refunds.admin.policy_parts import (
    DAYS,
    STAGES,
    Words,
    fields_of_a_rule,
    paths_of,
)
from refunds.pages.rule_words import tell
from refunds.policy.condition import Condition
from refunds.policy.errors import PolicyError
from refunds.policy.rule import Rule
from refunds.policy.rules import load_defaults
from refunds.policy.sense import misfits
from refunds.policy.wording import NEEDED

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
LIMIT, CURRENCY = "auto_approve_limit.amount", "auto_approve_limit.currency"


def prefix_of(line: str) -> str:
    """What the codes of the line's rules begin with: live, course …"""
    return load_defaults()[line][0].code.partition(".")[0]


def start_of(line: str, others: tuple[Rule, ...]) -> dict[str, Any]:
    """A new rule comes last and takes the days of the first."""
    start = {
        "position": max((rule.position for rule in others), default=0) + 1,
        "enabled": True,
        "share": Fraction(1),
    }
    known = paths_of(others[0]) if others else {}
    return start | {path: known[path] for path in DAYS if path in known}


@dataclass(frozen=True)
class ConditionRow:
    """A condition to tick, what it needs, and the fields of its bounds."""

    tick: forms.BoundField
    needs: str
    bounds: list[forms.BoundField]


class RuleForm(forms.Form):
    """`rule` is the one typed, once the form is valid; `seen` what the editor saw."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    rule: Rule | None = None

    def __init__(
        self,
        data: Any = None,
        *,
        line: str,
        before: Rule | None = None,
        others: tuple[Rule, ...] = (),
        seen: str = "",
    ) -> None:
        initial = paths_of(before) if before else start_of(line, others)
        super().__init__(data, initial={CURRENCY: "CNY", **initial, "seen": seen})
        self.line, self.before = line, before
        if before is None:
            self.fields["code"] = forms.CharField(
                label=pgettext_lazy("rule", "Code"),
                max_length=40,
                help_text=_("Small letters, digits and _. It never changes later."),
            )
        self.fields |= fields_of_a_rule()
        self._fit_to(initial)

    def _fit_to(self, initial: dict[str, Any]) -> None:
        for path, field in self.fields.items():
            words = gettext("Fill this in: %(field)s.") % {"field": field.label}
            field.error_messages["required"] = words
            if isinstance(field, CodeChoice):
                field.keep(initial.get(path))
        limit = self.fields[LIMIT]
        if isinstance(limit, MinorUnitsField):
            limit.currency = self._currency()

    def _currency(self) -> str:
        """What the sum is read in; a code that is none is refused at its own field."""
        typed = str(self[CURRENCY].value() or "").strip().upper()
        return typed if _is_currency(typed) else "CNY"

    @property
    def code(self) -> str:
        if self.before is not None:
            return self.before.code
        return f"{prefix_of(self.line)}.{self.cleaned_data['code']}"

    @cached_property
    def at(self) -> dict[str, forms.BoundField]:
        """For templates, which can't write a dot in a name: at.window_amount."""
        return {path.replace(".", "_"): self[path] for path in self.fields}

    @cached_property
    def condition_rows(self) -> list[ConditionRow]:
        return [
            ConditionRow(
                tick=self[f"conditions.{name}"],
                needs=gettext(NEEDED.get(name, "")) % defaultdict(lambda: "…"),
                bounds=[self[path] for path in self._bounds(name).values()],
            )
            for name in Condition.kinds
        ]

    def _bounds(self, name: str) -> dict[str, str]:
        """The paths of a condition's bounds."""
        start = f"conditions.{name}."
        paths = (path for path in self.fields if path.startswith(start))
        return {path.removeprefix(start): path for path in paths}

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if not CODE.fullmatch(code):
            raise forms.ValidationError(
                _("Begin with a small letter; then small letters, digits and _ only.")
            )
        return code

    def clean(self) -> dict[str, Any]:
        self._check_currency()
        self._check_window()
        self._check_bounds()
        if not self.errors:
            self._build()
        return self.cleaned_data

    def _check_currency(self) -> None:
        typed = str(self.cleaned_data.get(CURRENCY) or "").strip().upper()
        if self.cleaned_data.get(LIMIT) is not None and not _is_currency(typed):
            self._refuse(CURRENCY, _("Write the code of a currency, such as CNY."))
        self.cleaned_data[CURRENCY] = typed

    def _check_window(self) -> None:
        anchor = self.cleaned_data.get("window.anchor")
        amount = self.cleaned_data.get("window.amount")
        if anchor and amount is None and "window.amount" not in self.errors:
            self._refuse("window.amount", _("Write how long the deadline is."))
        if amount is not None and not anchor:
            words = _("Choose what the deadline counts from, or empty its length.")
            self._refuse("window.anchor", words)

    def _check_bounds(self) -> None:
        """A ticked condition needs every bound that has no meaning when left empty."""
        for name, kind in Condition.kinds.items():
            if not self.cleaned_data.get(f"conditions.{name}"):
                continue
            needed = {f.name for f in fields(kind) if f.default is MISSING}  # type: ignore[arg-type]
            for bound, path in self._bounds(name).items():
                if bound in needed and self.cleaned_data.get(path) in (None, ""):
                    words = _("Fill this in, or untick the condition.")
                    self._refuse(path, words)

    def _refuse(self, path: str, words: Words) -> None:
        if path not in self.errors:
            self.add_error(path, str(words))

    def _build(self) -> None:
        try:
            self.rule = Rule.from_dict(self._as_dict())
            reasons = list(misfits(self.rule))
        except PolicyError as error:
            reasons = [error]
        for reason in reasons:
            self.add_error(self._field_of(reason.field), tell(reason.sentence))

    def differences(self, other: Rule) -> list[str]:
        """What this form says and the other rule does not, by the fields' labels."""
        if self.rule is None:
            return []
        ours, theirs = paths_of(self.rule), paths_of(other)
        paths = {*ours, *theirs} & set(self.fields)
        return [
            str(field.label)
            for path, field in self.fields.items()
            if path in paths and ours.get(path) != theirs.get(path)
        ]

    def _field_of(self, path: str) -> str | None:
        """The field of that path, else the first inside it, else the form."""
        return next((p for p in self.fields if f"{p}.".startswith(f"{path}.")), None)

    def _as_dict(self) -> dict[str, Any]:
        """As a rule is kept."""
        typed = self.cleaned_data
        whole = {name: self._inside(name) for name in ("title", "text", *STAGES)}
        return whole | {
            "code": self.code,
            "product_line": self.line,
            "position": typed["position"],
            "grounds": self._in_order("grounds", typed["grounds"]),
            "formula": typed["formula"],
            "enabled": typed["enabled"],
            "window": self._inside("window") if typed["window.anchor"] else None,
            "claim_within": typed["claim_within"],
            "conditions": self._conditions(),
            "tiers": typed["tiers"],
            "share": typed["share"] or "1",
            "provider_at_fault": typed["provider_at_fault"],
            "auto_approve_limit": None
            if typed[LIMIT] is None
            else self._inside("auto_approve_limit"),
            "evidence_required": self._in_order(
                "evidence_required", typed["evidence_required"]
            ),
        }

    def _inside(self, name: str) -> dict[str, Any]:
        start = f"{name}."
        return {
            path.removeprefix(start): value
            for path, value in self.cleaned_data.items()
            if path.startswith(start)
        }

    def _in_order(self, name: str, chosen: list[str]) -> list[str]:
        """As the rule had them before, new ones after: what was not meant stays."""
        values = getattr(self.before, name, ())
        before = [getattr(value, "name", value) for value in values]
        return sorted(
            chosen, key=lambda c: before.index(c) if c in before else len(before)
        )

    def _conditions(self) -> list[dict[str, Any]]:
        ticked = [n for n in Condition.kinds if self.cleaned_data[f"conditions.{n}"]]
        return [
            {"name": name, **self._bounds_typed(name)}
            for name in self._in_order("conditions", ticked)
        ]

    def _bounds_typed(self, name: str) -> dict[str, Any]:
        """An empty bound takes the meaning that the condition gives it."""
        typed = {b: self.cleaned_data[path] for b, path in self._bounds(name).items()}
        return {b: value for b, value in typed.items() if value not in (None, "")}


def _is_currency(code: str) -> bool:
    try:
        minor_digits(code)
    except ValueError:
        return False
    return True
