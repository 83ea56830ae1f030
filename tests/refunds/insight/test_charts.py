"""The geometry of charts: from 0, in proportion, legible, and nothing left out of the
table."""

from refunds.insight.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    ROWS_WIDTH,
    TOP,
    WIDTH,
    Series,
    Value,
    beside,
    columns,
    line,
    rows,
    steps,
)


def values(*amounts: int | None) -> tuple[Value, ...]:
    return tuple(Value(n, "" if n is None else str(n), href=f"?{n}") for n in amounts)


def days(count: int) -> list[str]:
    return [str(n + 1) for n in range(count)]


def test_a_scale_starts_at_0_and_ends_at_or_above_the_most() -> None:
    assert steps(0) == [0, 1, 2]
    assert steps(3) == [0, 1, 2, 3]
    assert steps(7) == [0, 2, 4, 6, 8]
    assert steps(100) == [0, 50, 100]
    for most in (1, 9, 11, 49, 51, 999, 123_456):
        scale = steps(most)
        assert scale[0] == 0
        assert most <= scale[-1] <= 2.5 * most + 1
        assert 3 <= len(scale) <= 5


def test_bars_stand_on_0_in_proportion_and_inside_the_paper() -> None:
    series = [Series("Filed", values(1, 4, 2)), Series("Decided", values(2, 0, 4))]
    chart = columns(days(3), series)
    base = HEIGHT - BOTTOM
    heights = {(m.series, m.value.amount): m.height for m in chart.marks}
    assert heights[1, 4] == heights[2, 4] == base - TOP
    assert heights[1, 2] * 2 == heights[1, 4]
    for mark in chart.marks:
        assert mark.y + mark.height == base
        assert mark.x >= LEFT
        assert mark.x + mark.width <= WIDTH


def test_what_is_0_has_no_bar_but_its_line_in_the_table() -> None:
    chart = columns(days(2), [Series("Filed", values(0, 3))])
    assert [mark.value.amount for mark in chart.marks] == [3]
    assert [[v.amount for v in row.values] for row in chart.rows] == [[0], [3]]


def test_two_bars_of_a_day_stand_beside_each_other() -> None:
    series = [Series("Filed", values(5)), Series("Decided", values(5))]
    first, second = columns(days(1), series).marks
    assert first.x + first.width == second.x


def test_a_line_is_broken_where_nothing_was_measured() -> None:
    chart = line(days(6), Series("Hours", values(3, 4, None, 5, 0, None)))
    assert [len(points.split()) for points in chart.lines] == [2, 2]
    assert [mark.value.amount for mark in chart.marks] == [3, 4, 5, 0]


def test_a_share_is_drawn_against_the_whole() -> None:
    chart = line(days(2), Series("On time", values(50, 60)), most=100)
    assert [tick.words for tick in chart.scale] == ["0", "50", "100"]
    assert chart.marks[0].y == chart.scale[1].at


def test_figures_are_written_where_they_have_room_and_the_highest_always() -> None:
    crowded = columns(days(31), [Series("Filed", values(*range(1000, 1031)))])
    assert [m.value.amount for m in crowded.marks if m.shown] == [1030]
    airy = columns(days(5), [Series("Filed", values(7, 8, 9, 10, 11))])
    assert all(mark.shown for mark in airy.marks)


def test_lying_bars_leave_room_for_their_words() -> None:
    found = (Value(12_000_00, "CNY 12,000.00 · 3 requests"), Value(1, "CNY 0.01"))
    chart = rows(["It was down", "By mistake"], Series("Money back", found))
    longest, shortest = chart.marks
    assert longest.width > shortest.width >= 2
    assert longest.end + len(found[0].words) * 6 <= ROWS_WIDTH + 20


def test_a_chart_of_nothing_says_so() -> None:
    assert columns(days(30), [Series("Filed", values(*[0] * 30))]).empty
    assert line(days(30), Series("Hours", values(*[None] * 30))).empty
    assert rows([], Series("Money back", ())).empty
    assert not line(days(1), Series("Hours", values(0))).empty


def test_what_stands_beside_a_chart_is_in_its_table_only() -> None:
    chart = line(days(2), Series("On time", values(90, 100)), most=100)
    both = beside(chart, Series("Late", values(1, 0)))
    assert both.names == ("On time", "Late")
    assert both.key == ("On time",)
    assert both.marks == chart.marks
    assert [[v.amount for v in row.values] for row in both.rows] == [[90, 1], [100, 0]]
