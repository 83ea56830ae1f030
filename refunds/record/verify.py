"""Walking every chain and naming the first event that is not as it was written."""

from collections.abc import Iterator
from dataclasses import dataclass

from refunds.models import Event, RefundRequest
from refunds.record.chain import digest
from refunds.states import State


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
        RefundRequest.objects.order_by("pk")
        .values_list("pk", "number", "state", "event_count", "event_head")
        .iterator(chunk_size=batch)
    )
    events = Event.objects.order_by("request_id", "position").iterator(chunk_size=batch)
    event = next(events, None)
    for pk, number, state, count, head in requests:
        name = number or f"draft {pk}"
        position, previous, fault, led_to = 0, "", "", State.DRAFT.value
        while event is not None and event.request_id == pk:
            if not fault:
                fault = _fault(event, after=position, previous=previous)
                position += 1
                previous = event.digest
                led_to = event.to_state or led_to
                if fault:
                    yield Break(name, position, fault)
            event = next(events, None)
        if not fault and (position, previous) != (count, head):
            yield Break(name, position + 1, "removed, or appended from outside")
        elif not fault and led_to != state:
            yield Break(name, position + 1, "left out: no event led to this state")


def _fault(event: Event, *, after: int, previous: str) -> str:
    if event.position != after + 1:
        return "removed or moved"
    if event.previous != previous:
        return "inserted or moved"
    if event.digest != digest(previous, vars(event)):
        return "altered"
    return ""
