"""Walking every chain and naming the first event that is not as it was written.

Requests and policies are each read beside their events, both in the order of the
chains, so that a million events need no more memory than one batch.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from refunds.models import Event, Policy, PolicyEvent, RefundRequest
from refunds.record.chain import CHAINED, POLICY_CHAINED, digest
from refunds.states import State

LINKS = ("previous", "digest")


@dataclass(frozen=True)
class Break:
    """`position` is where the chain first fails, and how; `chain` says whose it is."""

    chain: str
    position: int
    fault: str


@dataclass
class Tally:
    """How far the walk has come; `told` hears of it every so many events."""

    chains: int = 0
    events: int = 0
    told: Callable[["Tally"], None] = field(default=lambda _tally: None)
    every: int = 50_000

    def one_more(self) -> None:
        self.events += 1
        if self.events % self.every == 0:
            self.told(self)


@dataclass(frozen=True)
class Chain:
    """What its row says of a chain: `state` is where its events have to lead."""

    pk: int
    name: str
    count: int
    head: str
    state: str = ""


class Links:
    """Events of one table, one at a time, as dicts of the columns that are chained."""

    def __init__(
        self, model: type[Any], names: tuple[str, ...], *, batch: int, tally: Tally
    ) -> None:
        self.names, self.tally = names, tally
        columns = (*names, *LINKS)
        rows = model.objects.order_by(names[0], "position").values_list(*columns)
        self.rows = (
            dict(zip(columns, row, strict=True))
            for row in rows.iterator(chunk_size=batch)
        )
        self.next = next(self.rows, None)

    def of(self, pk: int) -> Iterator[dict[str, Any]]:
        while self.next is not None and self.next[self.names[0]] == pk:
            self.tally.one_more()
            yield self.next
            self.next = next(self.rows, None)

    def strays_before(self, pk: int | None) -> Iterator[Break]:
        """Events of a chain whose own row is gone."""
        while self.next is not None and (pk is None or self.next[self.names[0]] < pk):
            stray, lost = self.next, self.next[self.names[0]]
            yield Break(f"{self.names[0]} {lost}", stray["position"], "left behind")
            for _event in self.of(lost):
                pass


def find_breaks(*, batch: int = 2000, tally: Tally | None = None) -> Iterator[Break]:
    """The first break of every chain that does not verify, in bounded memory."""
    tally = tally or Tally()
    events = Links(Event, CHAINED, batch=batch, tally=tally)
    yield from _walk(_requests(batch), events, tally)
    changes = Links(PolicyEvent, POLICY_CHAINED, batch=batch, tally=tally)
    yield from _walk(_policies(), changes, tally)


def _requests(batch: int) -> Iterator[Chain]:
    columns = ("pk", "number", "event_count", "event_head", "state")
    rows = RefundRequest.objects.order_by("pk").values_list(*columns)
    for pk, number, *rest in rows.iterator(chunk_size=batch):
        yield Chain(pk, number or f"draft {pk}", *rest)


def _policies() -> Iterator[Chain]:
    columns = ("pk", "product_line", "event_count", "event_head")
    for pk, line, *rest in Policy.objects.order_by("pk").values_list(*columns):
        yield Chain(pk, f"policy {line}", *rest)


def _walk(chains: Iterator[Chain], links: Links, tally: Tally) -> Iterator[Break]:
    for each in chains:
        tally.chains += 1
        yield from links.strays_before(each.pk)
        if found := _first_break(each, links):
            yield found
    yield from links.strays_before(None)


def _first_break(each: Chain, links: Links) -> Break | None:
    """Reads all events of the chain, whatever it finds."""
    position, previous, led_to = 0, "", State.DRAFT.value
    found: Break | None = None
    for event in links.of(each.pk):
        if found is not None:
            continue
        position += 1
        if fault := _fault(event, position, previous, links.names):
            found = Break(each.name, position, fault)
        previous = event["digest"]
        led_to = event.get("to_state") or led_to
    if found is not None:
        return found
    if (position, previous) != (each.count, each.head):
        fault = "removed, or appended from outside"
        return Break(each.name, position + 1, fault)
    if each.state and led_to != each.state:
        return Break(each.name, position + 1, "left out: no event led to this state")
    return None


def _fault(
    event: dict[str, Any], position: int, previous: str, names: tuple[str, ...]
) -> str:
    if event["position"] != position:
        return "removed or moved"
    if event["previous"] != previous:
        return "inserted or moved"
    if event["digest"] != digest(previous, event, names):
        return "altered"
    return ""
