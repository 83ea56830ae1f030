"""A form as it stands on a page, and what a browser would send of it."""

from html.parser import HTMLParser
from typing import Any

Sent = dict[str, list[str]]


class _Form(HTMLParser):
    """The fields of the form that posts to its own page."""

    def __init__(self, css: str) -> None:
        super().__init__()
        self.css, self.inside = css, False
        self.sent: Sent = {}
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("class") == self.css
        if not self.inside:
            return
        name, value = given.get("name") or "", given.get("value")
        if tag == "input" and given.get("type") in ("checkbox", "radio"):
            if "checked" in given:
                self._send(name, value or "on")
        elif tag == "input":
            self._send(name, value or "")
        elif tag == "textarea":
            self.area = name
            self._send(name, "")
        elif tag == "select":
            self.select = name
        elif tag == "option" and "selected" in given:
            self._send(self.select, value or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.sent[self.area][-1] += data.removeprefix("\n")

    def _send(self, name: str, value: str) -> None:
        self.sent.setdefault(name, []).append(value)


def as_shown(response: Any, *, css: str) -> Sent:
    """What the form of that class sends when nobody touches it."""
    form = _Form(css)
    form.feed(response.content.decode())
    assert form.sent, f"no form {css!r} on the page"
    return {n: v for n, v in form.sent.items() if n != "csrfmiddlewaretoken"}
