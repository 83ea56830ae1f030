"""What the records say at the moment of the request, and nothing after it."""

from datetime import date
from fractions import Fraction
from typing import Any

from tests.refunds.policy.oracle import timeline
from tests.refunds.policy.oracle.tables import OUTAGE_CONDITIONS, Case, Rule
from tests.refunds.policy.oracle.timeline import Stretch

LOWER_IS_WORSE = ("availability", "bandwidth")  # what stands before a unit: latency_ms


def zone(case: Case) -> str:
    return str(case.get("time_zone", "Asia/Shanghai"))


def asked(case: Case) -> int:
    return timeline.moment(case["requested_at"])


def happened(case: Case, text: str | None) -> int | None:
    """The moment, or None where it is unknown or still to come."""
    if text is None or timeline.moment(text) > asked(case):
        return None
    return timeline.moment(text)


def activated(case: Case) -> int | None:
    return happened(case, case["service"].get("activated_at"))


def term(case: Case) -> Stretch | None:
    start, end = activated(case), case["service"].get("ends_on")
    if start is None or end is None:
        return None
    stop = timeline.midnight_after(date.fromisoformat(end), zone(case))
    return (start, stop) if stop - start >= timeline.MINUTE else None


def seen(case: Case, record: Case, start: str, end: str) -> Stretch | None:
    """The part of a record up to the request; None where it began later."""
    begun = happened(case, record[start])
    if begun is None:
        return None
    over = record.get(end)
    return begun, asked(case) if over is None else min(
        timeline.moment(over), asked(case)
    )


def outages(case: Case, *, cause: str, extents: tuple[str, ...]) -> list[Stretch]:
    """Verified outages of one cause, overlapping and touching ones as one."""
    found = [
        seen(case, outage, "from", "to")
        for outage in case.get("outages", ())
        if outage["verified"] and outage["cause"] == cause
        if outage["extent"] in extents
        if outage["extent"] == "total" or outage.get("business_affected") is True
    ]
    return timeline.joined([stretch for stretch in found if stretch])


def meets(stretch: Stretch, *, wish: str, hours: Any) -> bool:
    lasted = Fraction(stretch[1] - stretch[0], timeline.HOUR)
    bound = Fraction(str(hours))
    return lasted > bound if wish == "outage_longer_than" else lasted >= bound


def qualifying(case: Case, rule: Rule) -> list[Stretch]:
    """The provider's outages that meet every outage condition of the rule."""
    wished = [wish for wish in OUTAGE_CONDITIONS if wish in rule.wishes]
    if not wished:
        return []
    return [
        stretch
        for stretch in outages(case, cause="provider", extents=rule.extents)
        if all(meets(stretch, wish=wish, hours=rule.wishes[wish]) for wish in wished)
    ]


def tickets(case: Case) -> list[Stretch]:
    found = [
        seen(case, ticket, "opened_at", "resolved_at")
        for ticket in case.get("tickets", ())
    ]
    return [stretch for stretch in found if stretch]


def readings(case: Case, rule: Rule) -> list[tuple[Stretch, Case]]:
    """Accepted readings of the rule's metric, with the part up to the request."""
    found = [
        (seen(case, reading, "from", "to"), reading)
        for reading in case.get("readings", ())
        if reading["accepted"] and rule.metric in (None, reading["metric"])
    ]
    return [(stretch, reading) for stretch, reading in found if stretch]


def in_breach(case: Case, rule: Rule, reading: Case) -> bool:
    promised = _promised(case, rule, reading)
    if promised is None:
        return False
    measured = Fraction(reading["measured"])
    if reading["metric"].split("_")[0] in LOWER_IS_WORSE:
        return measured < promised
    return measured > promised


def _promised(case: Case, rule: Rule, reading: Case) -> Fraction | None:
    """By a clause, else for its period, else by the service, else by the rule."""
    by_service = case["service"].get("promised", {}).get(reading["metric"])
    by_rule = rule.wishes.get("level_breached")
    for level in (rule.agreed_level, reading.get("promised"), by_service, by_rule):
        if level is not None and level is not True:
            return Fraction(str(level))
    return None


def months_in_breach(case: Case, rule: Rule) -> dict[str, Fraction]:
    """Each month with a reading in breach, to the lowest that was measured so."""
    lowest: dict[str, Fraction] = {}
    for stretch, reading in readings(case, rule):
        if in_breach(case, rule, reading):
            measured = Fraction(reading["measured"])
            for month in timeline.months_touched(stretch, zone(case)):
                lowest[month] = min(lowest.get(month, measured), measured)
    return lowest


def compensated(case: Case, kind: str) -> Any:
    return case.get("compensated", {}).get(kind, 0 if kind == "units" else [])


def compensated_spans(case: Case) -> list[Stretch]:
    return [
        (timeline.moment(span["from"]), timeline.moment(span["to"]))
        for span in compensated(case, "spans")
    ]


def share_used(case: Case, *, value: Fraction) -> Fraction:
    usage = case.get("usage") or {}
    for part, whole in (("lessons_used", "lessons_total"), ("delivered", "ordered")):
        if part in usage:
            return Fraction(str(usage[part])) / Fraction(str(usage[whole]))
    if "consumed" in usage:
        consumed = Fraction(str(usage["consumed"]))
        return consumed / value if value > 0 else Fraction(consumed > 0)
    return Fraction(str(usage.get("share_used", 0)))
