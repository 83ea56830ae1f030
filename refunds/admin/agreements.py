"""What a special agreement may change in a rule: each change in words, and how its
value is typed. What takes no number is a choice of its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import MinorUnitsField
from accounts.minor_units import exact, to_decimal
from accounts.validators import exact_decimal
from refunds.policy.condition import Condition
from refunds.policy.labels import ANCHORS
from refunds.policy.plain import Scalar
from refunds.policy.rule import Rule
from refunds.policy.windows import MONTH_END, UNITS
from refunds.policy.wording import ASKS

Words = str | Promise


@dataclass(frozen=True)
class Typed:
    """How a number is typed (`read`) and shown again (`write`)."""

    hint: Words
    read: Callable[[str, str], Scalar]
    write: Callable[[Scalar], str] = str


@dataclass(frozen=True)
class Change:
    """`typed` None: the change is to `value`."""

    rule: str
    field: str
    label: Words
    value: Scalar = None
    typed: Typed | None = None

    @property
    def key(self) -> str:
        ending = "" if self.typed else f"={self.value}"
        return f"{self.rule}:{self.field}{ending}"

    def fits(self, *, rule: str, field: str, value: Scalar) -> bool:
        if (rule, field) != (self.rule, self.field):
            return False
        if self.typed is None:
            return type(value) is type(self.value) and value == self.value
        return value is not None and not isinstance(value, bool)


def _whole(text: str, currency: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise ValidationError(_("Write a whole number, such as 14."))
    return int(text)


def _decimal(text: str, currency: str) -> str:
    exact_decimal(text)
    return text


def _percent(text: str, currency: str) -> str:
    number = text.removesuffix("%").strip()
    exact_decimal(number)
    return _plain(Decimal(number) / 100)


def _as_percent(value: Scalar) -> str:
    share: Fraction = exact(value) * 100
    return _plain(Decimal(share.numerator) / Decimal(share.denominator))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _amount(text: str, currency: str) -> str:
    field = MinorUnitsField(max_length=40, zero=True)
    field.currency = currency
    return to_decimal(field.clean(text) or 0, currency=currency)


WHOLE = Typed(_("a whole number"), _whole)
HOURS = Typed(_("in hours"), _decimal)
LEVEL = Typed(_("a number, such as 99.95"), _decimal)
PERCENT = Typed(_("in %"), _percent, _as_percent)
AMOUNT = Typed(_("an amount in the contract's currency"), _amount)

BOUNDS: Mapping[str, tuple[Words, Typed]] = {
    "used_less_than": (_("Used less than this share"), PERCENT),
    "outage_longer_than": (_("One outage lasted longer than this"), HOURS),
    "outage_at_least": (_("One outage lasted at least this long"), HOURS),
    "unresolved_longer_than": (_("A ticket stayed unresolved longer than this"), HOURS),
    "level_breached": (_("Promised level"), LEVEL),
}
UNIT_WORDS: Mapping[str, Words] = {
    "hours": _("The deadline counts hours"),
    "calendar_days": _("The deadline counts calendar days"),
    "working_days": _("The deadline counts working days"),
}


def changes_of(rule: Rule) -> tuple[Change, ...]:
    """Every change that makes a difference to the rule."""
    return tuple(
        Change(rule.code, field, label, value, typed)
        for field, label, value, typed in _changes(rule)
    )


def title_of(rule: Rule) -> str:
    chinese = (get_language() or "").startswith("zh")
    return rule.title["zh" if chinese else "en"]


Row = tuple[str, Words, Scalar, Typed | None]


def _changes(rule: Rule) -> Iterator[Row]:
    whether = _("This rule does not apply") if rule.enabled else _("This rule applies")
    yield "enabled", whether, not rule.enabled, None
    yield "share", _("Share of the computed amount"), None, PERCENT
    yield from _windows(rule)
    for condition in rule.conditions:
        yield from _conditions(condition)
    yield "auto_approve_limit", _("Decided at once up to this amount"), None, AMOUNT
    if rule.auto_approve_limit is not None:
        yield "auto_approve_limit", _("Never decided at once"), None, None
    if rule.provider_at_fault:
        yield "provider_at_fault", _("The minimum commitment counts"), False, None
    else:
        words = _("We are at fault: the minimum commitment does not count")
        yield "provider_at_fault", words, True, None


def _windows(rule: Rule) -> Iterator[Row]:
    window = rule.window
    yield "window.amount", _("Length of the deadline"), None, WHOLE
    for unit in UNITS:
        if window is None or unit != window.unit:
            yield "window.unit", UNIT_WORDS[unit], unit, None
    for anchor, words in ANCHORS.items():
        known = window is not None and anchor == window.anchor
        if not known and (anchor != MONTH_END or rule.level is not None):
            start = _start(words)
            yield "window.anchor", start, anchor, None
    if window is not None:
        yield "window.anchor", _("There is no deadline"), "none", None
    if rule.outage is not None:
        days = _("Claimed within this many calendar days of the outage's end")
        yield "claim_within", days, None, WHOLE
    if rule.claim_within is not None:
        yield "claim_within", _("Claimed at any time after the outage"), None, None


def _start(anchor: str) -> str:
    return gettext("The deadline runs from %(anchor)s") % {"anchor": gettext(anchor)}


def _conditions(condition: Condition) -> Iterator[Row]:
    field = f"conditions.{condition.name}"
    bounded = getattr(condition, "metric", "any") is not None
    if condition.name in BOUNDS and bounded:
        label, typed = BOUNDS[condition.name]
        yield field, label, None, typed
    asks = gettext(ASKS[condition.name])
    yield (
        field,
        gettext("Not required: %(condition)s") % {"condition": asks},
        False,
        None,
    )


def choices_of(rules: Iterable[Rule]) -> list[tuple[str, Any]]:
    """For a select, grouped by rule; a closed one names the rule all the same."""
    return [
        (
            title_of(rule),
            [(c.key, f"{title_of(rule)} · {_label(c)}") for c in changes_of(rule)],
        )
        for rule in rules
    ]


def _label(change: Change) -> str:
    """What needs a number says how it is typed."""
    if change.typed is None:
        return str(change.label)
    return gettext("%(change)s (%(hint)s)") % {
        "change": change.label,
        "hint": change.typed.hint,
    }
