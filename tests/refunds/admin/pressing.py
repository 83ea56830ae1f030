"""Pressing a door of the sheet, and what a press could change."""

import re
from typing import Any

from django.test import Client

from accounts.models import Outage
from refunds.models import Event, Finding, Message, Offer, RefundRequest
from refunds.payouts.release import move_agreed_on
from refunds.review.answers import accept
from refunds.review.approval import approve
from refunds.review.offer import offer
from tests.people import Case

OPEN_OFFER = re.compile(
    r'(?s)<details class="way" data-way open>.{,700}/do/offer/"(.*?)</form>'
)


def sheet(request: RefundRequest) -> str:
    return f"/admin/refunds/refundrequest/{request.pk}/change/"


def press(client: Client, request: RefundRequest, door: str, **answers: str) -> Any:
    return client.post(f"/admin/refunds/refundrequest/{request.pk}/do/{door}/", answers)


def everything() -> list[object]:
    """What a press could change."""
    rows: list[object] = list(
        RefundRequest.objects.values_list("state", "handler", "event_head")
    )
    kinds = (Event, Finding, Message, Offer)
    return rows + [kind._default_manager.count() for kind in kinds]


def being_carried_out(case: Case) -> RefundRequest:
    """An alternative alone: nothing is owed, the customer took what was offered."""
    Outage.objects.all().delete()
    offer(
        case.in_evaluation(),
        by=case.people.evaluator,
        at=case.at,
        amount=0,
        reason="They stay with us.",
        alternative=Offer.Alternative.EXTENSION,
        alternative_words="A month more.",
    )
    approve(case.request, by=case.people.approver, at=case.at)
    accept(case.request, by=case.people.owner, at=case.at)
    move_agreed_on(at=case.at)
    return case.request
