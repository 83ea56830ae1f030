"""The amount of a rule that matches, in exact fractions of the currency's unit."""

from fractions import Fraction

from tests.refunds.policy.oracle import records, timeline
from tests.refunds.policy.oracle.judging import month_is_open
from tests.refunds.policy.oracle.tables import TIERS, Case, Rule

DIGITS = {"CNY": 2, "USD": 2, "JPY": 0, "KWD": 3}
TIME_SHARES = ("outage_share", "breach_share", "service_credit")


def amount(case: Case, rule: Rule) -> int | None:
    """Minor units; None where people have to agree on it."""
    if is_negotiated(case, rule):
        return None
    return _at_most_what_is_left(case, rule, _computed(case, rule) * rule.share)


def ceiling(case: Case, rule: Rule) -> int:
    return _at_most_what_is_left(case, rule, value(case))


def paid(case: Case) -> Fraction:
    return sum((_money(one["amount"]) for one in case["payments"]), Fraction(0))


def gone(case: Case) -> Fraction:
    return sum((_money(one["refunded"]) for one in case["payments"]), Fraction(0))


def value(case: Case) -> Fraction:
    return paid(case) - _kept_fees(case)


def written(case: Case, minor: int) -> str:
    digits = DIGITS[case["currency"]]
    text = str(minor).rjust(digits + 1, "0")
    return f"{text[:-digits]}.{text[-digits:]}" if digits else text


def _money(text: str) -> Fraction:
    return Fraction(text)


def _kept_fees(case: Case) -> Fraction:
    return sum(
        (_money(fee["amount"]) * _kept(case, fee) for fee in case.get("fees", ())),
        Fraction(0),
    )


def _kept(case: Case, fee: Case) -> Fraction:
    words = {
        "never": Fraction(1),
        "always": Fraction(0),
        "before_activation": Fraction(records.activated(case) is not None),
    }
    given = fee["refundable"]
    return words[given] if given in words else 1 - Fraction(given)


def _at_most_what_is_left(case: Case, rule: Rule, computed: Fraction) -> int:
    contract = case["contract"]
    bounds = [computed, value(case) - gone(case)]
    if not rule.at_fault:
        net = contract.get("net_paid")
        net = paid(case) - gone(case) if net is None else _money(net)
        bounds.append(net - _money(contract.get("minimum_commitment") or "0"))
    if contract.get("refund_cap") is not None:
        before = contract.get("refunded")
        before = gone(case) if before is None else _money(before)
        bounds.append(_money(contract["refund_cap"]) - before)
    minor = max(Fraction(0), min(bounds)) * 10 ** DIGITS[case["currency"]]
    return int(minor + Fraction(1, 2))


def is_negotiated(case: Case, rule: Rule) -> bool:
    if rule.formula == "undelivered_items":
        return any(price is None for price in _undelivered(case).values())
    metered = case["service"]["billing"] == "metered"
    return rule.formula == "negotiated" or (metered and rule.formula in TIME_SHARES)


def _undelivered(case: Case) -> dict[str, Fraction | None]:
    """What is missing and was not made good before, with its value where it has one."""
    values = {
        item["name"]: item.get("value") for item in case["service"].get("items", ())
    }
    missing = set(case.get("findings", {}).get("undelivered_items", ()))
    return {
        name: None if values.get(name) is None else _money(values[name])
        for name in missing - set(records.compensated(case, "items"))
    }


def _computed(case: Case, rule: Rule) -> Fraction:
    if rule.formula == "undelivered_items":
        return sum(
            (price or Fraction(0) for price in _undelivered(case).values()), Fraction(0)
        )
    if rule.formula == "unused_share" and case["service"]["billing"] == "metered":
        consumed = _money(str(case.get("usage", {}).get("consumed", "0")))
        return Fraction(0) if case.get("keep_service") else value(case) - consumed
    return _share(case, rule) * value(case)


def _share(case: Case, rule: Rule) -> Fraction:
    usage = case.get("usage") or {}
    if rule.formula == "full":
        return Fraction(1)
    if rule.formula == "remaining_lessons":
        return _part(usage.get("lessons_total"), less=usage.get("lessons_used", 0))
    if rule.formula == "shortfall_share":
        gone_or_made_good = usage.get("delivered", 0) + records.compensated(
            case, "units"
        )
        return _part(usage.get("ordered"), less=gone_or_made_good)
    return _share_of_term(case, rule)


def _part(whole: int | None, *, less: int) -> Fraction:
    return Fraction(max(0, whole - less), whole) if whole else Fraction(0)


def _share_of_term(case: Case, rule: Rule) -> Fraction:
    term = records.term(case)
    if term is None:
        unused = rule.formula == "unused_share" and not case.get("keep_service")
        return Fraction(unused)
    parts = {
        "unused_share": _unused,
        "outage_share": _outage,
        "breach_share": _breach,
        "service_credit": _credit,
    }
    weighed = parts[rule.formula](case, rule, term)
    return Fraction(weighed) / ((term[1] - term[0]) // timeline.MINUTE)


def _unused(case: Case, rule: Rule, term: timeline.Stretch) -> Fraction:
    asked = records.asked(case)
    left = max(0, term[1] - asked) // timeline.MINUTE
    down = records.outages(case, cause="provider", extents=("total",))
    lost = _new_minutes(case, down, term)
    return Fraction(lost if case.get("keep_service") else left + lost)


def _outage(case: Case, rule: Rule, term: timeline.Stretch) -> Fraction:
    return Fraction(_new_minutes(case, records.qualifying(case, rule), term))


def _breach(case: Case, rule: Rule, term: timeline.Stretch) -> Fraction:
    periods = [
        stretch
        for stretch, reading in records.readings(case, rule)
        if records.in_breach(case, rule, reading)
    ]
    return Fraction(_new_minutes(case, timeline.joined(periods), term))


def _new_minutes(
    case: Case, stretches: list[timeline.Stretch], term: timeline.Stretch
) -> int:
    given = records.compensated_spans(case)
    return sum(
        timeline.minutes_beyond(timeline.clipped(stretch, term), given=given)
        for stretch in stretches
    )


def _credit(case: Case, rule: Rule, term: timeline.Stretch) -> Fraction:
    weighed = Fraction(0)
    for month, measured in records.months_in_breach(case, rule).items():
        given_before = month in records.compensated(case, "months")
        if given_before or not month_is_open(case, rule, month):
            continue
        whole = timeline.month_stretch(month, records.zone(case))
        minutes = timeline.minutes_beyond(timeline.clipped(whole, term), given=[])
        weighed += _tier(measured) * minutes
    return weighed


def _tier(measured: Fraction) -> Fraction:
    for below, share in TIERS:
        if measured < Fraction(below):
            return Fraction(share)
    return Fraction(0)
