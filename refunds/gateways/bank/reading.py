"""Reading the bank's XML: no document type, no entities, whatever version it has."""

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from django.utils.translation import gettext as _

from accounts.minor_units import to_minor
from refunds.gateways.base import StatementBroken

LARGEST_KEY = 35


def is_xml(content: bytes) -> bool:
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def message_of(content: bytes, name: str) -> Element:
    """The element `name` below the document's root; raises StatementBroken."""
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise StatementBroken(
            _(
                "The file declares a document type or entities, which no bank does. "
                "Nothing of it was read. Ask the bank for the file again."
            ),
            content,
        ) from None
    except (ParseError, ValueError, LookupError):
        raise StatementBroken(
            _("The file is no complete XML. Ask the bank for it again."), content
        ) from None
    message = root.find(f"{{*}}{name}")
    if message is None:
        raise StatementBroken(
            _(
                "This is another file than the one asked for (%(expected)s). An answer "
                "to a batch is a pain.002, a statement is a camt.053."
            )
            % {"expected": name},
            content,
        )
    return message


def found(element: Element, path: str) -> Element | None:
    return element.find(_anywhere(path))


def all_of(element: Element, path: str) -> list[Element]:
    return element.findall(_anywhere(path))


def text_of(element: Element, *paths: str) -> str:
    """Of the first path that has any."""
    for path in paths:
        text = (element.findtext(_anywhere(path)) or "").strip()
        if text:
            return text
    return ""


def key_of(element: Element, path: str) -> str:
    key = text_of(element, path)
    return "" if key == "NOTPROVIDED" else key[:LARGEST_KEY]


def sum_of(element: Element, *paths: str) -> tuple[int, str] | None:
    """Minor units and currency of the first path that has them; raises
    StatementBroken for what is no amount."""
    for path in paths:
        amount = found(element, path)
        if amount is not None:
            return read_sum(amount.text or "", amount.get("Ccy", ""))
    return None


def read_sum(text: str, currency: str) -> tuple[int, str]:
    try:
        minor = to_minor(text.strip(), currency=currency.strip())
    except ValueError:
        minor = -1
    if minor < 0 or not text.strip().replace(".", "", 1).isdecimal():
        raise StatementBroken(
            _("%(text)s %(currency)s is no amount.")
            % {"text": text.strip()[:40], "currency": currency.strip()[:10]}
        )
    return minor, currency.strip()


def _anywhere(path: str) -> str:
    return "/".join(f"{{*}}{name}" for name in path.split("/"))
