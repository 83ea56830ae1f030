"""The geometry of charts: values in, places on the paper out. Pure; nothing here knows
what is charted, and what is written stands ready in the values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

WIDTH, HEIGHT = 680, 200
LEFT, RIGHT, TOP, BOTTOM = 48, 8, 22, 24
# A digit is about as wide as this at the size charts are written in.
DIGIT = 8
# Between two figures that stand side by side: 4 and 4 must not read as 44.
GAP = 4
MOST_BAR = 36
# Bars that lie fit a phone.
ROWS_WIDTH = 340
ROW, ROW_BAR = 48, 16


@dataclass(frozen=True)
class Value:
    """`amount` is None where there is nothing to measure; `words` is the amount as it
    is written, `title` all that is to be said of it, `href` the list behind it."""

    amount: int | None
    words: str = ""
    title: str = ""
    href: str = ""


@dataclass(frozen=True)
class Series:
    name: str
    values: tuple[Value, ...]

    @property
    def most(self) -> int:
        return max((value.amount or 0 for value in self.values), default=0)


@dataclass(frozen=True)
class Mark:
    """A bar, or the place of a point; `series` counts from 1. `shown` says whether the
    words have room."""

    series: int
    x: float
    y: float
    width: float
    height: float
    value: Value
    shown: bool

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def above(self) -> float:
        """Where the words stand: over the mark, never over the edge of the paper."""
        return round(max(self.y - 6, 12), 1)

    @property
    def end(self) -> float:
        return round(self.x + self.width + 8, 1)


@dataclass(frozen=True)
class Tick:
    at: float
    words: str


@dataclass(frozen=True)
class Row:
    """Of the table of the same figures."""

    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Chart:
    """`kind` says how the marks are drawn: columns, line or rows. The rows are those of
    the table of the same figures; `names` are its columns, the first `drawn` of them
    are in the drawing."""

    kind: str
    width: int
    height: int
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    marks: tuple[Mark, ...] = ()
    scale: tuple[Tick, ...] = ()
    labels: tuple[Tick, ...] = ()
    lines: tuple[str, ...] = ()
    left: int = LEFT
    drawn: int = 1

    @property
    def empty(self) -> bool:
        """Nothing was measured, or nothing but zeros was counted."""
        return not self.marks

    @property
    def right(self) -> int:
        return self.width - RIGHT

    @property
    def scale_end(self) -> int:
        return self.left - 6

    @property
    def top(self) -> int:
        return TOP

    @property
    def depth(self) -> int:
        return self.height - BOTTOM - TOP

    @property
    def key(self) -> tuple[str, ...]:
        return self.names[: self.drawn]


def steps(most: int) -> list[int]:
    """From 0 to above the most in two to five equal steps of 1, 2 or 5 times ten."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            count = -(-max(most, 1) // step)
            if count <= 4:
                return [step * n for n in range(max(count, 2) + 1)]
        size *= 10


def columns(
    labels: Sequence[str], series: Sequence[Series], *, written: str = "{}"
) -> Chart:
    """Upright bars, side by side where there are two series."""
    scale = steps(max((each.most for each in series), default=0))
    slot = _slot(len(labels))
    bar = min(slot * 0.8 / max(len(series), 1), MOST_BAR)
    inset = (slot - bar * len(series)) / 2
    marks = [
        Mark(
            number + 1,
            round(LEFT + slot * at + inset + bar * number, 1),
            _height_of(value.amount, scale),
            round(bar, 1),
            round(_base() - _height_of(value.amount, scale), 1),
            value,
            _has_room(value, each, room=slot if len(series) == 1 else bar - GAP),
        )
        for number, each in enumerate(series)
        for at, value in enumerate(each.values)
        if value.amount
    ]
    return _chart("columns", labels, series, marks, scale, written=written)


