"""Figures add up per kind, and never over two currencies."""

from refunds.insight.figures import Outcome, Total, added, figure, totals

PAID = Outcome("live.long_outage", "", 30_00, None)
LESS = Outcome("live.long_outage", "", 20_00, None)
DENIED = Outcome("", "out_of_time", None, None)
TALKED = Outcome("live.below_contract", "", None, 500_00)


def test_two_currencies_never_meet() -> None:
    figures = added(
        figure(PAID, LESS, currency=currency) for currency in ("CNY", "USD", "CNY")
    )
    assert [(f.currency, f.count, f.difference) for f in figures] == [
        ("CNY", 2, -20_00),
        ("USD", 1, -10_00),
    ]
    assert totals(figures) == [
        Total("CNY", 2, 60_00, 40_00),
        Total("USD", 1, 30_00, 20_00),
    ]


def test_a_denial_counts_nothing_and_a_negotiation_has_no_difference() -> None:
    [denied] = added([figure(PAID, DENIED, currency="CNY")])
    assert (denied.before_sum, denied.after_sum, denied.difference) == (30_00, 0, -3000)
    [talked] = added([figure(PAID, TALKED, currency="CNY")])
    assert (talked.after_sum, talked.difference) == (500_00, None)
    assert totals([talked]) == []


def test_what_stays_is_counted_apart_from_what_changes_under_the_same_rule() -> None:
    same, less = (figure(PAID, after, currency="CNY") for after in (PAID, LESS))
    figures = added([same, less, same])
    assert sorted((f.changed, f.count) for f in figures) == [(False, 2), (True, 1)]


def test_added_twice_is_the_same_as_added_once() -> None:
    outcomes = [PAID, LESS, DENIED, TALKED]
    singles = [figure(a, b, currency="CNY") for a in outcomes for b in outcomes]
    halves = [*added(singles[:7]), *added(singles[7:])]
    assert added(halves) == added(singles) == added(reversed(singles))
