"""What a visitor told the calculator, as the engine takes it."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from refunds.pages.calculator_fields import Question
from refunds.policy import facts as f
from refunds.policy.calendar import midnight

DAY = timedelta(days=1)
CURRENCY = "CNY"


def facts_of(question: Question, told: dict[str, Any]) -> f.Facts:
    """What was told, as the engine takes it; what nobody was asked is not known."""
    return f.Facts(
        product_line=question.line,
        ground=question.ground,
        requested_at=told["asked_at"],
        currency=CURRENCY,
        time_zone=settings.TIME_ZONE,
        keep_service=told.get("keep_service") == "yes",
        contract=f.Contract(
            signed_on=told["signed_on"],
            effective_on=told.get("effective_on") or told["signed_on"],
            minimum_commitment=told.get("minimum_commitment") or 0,
        ),
        service=_service(question, told),
        payments=(
            f.Payment(
                amount=told["paid"],
                paid_at=told.get("paid_at") or told["asked_at"],
                refunded=told.get("gone") or 0,
            ),
        ),
        fees=(f.Fee("", told.get("fees_kept") or 0),),
        usage=_usage(told),
        outages=_outages(told),
        readings=_readings(told),
        tickets=_tickets(told),
        findings=_findings(told),
    )


def _service(question: Question, told: dict[str, Any]) -> f.Service:
    asks_for_item = "item_value" in told
    return f.Service(
        billing=question.billing,
        activated_at=told.get("activated_at"),
        ends_on=told.get("ends_on"),
        course_started_at=told.get("course_started_at"),
        delivery_due_on=told.get("delivery_due_on"),
        items=(f.Item(_item_name(), told["item_value"]),) if asks_for_item else (),
    )


def _item_name() -> str:
    return _("the missing item")


def _usage(told: dict[str, Any]) -> f.Usage:
    share: Fraction | None = told.get("share_used")
    return f.Usage(
        share_used=None if share is None else share / 100,
        lessons_total=told.get("lessons_total"),
        lessons_used=told.get("lessons_used"),
        ordered=told.get("ordered"),
        delivered=told.get("delivered"),
        consumed=told.get("consumed"),
    )


def _outages(told: dict[str, Any]) -> tuple[f.Outage, ...]:
    """Assumed to be verified, with the cause that was told."""
    if told.get("outage_began_at") is None:
        return ()
    extent = told.get("outage_extent") or "total"
    return (
        f.Outage(
            began_at=told["outage_began_at"],
            ended_at=told.get("outage_ended_at"),
            cause=told.get("outage_cause") or "provider",
            extent="total" if extent == "total" else "degraded",
            verified=True,
            business_affected=extent == "harmful",
        ),
    )


def _tickets(told: dict[str, Any]) -> tuple[f.Ticket, ...]:
    opened = told.get("ticket_opened_at")
    return (f.Ticket(opened, told.get("ticket_resolved_at")),) if opened else ()


def _readings(told: dict[str, Any]) -> tuple[f.Reading, ...]:
    """Assumed to be accepted; from 0:00 of the first day to 24:00 of the last."""
    if told.get("measured") is None:
        return ()
    zone = settings.TIME_ZONE
    return (
        f.Reading(
            metric=told.get("metric") or "availability",
            began_at=midnight(told["reading_from"], time_zone=zone),
            ended_at=midnight(told["reading_to"] + DAY, time_zone=zone),
            measured=told["measured"],
            promised=told["promised"],
            accepted=True,
        ),
    )


def _findings(told: dict[str, Any]) -> f.Findings:
    missing = told.get("item_undelivered") == "yes"
    return f.Findings(
        gap_confirmed_by_both=told.get("gap_confirmed") == "yes",
        defect_verified=told.get("defect_verified") == "yes",
        customer_fault=told.get("customer_fault") == "yes",
        undelivered_items=(_item_name(),) if missing else (),
    )