def line(
    labels: Sequence[str], series: Series, *, most: int = 0, written: str = "{}"
) -> Chart:
    """Points joined by a line; where nothing was measured it is broken. The scale goes
    to `most` at least."""
    scale = steps(max(series.most, most))
    slot = _slot(len(labels))
    marks = [
        Mark(
            1,
            round(LEFT + slot * at, 1),
            _height_of(value.amount, scale),
            round(slot, 1),
            round(_base() - _height_of(value.amount, scale), 1),
            value,
            _has_room(value, series, room=slot),
        )
        for at, value in enumerate(series.values)
        if value.amount is not None
    ]
    joined = _joined(series, slot=slot, scale=scale)
    return _chart("line", labels, [series], marks, scale, lines=joined, written=written)


def rows(labels: Sequence[str], series: Series) -> Chart:
    """Bars that lie, one below the other, each under its label and before its words."""
    longest = max((len(value.words) for value in series.values), default=0)
    room = ROWS_WIDTH - RIGHT - longest * DIGIT
    most = max(series.most, 1)
    marks = [
        Mark(
            1,
            0,
            ROW * at + 20,
            round(max(room * (value.amount or 0) / most, 2), 1),
            ROW_BAR,
            value,
            shown=True,
        )
        for at, value in enumerate(series.values)
    ]
    return Chart(
        kind="rows",
        width=ROWS_WIDTH,
        height=max(ROW * len(labels), ROW),
        names=(series.name,),
        rows=_table(labels, [series]),
        marks=tuple(marks),
        labels=tuple(Tick(ROW * n + 14, words) for n, words in enumerate(labels)),
        left=0,
    )


def beside(chart: Chart, more: Series) -> Chart:
    """With another column in the table, which the chart does not draw."""
    told = tuple(
        Row(row.label, (*row.values, value))
        for row, value in zip(chart.rows, more.values, strict=True)
    )
    return replace(chart, names=(*chart.names, more.name), rows=told)


def _base() -> int:
    return HEIGHT - BOTTOM


def _slot(count: int) -> float:
    return (WIDTH - LEFT - RIGHT) / max(count, 1)


def _height_of(amount: int | None, scale: Sequence[int]) -> float:
    return round(_base() - (_base() - TOP) * (amount or 0) / scale[-1], 1)


def _has_room(value: Value, series: Series, *, room: float) -> bool:
    """The highest is always written; the others where they don't run together."""
    first_of_most = next(v for v in series.values if (v.amount or 0) == series.most)
    return value is first_of_most or len(value.words) * DIGIT <= room


def _joined(series: Series, *, slot: float, scale: Sequence[int]) -> tuple[str, ...]:
    """The stretches without a gap, as SVG writes points."""
    stretches: list[list[str]] = [[]]
    for at, value in enumerate(series.values):
        if value.amount is None:
            stretches.append([])
            continue
        x = round(LEFT + slot * (at + 0.5), 1)
        stretches[-1].append(f"{x},{_height_of(value.amount, scale)}")
    return tuple(" ".join(points) for points in stretches if len(points) > 1)


def _table(labels: Sequence[str], series: Sequence[Series]) -> tuple[Row, ...]:
    together = zip(*(each.values for each in series), strict=True)
    return tuple(Row(*row) for row in zip(labels, together, strict=True))


def _chart(
    kind: str,
    labels: Sequence[str],
    series: Sequence[Series],
    marks: Sequence[Mark],
    scale: Sequence[int],
    *,
    written: str,
    lines: tuple[str, ...] = (),
) -> Chart:
    slot = _slot(len(labels))
    return Chart(
        kind=kind,
        width=WIDTH,
        height=HEIGHT,
        names=tuple(each.name for each in series),
        rows=_table(labels, series),
        marks=tuple(marks),
        scale=tuple(Tick(_height_of(n, scale), written.format(n)) for n in scale),
        labels=tuple(
            Tick(round(LEFT + slot * (at + 0.5), 1), words)
            for at, words in enumerate(labels)
            if _labelled(at, len(labels))
        ),
        lines=lines,
        drawn=len(series),
    )


def _labelled(at: int, count: int) -> bool:
    """Every one of a few; of many the first and every fifth: 1, 5, 10 … of a month."""
    return count <= 12 or at == 0 or (at + 1) % 5 == 0
