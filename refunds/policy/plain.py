"""Frozen values to plain JSON and back, exactly, led by their type hints.

Fractions are written "1/3", moments and days in ISO 8601, tuples as lists. A `Value`,
whose type only shows when it is there, carries its kind: {"fraction": "1/3"}.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from accounts.minor_units import exact

T = TypeVar("T")
Scalar = bool | int | str | None
Value = bool | int | str | Fraction | datetime | date | tuple[str, ...] | None
Change = Callable[[Any], Any]
SEQUENCES = (list, tuple)


@dataclass(frozen=True)
class Codec:
    dump: Change
    load: Change


def dump(value: Any) -> Any:
    """Plain JSON of a frozen dataclass."""
    return codec(type(value)).dump(value)


def load(kind: type[T], data: object) -> T:
    """Inverse of `dump`; KeyError, TypeError or ValueError where it does not fit."""
    loaded: T = codec(kind).load(data)
    return loaded


def codec(hint: Any) -> Codec:
    """Made once for every type, then remembered."""
    if hint not in CODECS:
        CODECS[hint] = _made(hint)
    return CODECS[hint]


def _made(hint: Any) -> Codec:
    if get_origin(hint) in (Union, types.UnionType):
        return _optional(hint)
    if get_origin(hint) is tuple:
        return _tuple(codec(get_args(hint)[0]))
    if get_origin(hint) is Mapping:
        return _mapping(codec(get_args(hint)[1]))
    if hasattr(hint, "kinds"):
        return _family(hint.kinds)
    if is_dataclass(hint):
        return _record(hint)
    raise TypeError(f"no plain form for {hint!r}")


def _same(value: Any) -> Any:
    return value


def _only(kind: type) -> Codec:
    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not {kind.__name__}")
        return value

    return Codec(_same, check)


def _scalar(value: Any) -> Any:
    if value is not None and type(value) not in (bool, int, str):
        raise TypeError(f"{value!r} is not text, a whole number, true, false or null")
    return value


def _optional(hint: Any) -> Codec:
    inner = codec(next(arg for arg in get_args(hint) if arg is not types.NoneType))
    dump, load = inner.dump, inner.load
    return Codec(
        lambda value: None if value is None else dump(value),
        lambda data: None if data is None else load(data),
    )


def _tuple(inner: Codec) -> Codec:
    load = inner.load

    def read(data: Any) -> tuple[Any, ...]:
        if not isinstance(data, SEQUENCES):
            raise TypeError(f"{data!r} is not a list")
        return tuple([load(item) for item in data]) if data else ()

    return Codec(lambda value: [inner.dump(item) for item in value], read)


def _mapping(inner: Codec) -> Codec:
    def read(data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise TypeError(f"{data!r} is not an object")
        return {name: inner.load(item) for name, item in data.items()}

    return Codec(
        lambda value: {name: inner.dump(item) for name, item in value.items()}, read
    )


def _record(kind: Any) -> Codec:
    hints = get_type_hints(kind)
    parts = [(part.name, codec(hints[part.name])) for part in fields(kind)]
    loads = [(name, inner.load) for name, inner in parts]
    required = {part.name for part in fields(kind) if not _has_default(part)}
    known = {name for name, _ in parts}
    in_order = not any(part.kw_only for part in fields(kind))

    def write(value: Any) -> dict[str, Any]:
        return {name: inner.dump(getattr(value, name)) for name, inner in parts}

    def read(data: Any) -> Any:
        if not isinstance(data, dict):
            raise TypeError(f"{data!r} is not an object")
        if in_order and data.keys() == known:  # As it was written: the fast way.
            return kind(*[load(data[name]) for name, load in loads])
        if not known.issuperset(data):
            raise ValueError(f"unknown: {', '.join(sorted(set(data) - known))}")
        if not required.issubset(data):
            raise ValueError(f"missing: {', '.join(sorted(required - set(data)))}")
        return kind(**{name: load(data[name]) for name, load in loads if name in data})

    return Codec(write, read)


def _has_default(part: Field[Any]) -> bool:
    return part.default is not MISSING or part.default_factory is not MISSING


def _family(kinds: Mapping[str, Any]) -> Codec:
    """Classes told apart by the name that they were registered under."""
    members = {name: _record(kind) for name, kind in kinds.items()}

    def write(value: Any) -> dict[str, Any]:
        return {"name": value.name, **members[value.name].dump(value)}

    def read(data: Any) -> Any:
        if not isinstance(data, dict) or data.get("name") not in members:
            raise ValueError(f"{data!r} names none of: {', '.join(sorted(members))}")
        bound = {name: item for name, item in data.items() if name != "name"}
        return members[data["name"]].load(bound)

    return Codec(write, read)


def _dump_value(value: Any) -> Any:
    if isinstance(value, Fraction):
        return {"fraction": str(value)}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return list(value) if isinstance(value, tuple) else value


def _load_value(data: Any) -> Any:
    if isinstance(data, dict):
        [(kind, text)] = data.items()
        return KINDS[kind](text)
    return tuple(data) if isinstance(data, list) else data


KINDS: dict[str, Change] = {
    "fraction": exact,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
}
CODECS: dict[Any, Codec] = {
    bool: _only(bool),
    int: _only(int),
    str: _only(str),
    Scalar: Codec(_same, _scalar),
    Value: Codec(_dump_value, _load_value),
    Fraction: Codec(str, lru_cache(maxsize=10_000, typed=True)(exact)),
    datetime: Codec(datetime.isoformat, datetime.fromisoformat),
    date: Codec(date.isoformat, date.fromisoformat),
}
