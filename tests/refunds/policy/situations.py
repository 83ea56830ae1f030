"""Facts in one line: an ordinary contract of each product line, then what differs."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

from refunds.management.commands.assess import mainland_china
from refunds.policy.assess import assess
from refunds.policy.assessment import Assessment
from refunds.policy.facts import (
    Contract,
    Facts,
    Findings,
    Outage,
    Payment,
    Reading,
    Service,
    Ticket,
    Usage,
)
from refunds.policy.rules import Clause, Rule, load_defaults
from refunds.policy.spans import Span

CHINA = mainland_china()
BEIJING = timezone(timedelta(hours=8))


def at(text: str) -> datetime:
    """A moment told in Beijing time: "2026-06-01 12:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def hours_after(start: datetime, hours: int) -> datetime:
    return start + timedelta(hours=hours)


def signed(on: str = "2026-01-05", **changes: Any) -> Contract:
    day = date.fromisoformat(on)
    return replace(Contract(day, day), **changes)


def paid(amount: int, when: str = "2026-01-06 10:00", refunded: int = 0) -> Payment:
    return Payment(amount, at(when), refunded)


def outage(
    began: str,
    ended: str | None,
    cause: str = "provider",
    extent: str = "total",
    **changes: Any,
) -> Outage:
    until = at(ended) if ended else None
    return replace(Outage(at(began), until, cause, extent, verified=True), **changes)


def ticket(opened: str, resolved: str | None = None) -> Ticket:
    return Ticket(at(opened), at(resolved) if resolved else None)


def reading(
    began: str, ended: str, measured: str, metric: str = "availability", **changes: Any
) -> Reading:
    plain = Reading(
        metric,
        at(began),
        at(ended),
        Fraction(measured),
        promised=Fraction("99.99"),
        accepted=True,
    )
    return replace(plain, **changes)


def span(began: str, ended: str) -> Span:
    return Span(at(began), at(ended))


def live(**changes: Any) -> Facts:
    """100 days from 10 January 2026, 0:00; 1,440.00 paid: one cent a minute."""
    service = Service("term", at("2026-01-10 00:00"), date(2026, 4, 19))
    facts = Facts(
        product_line="live_streaming",
        ground="outage",
        requested_at=at("2026-03-01 12:00"),
        contract=signed(),
        service=service,
        payments=(paid(144_000),),
    )
    return replace(facts, **changes)


def line(**changes: Any) -> Facts:
    return live(**{"product_line": "dedicated_line", "ground": "quality", **changes})


def sdk(**changes: Any) -> Facts:
    return live(**{"product_line": "conference_sdk", "ground": "quality", **changes})


def course(**changes: Any) -> Facts:
    service = Service(
        "lessons",
        at("2026-03-01 00:00"),
        date(2026, 8, 31),
        course_started_at=at("2026-03-02 19:00"),
    )
    facts = live(
        product_line="online_course",
        ground="mistake",
        requested_at=at("2026-03-03 10:00"),
        service=service,
        payments=(paid(199_900, "2026-03-02 20:00"),),
        usage=Usage(lessons_total=20, lessons_used=0),
    )
    return replace(facts, **changes)


def package(**changes: Any) -> Facts:
    service = Service(
        "quantity", at("2026-04-01 10:00"), delivery_due_on=date(2026, 4, 8)
    )
    facts = live(
        product_line="quantity_package",
        ground="shortfall",
        requested_at=at("2026-04-10 12:00"),
        service=service,
        payments=(paid(29_900, "2026-04-01 09:00"),),
        usage=Usage(ordered=1000, delivered=600),
    )
    return replace(facts, **changes)


def finding(**changes: Any) -> Findings:
    return Findings(**changes)


def answer(facts: Facts, *clauses: Clause) -> Assessment:
    """Under the default policies and China's working days."""
    rules = load_defaults()[facts.product_line]
    return assess(facts, rules=rules, clauses=clauses, calendar=CHINA)


def rule(code: str, **changes: Any) -> Rule:
    """A default rule, changed."""
    rules = (rule for line in load_defaults().values() for rule in line)
    return replace(next(r for r in rules if r.code == code), **changes)


def under(rule: Rule, facts: Facts) -> Assessment:
    """The answer where this is the only rule."""
    return assess(facts, rules=(rule,), calendar=CHINA)
