"""Stripe's form encoding: `metadata[key]=…`, `created[gte]=…`, `expand[]=…`."""

import re
from typing import Any
from urllib.parse import parse_qsl

from refunds.gateways.sandbox.stripe.errors import Refused, invalid

NAME = re.compile(r"([a-z_]+)((?:\[[^\[\]]*\])*)")
Form = dict[str, Any]


def read_form(text: str) -> Form:
    """Raises Refused for what is no form, or names a value twice."""
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=bool(text), errors="strict"
        )
    except ValueError:
        raise Refused(400, message="Invalid request: not a form.") from None
    form: Form = {}
    for name, value in pairs:
        _put(form, name, value)
    return form


def number(form: Form, name: str, *, least: int = 1) -> int | None:
    """None where it is not given."""
    value = form.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,18}", value, re.ASCII):
        raise invalid(name, "parameter_invalid_integer")
    if int(value) < least:
        raise invalid(name, "parameter_invalid_integer")
    return int(value)


def word(form: Form, name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str):
        raise invalid(name)
    return value


def words(form: Form, name: str) -> dict[str, str]:
    """A group of names and words, such as metadata."""
    found = form.get(name, {})
    if not isinstance(found, dict):
        raise invalid(name)
    if not all(isinstance(value, str) for value in found.values()):
        raise invalid(name)
    return found


def only(form: Form, *names: str) -> None:
    for name in form:
        if name not in names:
            raise invalid(
                name,
                "parameter_unknown",
                message=f"Received unknown parameter: {name}",
            )


def _put(form: Form, name: str, value: str) -> None:
    match = NAME.fullmatch(name)
    if match is None:
        raise invalid(name[:40])
    steps = re.findall(r"\[([^\[\]]*)\]", match[2])
    if steps == [""] or (len(steps) == 1 and steps[0].isdecimal()):
        form.setdefault(match[1], []).append(value)
        return
    place = form
    for step in (match[1], *steps)[:-1]:
        place = place.setdefault(step, {})
        if not isinstance(place, dict):
            raise invalid(match[1])
    last = (match[1], *steps)[-1]
    if last in place:
        raise invalid(match[1], message=f"{name} is given twice.")
    place[last] = value
