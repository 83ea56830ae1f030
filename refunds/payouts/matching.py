"""A route's statement beside our own legs. Pure: every line and every leg comes out
accounted for once. A line finds its leg by our key and by nothing else."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """What our books say of a leg's money.

    `GONE`: it went back. `OPEN`: nobody knows yet. `NOTHING`: none moved and none can.
    `RETURNED`: it went back and is with us again.
    """

    GONE = "gone"
    OPEN = "open"
    NOTHING = "nothing"
    RETURNED = "returned"


class Kind(StrEnum):
    """The kinds of `Discrepancy` that a comparison can find."""

    NOT_STATED = "not_stated"
    NOT_OURS = "not_ours"
    AMOUNT = "amount"
    TWICE = "twice"
    CAME_BACK = "came_back"


@dataclass(frozen=True)
class Ours:
    """A leg; minor units. `due`: the statements that had to have it have all come.
    `stated`: the moments under which statements of other days have it."""

    pk: int
    key: str
    trade_number: str
    amount: int
    currency: str
    standing: Standing
    due: bool = False
    stated: frozenset[datetime] = frozenset()


@dataclass(frozen=True)
class Stated:
    """A line of a statement; minor units, `back` where money came back to us."""

    key: str
    provider_number: str
    trade_number: str
    amount: int
    currency: str
    at: datetime
    back: bool = False

    @property
    def reference(self) -> str:
        """Tells one movement from every other, today and when it is read again. Some
        routes give a refund no number but its payment's."""
        if self.provider_number and self.provider_number != self.trade_number:
            return self.provider_number
        if self.key:
            return self.key
        told = (
            f"{self.trade_number} {self.amount} {self.currency} {self.at.timestamp()}"
        )
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    @property
    def subject(self) -> str:
        """What a discrepancy about it is called where no leg of ours gives its key."""
        return f"{self.trade_number}:{self.reference}"


@dataclass(frozen=True)
class Finding:
    """One thing that does not agree."""

    kind: Kind
    subject: str
    line: Stated | None = None
    ours: Ours | None = None


@dataclass
class Matching:
    """`agreed`: line and leg tell the same. `waiting`: legs that no statement has to
    have yet. `ask`: legs of which a line tells what we don't know; `news`: the lines.
    """

    agreed: list[tuple[Ours, Stated]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    waiting: list[Ours] = field(default_factory=list)
    ask: dict[int, Ours] = field(default_factory=dict)
    news: list[Stated] = field(default_factory=list)


def together(files: Iterable[Iterable[Stated]]) -> list[Stated]:
    """The lines of several files of one day: what two of them have is one movement,
    what one of them has twice is stated twice."""
    told: Counter[Stated] = Counter()
    for file in files:
        told |= Counter(file)
    return list(told.elements())


def match(
    legs: Iterable[Ours], lines: Sequence[Stated], *, proves: bool = True
) -> Matching:
    """`proves`: whether a line of this route proves that money moved; one that lists
    what was asked for, as WeChat Pay does, does not."""
    by_key = {leg.key: leg for leg in legs}
    found, seen = Matching(), set[tuple[str, bool]]()
    for line in lines:
        ours = by_key.get(line.key)
        name = ours.key if ours else line.subject
        again = (name, line.back) in seen
        seen.add((name, line.back))
        kind = Kind.TWICE if again else _differs(line, ours, proves=proves)
        if kind is None and ours:
            found.agreed.append((ours, line))
        elif kind is not None:
            found.findings.append(Finding(kind, name, line, ours))
        if ours and _tells_something(line, ours):
            found.ask[ours.pk] = ours
            found.news.append(line)
    for leg in by_key.values():
        if (leg.key, False) not in seen and not leg.stated:
            _account_for(leg, found)
    return found


def _differs(line: Stated, ours: Ours | None, *, proves: bool) -> Kind | None:
    if line.back:
        return _came_back(ours)
    if ours is None:
        return Kind.NOT_OURS
    if ours.stated and line.at not in ours.stated:
        return Kind.TWICE
    if (line.amount, line.currency) != (ours.amount, ours.currency):
        return Kind.AMOUNT
    if ours.standing is Standing.NOTHING and proves:
        return Kind.NOT_OURS
    return None


def _came_back(ours: Ours | None) -> Kind | None:
    """What we know to be with us is no news."""
    if ours and ours.standing in (Standing.RETURNED, Standing.NOTHING):
        return None
    return Kind.CAME_BACK


def _tells_something(line: Stated, ours: Ours) -> bool:
    if line.back:
        return ours.standing in (Standing.GONE, Standing.OPEN)
    return ours.standing is Standing.OPEN


def _account_for(leg: Ours, found: Matching) -> None:
    """A leg that no line has."""
    if leg.due and leg.standing is Standing.GONE:
        found.findings.append(Finding(Kind.NOT_STATED, leg.key, ours=leg))
    else:
        found.waiting.append(leg)
