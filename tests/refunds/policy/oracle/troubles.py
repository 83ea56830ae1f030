"""Invented outages, tickets, readings, findings and what was given for them before."""

from datetime import date, timedelta

from tests.refunds.policy.oracle import timeline
from tests.refunds.policy.oracle.dice import DAY, Dice
from tests.refunds.policy.oracle.tables import Case
from tests.refunds.policy.oracle.timeline import HOUR, SECOND

METRICS = {
    "availability": ("99.95", "99.94", "99.95", "99.96", "98", "100"),
    "bandwidth_mbps": ("100", "99.9", "100", "101"),
    "latency_ms": ("80", "80.1", "80", "79"),
    "jitter": ("5", "5.01", "5", "4"),
    "loss": ("0.1", "0.11", "0.1", "0"),
}
AVAILABLE = ("99.99", "99.989", "99.9", "99.89", "99", "98.99", "99.999", "99.95", "50")
PROMISED = ("99.99", "99.99", "99.99", "99.995", "99.95")
SITES = ("Jakarta node", "phone support", "recording", "Berlin node")


def trouble(dice: Dice, case: Case, *, asked: int, edges: list[int]) -> None:
    """Adds what went wrong until about the moment of the request.

    edges  the last moments of windows; an outage may have to begin in one
    """
    down = case["ground"] in ("unavailable", "outage")
    case["outages"] = _outages(dice, asked, at_least=1 if down else 0)
    if down and edges and dice.chance(35):
        case["outages"].append(_outage_at_edge(dice, dice.choice(edges), asked))
    tickets = dice.choice((1, 1, 2) if down else (0, 0, 1))
    case["tickets"] = [_ticket(dice, asked) for _ in range(tickets)]
    level = dice.choice(PROMISED)  # one for all readings: two would be no promise
    case["service"]["promised"] = {"availability": level, "latency_ms": "79.9"}
    case["readings"] = [
        _reading(dice, case, asked) for _ in range(dice.choice((0, 1, 2, 3)))
    ]
    case["service"]["items"] = _items(dice, case["currency"])
    case["findings"] = _findings(dice)
    case["compensated"] = _compensated(dice, case, asked)


def _stretch(dice: Dice, *, end: int, hours: tuple[float, ...]) -> tuple[int, int]:
    length = max(0, dice.nudge(int(dice.choice(hours) * HOUR)))
    return end - length, end


def _outages(dice: Dice, asked: int, *, at_least: int) -> list[Case]:
    """From the latest back, some touching, some overlapping, some apart."""
    found, end = [], asked
    if dice.chance(50):
        end = dice.nudge(asked - dice.choice((0, -2, 3, 10, 29, 30, 31, 33)) * DAY)
    for _ in range(dice.choice((at_least, 1, 1, 2, 3, 4))):
        start, end = _stretch(dice, end=end, hours=(0, 0.5, 24, 36, 48, 48, 72, 72, 90))
        found.append(_outage(dice, start, end, asked))
        apart = (0, 0, SECOND, -SECOND, -12 * HOUR, 5 * DAY, 50, 29 * SECOND)
        end = start - dice.choice(apart)
    dice.shuffle(found)
    return found


def _outage_at_edge(dice: Dice, edge: int, asked: int) -> Case:
    start = dice.nudge(edge)
    end = start + dice.choice((1, 48, 72, 100)) * HOUR
    return _outage(dice, start, end, asked)


def add_claim(dice: Dice, case: Case, start: int, end: int) -> None:
    """A total outage by the provider and a ticket about it, often alone."""
    outage = {
        "from": dice.written(start),
        "to": dice.written(end),
        "cause": "provider",
        "extent": "total",
        "verified": True,
    }
    case["outages"] = [outage, *(case["outages"] if dice.chance(40) else ())]
    resolved = dice.written(dice.nudge(start + 60 * HOUR))
    case["tickets"].append({"opened_at": outage["from"], "resolved_at": resolved})


