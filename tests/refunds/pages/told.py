"""The facts of a case, as somebody would tell them to the calculator."""

from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from accounts.minor_units import to_decimal
from refunds.policy.facts import Compensated, Facts

BEIJING = ZoneInfo("Asia/Shanghai")


def can_be_told(facts: Facts, clauses: object) -> bool:
    """One of each, and nothing that only a contract or a reviewer knows."""
    readings = [(r.began_at, r.ended_at) for r in facts.readings]
    return (
        not clauses
        and facts.customer == "company"
        and facts.contract.refund_cap is None
        and all(fee.refundable == "never" for fee in facts.fees)
        and len(facts.payments) == 1
        and max(len(facts.outages), len(facts.readings), len(facts.tickets)) <= 1
        and all(outage.verified for outage in facts.outages)
        and all(ended and _midnight(ended) and _midnight(b) for b, ended in readings)
        and facts.compensated == Compensated()
    )


def _midnight(moment: datetime) -> bool:
    return moment.astimezone(BEIJING).time().isoformat() == "00:00:00"


def moment(at: datetime | None) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%dT%H:%M:%S}" if at else ""


def text(value: object) -> str:
    return "" if value is None else str(value)


def money(amount: int | None) -> str:
    return "" if amount is None else to_decimal(amount, currency="CNY")


def yes(value: object) -> str:
    return "yes" if value else "no"


def as_told(facts: Facts) -> dict[str, str]:
    """The case, as somebody would fill the form in."""
    service, usage, found = facts.service, facts.usage, facts.findings
    told = {
        "line": facts.product_line,
        "ground": facts.ground,
        "billing": service.billing,
        "about": f"{facts.product_line}/{facts.ground}/{service.billing}",
        "signed_on": text(facts.contract.signed_on),
        "effective_on": text(facts.contract.effective_on),
        "asked_at": moment(facts.requested_at),
        "paid": money(facts.payments[0].amount),
        "paid_at": moment(facts.payments[0].paid_at),
        "gone": money(facts.payments[0].refunded),
        "fees_kept": money(sum(fee.amount for fee in facts.fees)),
        "minimum_commitment": money(facts.contract.minimum_commitment),
        "activated_at": moment(service.activated_at),
        "ends_on": text(service.ends_on),
        "course_started_at": moment(service.course_started_at),
        "delivery_due_on": text(service.delivery_due_on),
        "lessons_total": text(usage.lessons_total),
        "lessons_used": text(usage.lessons_used),
        "ordered": text(usage.ordered),
        "delivered": text(usage.delivered),
        "consumed": money(usage.consumed or 0),
        "share_used": decimal(100 * (usage.share_used or Fraction(0))),
        "keep_service": yes(facts.keep_service),
        "gap_confirmed": yes(found.gap_confirmed_by_both),
        "defect_verified": yes(found.defect_verified),
        "customer_fault": yes(found.customer_fault),
        "item_undelivered": yes(found.undelivered_items),
    }
    missing = [i for i in service.items if i.name in found.undelivered_items]
    worth = {"item_value": money(missing[0].value)} if missing else {}
    return told | worth | _records(facts)


def _records(facts: Facts) -> dict[str, str]:
    told: dict[str, str] = {}
    for outage in facts.outages:
        harm = "harmful" if outage.business_affected else "degraded"
        told |= {
            "outage_began_at": moment(outage.began_at),
            "outage_ended_at": moment(outage.ended_at),
            "outage_cause": outage.cause,
            "outage_extent": "total" if outage.extent == "total" else harm,
        }
    for ticket in facts.tickets:
        told |= {
            "ticket_opened_at": moment(ticket.opened_at),
            "ticket_resolved_at": moment(ticket.resolved_at),
        }
    for reading in facts.readings:
        first, after = reading.began_at, reading.ended_at
        assert after is not None
        told |= {
            "metric": reading.metric,
            "promised": decimal(reading.promised or Fraction(0)),
            "measured": decimal(reading.measured),
            "reading_from": text(first.astimezone(BEIJING).date()),
            "reading_to": text(after.astimezone(BEIJING).date() - timedelta(days=1)),
        }
    return told


def decimal(value: Fraction) -> str:
    return f"{float(value):.4f}"
