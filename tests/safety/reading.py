"""What a reader sees or hears of a page, and what its elements carry."""

from html.parser import HTMLParser

SAID = ("aria-label", "title", "placeholder", "alt", "aria-description", "label")
UNSEEN = ("script", "style", "template")
VOID = ("input", "img", "meta", "link", "br", "hr", "source", "path", "use", "rect")


class Reading(HTMLParser):
    """`words` are the texts that a reader sees or hears in the page's language, without
    phrases that say they are in another one; `elements` all with what they carry."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.unseen: list[tuple[str, str]] = []
        self._inside: list[str] = []
        self._open: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        carried = {name: value or "" for name, value in attrs}
        self.elements.append((tag, carried))
        if tag not in VOID:
            self._open.append((tag, carried.get("lang") or self._language()))
        if not self._foreign():
            self.words += [carried[name] for name in SAID if carried.get(name)]
            if tag == "input" and carried.get("type") in ("submit", "button"):
                self.words.append(carried.get("value", ""))
        if tag in UNSEEN:
            self._inside.append(tag)

    def _language(self) -> str:
        return self._open[-1][1] if self._open else ""

    def _foreign(self) -> bool:
        if not self._open:
            return False
        return self._language().lower() != self._open[0][1].lower()

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()
        if tag in [name for name, _lang in self._open]:
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and self._inside:
            self.unseen.append((self._inside[-1], text))
        elif text and not self._foreign():
            self.words.append(text)
