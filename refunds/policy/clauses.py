"""What a contract changes in the rules: a clause per field, in the contract's words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from accounts.minor_units import exact, to_minor
from refunds.policy import plain
from refunds.policy.condition import NO_NUMBER
from refunds.policy.conditions import Condition
from refunds.policy.errors import PolicyError
from refunds.policy.plain import Scalar
from refunds.policy.rule import Limit, Rule
from refunds.policy.sentence import Sentence, gettext_noop
from refunds.policy.windows import Window

FIELDS = (
    "enabled",
    "share",
    "provider_at_fault",
    "claim_within",
    "auto_approve_limit",
    "window.anchor",
    "window.amount",
    "window.unit",
)
NO_FIELD = gettext_noop(
    "A clause can't change “%(field)s”. Choose one of: %(known)s, conditions.NAME."
)
NO_FLAG = gettext_noop("This is on or off. Write true or false.")
NO_WHOLE_NUMBER = gettext_noop("“%(value)s” is no whole number. Write one such as 30.")
NO_AMOUNT = gettext_noop(
    "“%(value)s” is no amount in %(currency)s. Write one such as 500."
)
NO_SUCH_CONDITION = gettext_noop(
    "This rule has no such condition. Choose one of: %(known)s."
)
NO_CONDITIONS = gettext_noop(
    "This rule has no conditions. A clause can change its window, its share or its "
    "limit."
)
HALF_A_WINDOW = gettext_noop(
    "This rule has no window yet. Give all of it: window.anchor, window.amount and "
    "window.unit."
)


@dataclass(frozen=True)
class Clause:
    """A special agreement: one field of one rule, replaced for one contract.

    field    one of FIELDS, or conditions.NAME
    value    the bound or flag; decimals as text; an amount in major units of the
             contract's currency; false waives a condition
    wording  the clause as the contract has it
    """

    rule: str
    field: str
    value: Scalar
    wording: str = ""


def apply_clauses(
    rules: Iterable[Rule], clauses: Iterable[Clause], *, currency: str = "CNY"
) -> tuple[Rule, ...]:
    """The rules as the contract has them; clauses on other rules change nothing.

    currency  the contract's; an auto_approve_limit is in it
    Raises PolicyError where a clause, or what it makes of its rule, is nonsense.
    """
    said: dict[str, list[Clause]] = {}
    for clause in clauses:
        said.setdefault(clause.rule, []).append(clause)
    return tuple(
        _amended(rule, said[rule.code], currency) if rule.code in said else rule
        for rule in rules
    )


def _amended(rule: Rule, clauses: list[Clause], currency: str) -> Rule:
    """All clauses at once: a window's parts may only make sense together."""
    plain_fields: dict[str, Any] = {}
    window: dict[str, Scalar] = {}
    conditions, waived = rule.conditions, set(rule.waived)
    for clause in clauses:
        group, _, name = clause.field.partition(".")
        try:
            if group == "window" and name in ("anchor", "amount", "unit"):
                window[name] = _part_of_window(name, clause.value)
            elif group == "conditions" and name:
                conditions = _rebound(conditions, name, clause.value)
                if clause.value is False:
                    waived.add(name)
            else:
                plain_fields[clause.field] = _value_of(clause, currency)
        except PolicyError as error:
            raise error.within(rule.code, field=clause.field) from None
    if window:
        plain_fields["window"] = _rewindowed(rule, window)
    plain_fields |= {"conditions": conditions, "waived": tuple(sorted(waived))}
    return replace(rule, **plain_fields)


def _value_of(clause: Clause, currency: str) -> object:
    value = clause.value
    match clause.field:
        case "enabled" | "provider_at_fault":
            return _flag(value)
        case "share":
            return _number(value)
        case "claim_within":
            return None if value is None else _whole(value)
        case "auto_approve_limit":
            return None if value is None else _limit(value, currency)
    known = ", ".join(FIELDS)
    raise _refusal(NO_FIELD, field=clause.field, known=known)


def _rebound(
    conditions: tuple[Condition, ...], name: str, value: Scalar
) -> tuple[Condition, ...]:
    known = [condition.name for condition in conditions]
    if not known:
        raise _refusal(NO_CONDITIONS)
    if name not in known:
        raise _refusal(NO_SUCH_CONDITION, known=", ".join(known))
    if isinstance(value, bool):
        return conditions
    return tuple(
        condition.bounded_by(value) if condition.name == name else condition
        for condition in conditions
    )


def _part_of_window(name: str, value: Scalar) -> Scalar:
    return _whole(value) if name == "amount" else value


def _rewindowed(rule: Rule, parts: Mapping[str, Scalar]) -> Window | None:
    before = plain.dump(rule.window) if rule.window else {}
    after = {**before, **parts}
    if after.get("anchor") in (None, "none"):
        return None
    try:
        if not {"amount", "unit"} <= after.keys():
            raise _refusal(HALF_A_WINDOW)
        return Window(str(after["anchor"]), after["amount"], str(after["unit"]))
    except PolicyError as error:
        raise error.within(rule.code, field=error.field or "window") from None


def _refusal(text: str, **values: str) -> PolicyError:
    return PolicyError(Sentence(text, values))


def _flag(value: Scalar) -> bool:
    if not isinstance(value, bool):
        raise _refusal(NO_FLAG)
    return value


def _number(value: Scalar) -> Fraction:
    try:
        return exact(value)
    except (TypeError, ValueError):
        raise _refusal(NO_NUMBER, value=str(value)) from None


def _whole(value: Scalar) -> int:
    number = _number(value)
    if number.denominator != 1:
        raise _refusal(NO_WHOLE_NUMBER, value=str(value))
    return number.numerator


def _limit(value: Scalar, currency: str) -> Limit:
    try:
        return Limit(to_minor(value, currency=currency), currency)
    except (TypeError, ValueError):
        raise _refusal(NO_AMOUNT, value=str(value), currency=currency) from None
