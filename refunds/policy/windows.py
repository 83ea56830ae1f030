"""By when a request must come: an anchor, a number, a unit.

Calendar days leave out the day they start on, end at 24:00 of the last and roll over
days off (PRC Civil Code art. 201, 203). Hours run from the moment and include their
last second. Working days end at close of business.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from refunds.policy import records
from refunds.policy.calendar import DAY, WorkingDays, at, local_day, midnight
from refunds.policy.errors import PolicyError
from refunds.policy.facts import Facts
from refunds.policy.plain import Value
from refunds.policy.sentence import Sentence, gettext_noop
from refunds.policy.spans import Span

ANCHORS = (
    "contract_signed",
    "paid",
    "activated",
    "contract_effective",
    "course_started",
    "delivery_due",
    "breach_month_end",
)
UNITS = ("hours", "calendar_days", "working_days")
MONTH_END = "breach_month_end"
LONGEST = 100_000
NO_ANCHOR = gettext_noop(
    "A window can't begin at “%(anchor)s”. Choose one of: %(known)s."
)
NO_UNIT = gettext_noop(
    "A window can't be counted in “%(unit)s”. Choose one of: %(known)s."
)
TOO_SHORT = gettext_noop("A window can't be shorter than 0. Write 0 or more.")
TOO_LONG = gettext_noop(
    "A window can't be longer than %(longest)s. Write less, or leave the window out: "
    "then there is no time to keep to."
)


@dataclass(frozen=True)
class Window:
    anchor: str
    amount: int
    unit: str

    def __post_init__(self) -> None:
        if self.anchor not in ANCHORS:
            values = {"anchor": self.anchor, "known": ", ".join(ANCHORS)}
            raise PolicyError(Sentence(NO_ANCHOR, values), field="window.anchor")
        if self.unit not in UNITS:
            values = {"unit": self.unit, "known": ", ".join(UNITS)}
            raise PolicyError(Sentence(NO_UNIT, values), field="window.unit")
        if self.amount < 0:
            raise PolicyError(Sentence(TOO_SHORT, {}), field="window.amount")
        if self.amount > LONGEST:
            too_long = Sentence(TOO_LONG, {"longest": LONGEST})
            raise PolicyError(too_long, field="window.amount")


@dataclass(frozen=True)
class WindowResult:
    """One judgement; moments in UTC.

    anchored_at  None: has not happened, or nobody knows when; the window is open
    ends_at      24:00 of `last_day` for calendar days (itself outside), otherwise the
                 last moment inside
    judged_at    the request, or the beginning of the outage that it is about
    claim_until  last day for the request, where the outage's end counts too
    provisional  the last day's holidays are not announced yet
    """

    anchor: str
    amount: int
    unit: str
    judged_at: datetime
    met: bool
    anchored_at: datetime | None = None
    last_day: date | None = None
    ends_at: datetime | None = None
    claim_until: date | None = None
    provisional: bool = False

    @property
    def values(self) -> Mapping[str, Value]:
        """For sentences about it."""
        return {
            "anchor": self.anchor,
            "amount": self.amount,
            "judged_at": self.judged_at,
            "last_day": self.last_day,
            "ends_at": self.ends_at,
            "claim_until": self.claim_until,
        }


def judge_request(
    window: Window, *, facts: Facts, calendar: WorkingDays, months: Iterable[str] = ()
) -> WindowResult:
    """At the moment of the request; `months` in breach, for their ends as anchors.

    One open month is enough; the last one is shown, which closes last.
    """
    if window.anchor == MONTH_END and (known := sorted(months)):
        return judge_month(window, month=known[-1], facts=facts, calendar=calendar)
    anchored = _anchor(window.anchor, facts)
    return _judge(window, anchored, facts.requested_at, facts=facts, calendar=calendar)


def judge_month(
    window: Window, *, month: str, facts: Facts, calendar: WorkingDays
) -> WindowResult:
    """For one month ("2026-03"); any anchor but the month's end is the same for all."""
    if window.anchor != MONTH_END:
        return judge_request(window, facts=facts, calendar=calendar)
    last = records.next_month(records.first_of_month(month)) - DAY
    anchored = midnight(last, time_zone=facts.time_zone)
    return _judge(window, anchored, facts.requested_at, facts=facts, calendar=calendar)


def judge_outages(
    window: Window,
    *,
    claim_within: int,
    outages: tuple[Span, ...],
    facts: Facts,
    calendar: WorkingDays,
) -> WindowResult:
    """At the beginning of an outage, which the request must follow in time.

    The first outage that meets both counts, else the last; without any the request.
    """
    if not outages:
        return judge_request(window, facts=facts, calendar=calendar)
    results = [
        _judge_outage(window, claim_within, outage, facts=facts, calendar=calendar)
        for outage in outages
    ]
    return next((result for result in results if result.met), results[-1])


def _judge_outage(
    window: Window,
    claim_within: int,
    outage: Span,
    *,
    facts: Facts,
    calendar: WorkingDays,
) -> WindowResult:
    anchored = _anchor(window.anchor, facts)
    began = _judge(window, anchored, outage.began_at, facts=facts, calendar=calendar)
    ended_on = local_day(outage.ended_at, time_zone=facts.time_zone)
    until = calendar.next_working_day(ended_on + timedelta(days=claim_within))
    in_time = local_day(facts.requested_at, time_zone=facts.time_zone) <= until
    return replace(began, met=began.met and in_time, claim_until=until)


def _judge(
    window: Window,
    anchored: datetime | None,
    moment: datetime,
    *,
    facts: Facts,
    calendar: WorkingDays,
) -> WindowResult:
    judged = moment.astimezone(UTC)
    shape = window.anchor, window.amount, window.unit
    if anchored is None:
        return WindowResult(*shape, judged, met=True)
    last, ends = _end(window, anchored, facts=facts, calendar=calendar)
    inside = judged < ends if window.unit == "calendar_days" else judged <= ends
    return WindowResult(
        *shape,
        judged,
        met=inside or judged < anchored,
        anchored_at=anchored,
        last_day=last,
        ends_at=ends,
        provisional=window.unit != "hours" and calendar.is_provisional(last),
    )


def _end(
    window: Window, anchored: datetime, *, facts: Facts, calendar: WorkingDays
) -> tuple[date, datetime]:
    """The window's last day and its end."""
    zone = facts.time_zone
    if window.unit == "hours":
        ends = anchored + timedelta(hours=window.amount)
        return local_day(ends, time_zone=zone), ends
    day = local_day(anchored, time_zone=zone)
    if window.unit == "working_days":
        last = calendar.add(day, window.amount)
        return last, at(last, calendar.closes, time_zone=zone)
    last = calendar.next_working_day(day + timedelta(days=window.amount))
    return last, midnight(last + DAY, time_zone=zone)


def _anchor(anchor: str, facts: Facts) -> datetime | None:
    """The anchor's moment in UTC; a day's is its 0:00."""
    moment = {
        "paid": min((p.paid_at.astimezone(UTC) for p in facts.payments), default=None),
        "activated": facts.service.activated_at,
        "course_started": facts.service.course_started_at,
    }.get(anchor)
    if moment is not None:
        return moment.astimezone(UTC)
    day = {
        "contract_signed": facts.contract.signed_on,
        "contract_effective": facts.contract.effective_on,
        "delivery_due": facts.service.delivery_due_on,
    }.get(anchor)
    return None if day is None else midnight(day, time_zone=facts.time_zone)