def _outage(dice: Dice, start: int, end: int, asked: int) -> Case:
    still_open = dice.chance(8) or (end >= asked and dice.chance(40))
    outage: Case = {
        "from": dice.written(start),
        "to": None if still_open else dice.written(end),
        "cause": dice.one(provider=64, customer=12, third_party=12, force_majeure=12),
        "extent": dice.one(total=65, degraded=35),
        "verified": dice.chance(85),
    }
    hurt = dice.choice((True, True, False, None))
    return outage if hurt is None else {**outage, "business_affected": hurt}


def _ticket(dice: Dice, asked: int) -> Case:
    end = dice.nudge(asked - dice.choice((0, 0, 1, 5, -1)) * DAY)
    start, end = _stretch(dice, end=end, hours=(1, 47, 48, 48, 49, 80))
    still_open = dice.chance(35)
    return {
        "opened_at": dice.written(start),
        "resolved_at": None if still_open else dice.written(end),
    }


def _reading(dice: Dice, case: Case, asked: int) -> Case:
    monthly = case["product_line"] == "conference_sdk" or dice.chance(30)
    whole = _month(dice, asked, case["time_zone"]) if monthly else None
    start, end = whole or _stretch(
        dice, end=asked - dice.randint(-3, 40) * DAY, hours=(0.5, 24, 100, 400)
    )
    monthly = monthly and dice.chance(90)
    metric = "availability" if monthly else dice.choice(list(METRICS))
    usual, *measured = METRICS[metric]
    promised = case["service"]["promised"].get(metric, usual)
    reading: Case = {
        "metric": metric,
        "from": dice.written(start),
        "to": None if dice.chance(4) else dice.written(end),
        "measured": dice.choice(AVAILABLE if monthly else measured),
        "accepted": dice.chance(85),
    }
    return reading if dice.chance(8) else {**reading, "promised": promised}


def _month(dice: Dice, asked: int, zone: str) -> tuple[int, int]:
    """A calendar month that ended not long ago, or a part of one."""
    back = timedelta(days=dice.choice((0, 31, 31, 62, 45)))
    month = (timeline.local_day(asked, zone) - back).isoformat()[:7]
    abroad = "UTC" if dice.chance(8) else zone
    start, end = timeline.month_stretch(month, abroad)
    if dice.chance(70):
        return start, end
    return start + dice.randint(0, 9) * DAY, end - dice.randint(0, 15) * DAY


def _items(dice: Dice, currency: str) -> list[Case]:
    items: list[Case] = []
    for name in SITES[: dice.randint(0, 3)]:
        value = dice.maybe(75, lambda: dice.money(below=90_000, currency=currency))
        items.append(
            {"name": name} if value is None else {"name": name, "value": value}
        )
    return items


def _findings(dice: Dice) -> Case:
    findings: Case = {}
    for name in ("gap_confirmed_by_both", "defect_verified", "customer_fault"):
        if dice.chance(55):
            findings[name] = dice.chance(30 if name == "customer_fault" else 80)
    if dice.chance(60):
        findings["undelivered_items"] = dice.sample(SITES[:3], dice.randint(0, 2))
    return findings


def _compensated(dice: Dice, case: Case, asked: int) -> Case:
    if dice.chance(65):
        return {}
    month = timeline.local_day(asked, case["time_zone"]) - timedelta(days=31)
    months = [month.isoformat()[:7], date(month.year, 1, 1).isoformat()[:7]]
    return {
        "spans": _spans(dice, asked),
        "months": dice.sample(months, dice.randint(0, 2)),
        "items": dice.sample(SITES, dice.randint(0, 2)),
        "units": dice.choice((0, 0, 1, 2, 400)),
    }


def _spans(dice: Dice, asked: int) -> list[Case]:
    spans, end = [], dice.nudge(asked)
    for _ in range(dice.randint(0, 3)):
        start, end = _stretch(dice, end=end, hours=(0.01, 5, 30, 70))
        spans.append({"from": dice.written(start), "to": dice.written(end)})
        end = start - dice.choice((0, 20 * SECOND, HOUR, DAY))
    return spans
