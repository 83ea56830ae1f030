"""What was bought and what went wrong, by product line; and what the policy says to
it. Everything in a situation follows from the day of the request and the price, so
that what is computed for one request holds for all of that day and price.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache

from accounts.models import Contract
from refunds.clock.calendars import working_days
from refunds.demo.many.tables import written
from refunds.judging import CALENDAR_AFTER, CALENDAR_BEFORE
from refunds.models import PolicyVersion
from refunds.policies.applying import published, rules_of, version_among
from refunds.policy import plain
from refunds.policy.assess import Assessment, assess
from refunds.policy.calendar import WorkingDays
from refunds.policy.facts import (
    Contract as ContractFacts,
)
from refunds.policy.facts import (
    Facts,
    Outage,
    Payment,
    Reading,
    Service,
    Usage,
)
from refunds.policy.given import given
from refunds.policy.rule import Rule

# Noon in Shanghai: what stands in for the moment of a request within its day.
NOON = time(4, 0, tzinfo=UTC)


def _at(day: date, days: int, hour: int = 2) -> datetime:
    """So many days before, at that hour in UTC."""
    return datetime.combine(day - timedelta(days=days), time(hour, tzinfo=UTC))


def _facts(
    line: str, day: date, price: int, *, signed: int, service: Service, **more: object
) -> Facts:
    on = day - timedelta(days=signed)
    return Facts(
        product_line=line,
        ground="change_of_mind",
        requested_at=datetime.combine(day, NOON),
        currency="CNY",
        time_zone="Asia/Shanghai",
        contract=ContractFacts(on, on, refunded=0, net_paid=price),
        service=service,
        payments=(Payment(price, _at(day, signed - 1)),),
        **more,  # type: ignore[arg-type]
    )


def _term(day: date, activated: int, **promised: str) -> Service:
    began = _at(day, activated)
    levels = {metric: Fraction(level) for metric, level in promised.items()}
    ends_on = (began + timedelta(days=364)).date()
    return Service("term", activated_at=began, ends_on=ends_on, promised=levels)


def _not_activated(day: date, price: int) -> Facts:
    service = Service("term")
    return _facts("live_streaming", day, price, signed=4, service=service)


def _too_late(day: date, price: int) -> Facts:
    service = _term(day, 118)
    return _facts("live_streaming", day, price, signed=120, service=service)


def _down(day: date, price: int) -> Facts:
    began = _at(day, 25)
    outage = Outage(
        began_at=began,
        ended_at=began + timedelta(hours=80),
        cause="provider",
        extent="total",
        verified=True,
        business_affected=True,
    )
    service = _term(day, 198, availability="99.9")
    return _facts(
        "live_streaming", day, price, signed=200, service=service, outages=(outage,)
    )


def _slow_line(day: date, price: int) -> Facts:
    service = _term(day, 65, bandwidth_mbps="100", loss="0.5")
    reading = _reading(day, "bandwidth_mbps", "62.5", "100")
    return _facts(
        "dedicated_line", day, price, signed=70, service=service, readings=(reading,)
    )


def _sdk(day: date, price: int) -> Facts:
    service = _term(day, 119, availability="99.99")
    reading = _reading(day, "availability", "99.41", "99.99")
    return _facts(
        "conference_sdk", day, price, signed=120, service=service, readings=(reading,)
    )


def _reading(day: date, metric: str, measured: str, promised: str) -> Reading:
    """Of the last whole month."""
    ends = datetime.combine(day.replace(day=1), time(tzinfo=UTC))
    began = (ends - timedelta(days=1)).replace(day=1)
    return Reading(
        metric, began, ends, Fraction(measured), Fraction(promised), accepted=True
    )


def _course(day: date, price: int, *, used: int = 1) -> Facts:
    service = Service("lessons", course_started_at=_at(day, 3))
    usage = Usage(lessons_total=20, lessons_used=used)
    return _facts("online_course", day, price, signed=4, service=service, usage=usage)


def _half_a_course(day: date, price: int) -> Facts:
    return _course(day, price, used=9)


def _short(day: date, price: int) -> Facts:
    due = day - timedelta(days=5)
    service = Service("quantity", activated_at=_at(day, 44), delivery_due_on=due)
    usage = Usage(ordered=100, delivered=82)
    return _facts(
        "quantity_package", day, price, signed=45, service=service, usage=usage
    )


@dataclass(frozen=True)
class Situation:
    """Prices in minor units. `often`: how many of a hundred requests."""

    ground: str
    names: tuple[str, str]
    prefix: str
    prices: tuple[int, ...]
    often: int
    made: Callable[[date, int], Facts]
    keep_service: bool = False

    def facts(self, day: date, price: int) -> Facts:
        return replace(
            self.made(day, price), ground=self.ground, keep_service=self.keep_service
        )


SITUATIONS = (
    Situation(
        ground="change_of_mind",
        names=("出海直播解决方案", "Live streaming abroad"),
        prefix="LS",
        prices=(3_600_00, 12_000_00, 36_000_00),
        often=14,
        made=_not_activated,
    ),
    Situation(
        ground="outage",
        names=("出海直播解决方案", "Live streaming abroad"),
        prefix="LS",
        prices=(24_000_00, 36_000_00, 98_000_00),
        often=20,
        made=_down,
        keep_service=True,
    ),
    Situation(
        ground="quality",
        names=("海外直播专线", "Dedicated line"),
        prefix="DL",
        prices=(30_000_00, 60_000_00),
        often=14,
        made=_slow_line,
        keep_service=True,
    ),
    Situation(
        ground="change_of_mind",
        names=("数据分析入门课", "Course “Live Sales 101”"),
        prefix="OC",
        prices=(699_00, 1_299_00, 1_999_00, 4_999_00),
        often=18,
        made=_course,
    ),
    Situation(
        ground="shortfall",
        names=("短视频代运营 100 条", "Short videos, 100 pieces"),
        prefix="QP",
        prices=(8_800_00, 15_000_00),
        often=10,
        made=_short,
        keep_service=True,
    ),
    Situation(
        ground="quality",
        names=("视频会议 SDK 企业版", "Conferencing SDK, Enterprise"),
        prefix="CS",
        prices=(48_000_00, 80_000_00),
        often=8,
        made=_sdk,
        keep_service=True,
    ),
    Situation(
        ground="change_of_mind",
        names=("出海直播解决方案", "Live streaming abroad"),
        prefix="LS",
        prices=(12_000_00, 36_000_00),
        often=8,
        made=_too_late,
    ),
    Situation(
        ground="content_mismatch",
        names=("短视频运营实战课", "Course “Short Video”"),
        prefix="OC",
        prices=(1_299_00, 1_999_00),
        often=8,
        made=_half_a_course,
    ),
)


@dataclass(frozen=True)
class Answered:
    """An answer as it is kept; `facts` and `answer` still name noon of their day."""

    facts: Facts
    answer: Assessment
    policy: str
    kept: dict[str, str]
    terms: dict[str, tuple[int, int]]
    given: str
    noon: str

    def columns(self, moment: datetime) -> dict[str, str]:
        """JSON of the columns, as of that moment of the same day."""
        told = moment.astimezone(UTC).isoformat()
        moved = {k: self.kept[k].replace(self.noon, told) for k in ("facts", "answer")}
        return {**self.kept, **moved}


class Policies:
    """The rules in force, read once."""

    def __init__(self) -> None:
        lines = {s.made(date(2026, 1, 5), 1).product_line for s in SITUATIONS}
        self.versions = published(lines)
        self.rules = {version.pk: rules_of(version) for version in self.versions}
        self.calendar = working_days(country="CN", time_zone="Asia/Shanghai")
        self.answered = lru_cache(maxsize=2_000)(self._answered)

    def _answered(self, situation: Situation, day: date, price: int) -> Answered:
        facts = situation.facts(day, price)
        version = self._version(facts)
        # Only those that answer the ground are kept: the room of all of them, a
        # million times, would be most of the database.
        every = self.rules[version.pk]
        rules = tuple(rule for rule in every if facts.ground in rule.grounds)
        first = facts.contract.signed_on - CALENDAR_BEFORE
        calendar = self.calendar.excerpt(first, day + CALENDAR_AFTER)
        answer = assess(facts, rules=rules, clauses=(), calendar=calendar)
        return _as_kept(facts, str(version), rules, calendar, answer)

    def _version(self, facts: Facts) -> PolicyVersion:
        contract = Contract(
            product_line=facts.product_line, signed_on=facts.contract.signed_on
        )
        return version_among(self.versions, contract)


def _as_kept(
    facts: Facts,
    policy: str,
    rules: tuple[Rule, ...],
    calendar: WorkingDays,
    answer: Assessment,
) -> Answered:
    decisive = next((r for r in rules if r.code == answer.rule), rules[0])
    terms = {
        "review_days": (decisive.review.warn, decisive.review.due),
        "evaluation_days": (decisive.evaluation.warn, decisive.evaluation.due),
        "payout_days": (decisive.payout.warn, decisive.payout.due),
    }
    kept = {
        "facts": facts.as_dict(),
        "rules": [rule.as_dict() for rule in rules],
        "clauses": [],
        "working_days": calendar.as_dict(),
        "answer": answer.as_dict(),
        "terms": terms,
    }
    compensated = given(
        facts, rules=rules, clauses=(), calendar=calendar, answer=answer
    )
    return Answered(
        facts=facts,
        answer=answer,
        policy=policy,
        kept={name: written(value) for name, value in kept.items()},
        terms=terms,
        given=written(plain.dump(compensated)),
        noon=facts.requested_at.isoformat(),
    )
