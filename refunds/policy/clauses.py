"""What a contract changes in the rules: a clause per field, in the contract's words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from accounts.minor_units import exact, to_minor
from refunds.policy import plain
from refunds.policy.conditions import Condition
from refunds.policy.errors import PolicyError
from refunds.policy.plain import Scalar
from refunds.policy.rule import Limit, Rule
from refunds.policy.windows import Window


@dataclass(frozen=True)
class Clause:
    """A special agreement: one field of one rule, replaced for one contract.

    field    enabled, share, provider_at_fault, claim_within, auto_approve_limit,
             window.amount, window.unit, window.anchor or conditions.NAME
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
    conditions = rule.conditions
    for clause in clauses:
        group, _, name = clause.field.partition(".")
        try:
            if group == "window" and name in ("anchor", "amount", "unit"):
                window[name] = clause.value
            elif group == "conditions" and name:
                conditions = _rebound(conditions, name, clause.value)
            else:
                plain_fields[clause.field] = _value_of(clause, currency)
        except (PolicyError, TypeError, ValueError) as error:
            reason = error.reason if isinstance(error, PolicyError) else str(error)
            raise PolicyError(reason, rule=rule.code, field=clause.field) from None
    if window:
        plain_fields["window"] = _rewindowed(rule, window)
    return replace(rule, conditions=conditions, **plain_fields)


def _value_of(clause: Clause, currency: str) -> object:
    value = clause.value
    match clause.field:
        case "enabled" | "provider_at_fault" if isinstance(value, bool):
            return value
        case "share":
            return exact(value)
        case "claim_within":
            return None if value is None else _whole(value)
        case "auto_approve_limit" if value is None:
            return None
        case "auto_approve_limit":
            return Limit(to_minor(value, currency=currency), currency)
    raise ValueError(f"a clause can't set this to {value!r}")


def _rebound(
    conditions: tuple[Condition, ...], name: str, value: Scalar
) -> tuple[Condition, ...]:
    if name not in {condition.name for condition in conditions}:
        raise ValueError("the rule has no such condition")
    if value is True:
        return conditions
    return tuple(
        condition.bounded_by(value) if condition.name == name else condition
        for condition in conditions
        if condition.name != name or value is not False
    )


def _rewindowed(rule: Rule, parts: Mapping[str, Scalar]) -> Window | None:
    before = plain.dump(rule.window) if rule.window else {}
    after = {**before, **parts}
    if after.get("anchor") in (None, "none"):
        return None
    try:
        if "amount" in parts:
            after["amount"] = _whole(after["amount"])
        return plain.load(Window, after)
    except (PolicyError, TypeError, ValueError) as error:
        raise PolicyError(str(error), rule=rule.code, field="window") from None


def _whole(value: Scalar) -> int:
    number = exact(value)
    if number.denominator != 1:
        raise ValueError(f"{value!r} is no whole number")
    return number.numerator
