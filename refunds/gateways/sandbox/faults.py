"""Faults that somebody asked for, and the damage that those of the wire do.

"before" faults happen before the gateway looks at its books, "after" ones once it has
booked; the latter are what catches a blind retry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock

from refunds.gateways.sandbox.wire import Ending, Reply

HOLD_SECONDS = 30.0
HTML_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><h1>{0}</h1></html>"

INSTEAD_OF_ANSWER = ("timeout_before_commit", "http_500_before")
DAMAGE_TO_ANSWER = (
    "timeout_after_commit",
    "reset_mid_answer",
    "truncated_json",
    "html_error_page",
    "http_502_after",
    "slow",
)
WIRE = INSTEAD_OF_ANSWER + DAMAGE_TO_ANSWER
WITH_SECONDS = ("timeout_after_commit", "timeout_before_commit", "slow")
ARGUMENT_NEEDED = ("slow",)


class UnknownFault(ValueError):
    """The words of a fault that can't be set."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`times=None` lasts until it is removed; `skip` calls pass unharmed first."""

    method: str
    name: str
    argument: str = ""
    times: int | None = 1
    skip: int = 0

    def __str__(self) -> str:
        return f"{self.name}:{self.argument}" if self.argument else self.name

    @property
    def seconds(self) -> float:
        return float(self.argument or HOLD_SECONDS)


def parse_fault(
    words: str,
    *,
    method: str,
    own: Mapping[str, bool],
    times: int | None = 1,
    skip: int = 0,
) -> Fault:
    """From `name` or `name:argument`. `own` are the faults of this method beside those
    of the wire, each with whether it needs an argument. Raises UnknownFault."""
    name, _, argument = words.partition(":")
    if name not in (*WIRE, *own):
        known = ", ".join((*WIRE, *own))
        raise UnknownFault(f"No fault of {method} is called {name!r}. Known: {known}.")
    if (name in ARGUMENT_NEEDED or own.get(name)) and not argument:
        raise UnknownFault(f"{name} needs an argument, as in {name}:2 or {name}:CODE.")
    if argument and name not in WITH_SECONDS and not own.get(name):
        raise UnknownFault(f"{name} takes no argument, got {argument!r}.")
    if argument and name in WITH_SECONDS and not _is_duration(argument):
        raise UnknownFault(f"{name} takes seconds from 0 to 600, got {argument!r}.")
    return Fault(method=method, name=name, argument=argument, times=times, skip=skip)


class FaultBoard:
    """The faults that wait, oldest first. In memory: a restart heals everything."""

    def __init__(self, methods: Mapping[str, Mapping[str, bool]]) -> None:
        self._methods = methods
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(
        self, words: str, *, method: str, times: int | None = 1, skip: int = 0
    ) -> Fault:
        """Raises UnknownFault."""
        if method not in self._methods:
            raise UnknownFault(
                f"No method is called {method!r}. Known: {', '.join(self._methods)}."
            )
        own = self._methods[method]
        fault = parse_fault(words, method=method, own=own, times=times, skip=skip)
        with self._lock:
            self._faults.append(fault)
        return fault

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, method: str) -> Fault | None:
        """The fault that strikes this call; one call uses up one turn of it."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.method == method:
                    return self._use(index, fault)
        return None

    def _use(self, index: int, fault: Fault) -> Fault | None:
        if fault.skip:
            self._faults[index] = replace(fault, skip=fault.skip - 1)
            return None
        if fault.times == 1:
            del self._faults[index]
        elif fault.times is not None:
            self._faults[index] = replace(fault, times=fault.times - 1)
        return fault


def instead_of_answer(fault: Fault) -> Reply:
    """The gateway fails before it has looked at its books."""
    if fault.name == "http_500_before":
        return _error_page(500, "500 Internal Server Error")
    return _silence(fault)


def damaged(reply: Reply, fault: Fault) -> Reply:
    """The answer to what was already booked, as the caller gets it."""
    match fault.name:
        case "timeout_after_commit":
            return _silence(fault)
        case "reset_mid_answer":
            return replace(reply, ending=Ending.RESET, told="reset")
        case "truncated_json":
            return replace(reply, body=reply.body[: len(reply.body) // 2], told="half")
        case "html_error_page":
            return _error_page(200, "系统繁忙，请稍后再试")
        case "http_502_after":
            return _error_page(502, "502 Bad Gateway")
        case "slow":
            return replace(reply, hold_seconds=fault.seconds)
        case _:
            return reply


def _silence(fault: Fault) -> Reply:
    return Reply(hold_seconds=fault.seconds, ending=Ending.SILENT, told="nothing")


def _error_page(status: int, title: str) -> Reply:
    return Reply(
        status=status, body=HTML_PAGE.format(title).encode(), told=f"HTTP {status}"
    )


def _is_duration(text: str) -> bool:
    try:
        return 0 <= float(text) <= 600
    except ValueError:
        return False
