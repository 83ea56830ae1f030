"""Every page as somebody reads it: who opens which, and what stands on it."""

from collections.abc import Iterator
from html.parser import HTMLParser

from accounts.models import Role, User
from tests.refunds.pages.visits import visitor
from tests.safety.addresses import every_address, names_of
from tests.safety.verdicts import verdict
from tests.safety.walk import Answer, knock
from tests.safety.world import World

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


def readers(world: World) -> dict[str, User]:
    return {
        "theirs": world.people.owner,
        "own": world.people.owner,
        "cases": world.people.evaluator,
        "superuser": world.people.superuser,
        "finance": world.only[Role.FINANCE],
        "administrator": world.only[Role.ADMINISTRATOR],
        "editor": world.only[Role.POLICY_EDITOR],
    }


def every_page(world: World, language: str) -> Iterator[Answer]:
    """Each page, by whoever opens it; GET."""
    people = {who: visitor(user) for who, user in readers(world).items()}
    nobody = visitor(None)
    for address in every_address():
        kind = verdict(address.name)
        ways = {
            "public": [nobody],
            "secret": [nobody],
            "machine": [],
            "own": [people["own"]],
            "theirs": [people["theirs"]],
        }
        clients = ways.get(kind, [people[who] for who in _staff(address.name)])
        for values in names_of(world, address):
            for client in clients:
                given = {"headers": {"accept-language": language}}
                path = address.filled(**values)
                answer = knock(client, address, path, "get", **given)
                if answer.status != 405:
                    yield answer


def _staff(name: str) -> list[str]:
    if "policy" in name or "backtest" in name:
        return ["editor"]
    if name.endswith(("_add", "_import", "self_check")) or "recordsimport" in name:
        return ["administrator"]
    if any(part in name for part in ("finance", "stops", "batch", "bring", "record")):
        return ["finance"]
    if "refundrequest" in name or name == "admin:index":
        return ["cases", "superuser"]
    return ["superuser"]
