"""Walking every chain and naming the first event that is not as it was written."""

from collections.abc import Iterator
from dataclasses import dataclass

from refunds.models import Event, RefundRequest
from refunds.record.chain import digest


@dataclass(frozen=True)
class Break:
    """`position` is where the chain of that request first fails, and how."""

    request: str
    position: int
    fault: str


def find_breaks(*, batch: int = 2000) -> Iterator[Break]:
    """The first break of every request whose chain does not verify, in bounded memory.

    Both tables are read in the order of the request, side by side.
    """
    requests = (
        RefundRequest.objects.exclude(number=None)
        .order_by("pk")
        .values_list("pk", "number", "event_count", "event_head")
        .iterator(chunk_size=batch)
    )
    events = Event.objects.order_by("request_id", "position").iterator(chunk_size=batch)
    event = next(events, None)
    for pk, number, count, head in requests:
        position, previous, fault = 0, "", ""
        while event is not None and event.request_id == pk:
            if not fault:
                fault = _fault(event, after=position, previous=previous)
                position += 1
                previous = event.digest
                if fault:
                    yield Break(str(number), position, fault)
            event = next(events, None)
        if not fault and (position, previous) != (count, head):
            yield Break(str(number), position + 1, "removed, or appended from outside")


def _fault(event: Event, *, after: int, previous: str) -> str:
    if event.position != after + 1:
        return "removed or moved"
    if event.previous != previous:
        return "inserted or moved"
    if event.digest != digest(previous, vars(event)):
        return "altered"
    return ""
