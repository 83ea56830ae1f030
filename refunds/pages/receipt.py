"""What was sent and what came of it, to print and keep. Its address stays the same."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from refunds.clock.words import owed_to_customer
from refunds.pages.access import request_or_404
from refunds.pages.half_written import signed_in_first
from refunds.pages.payout import parts_of
from refunds.pages.people import signed_in
from refunds.pages.steps import came_back_at
from refunds.pages.verdict import explain_kept
from refunds.states import ENDED


@signed_in_first()
@require_safe
def receipt(http: HttpRequest, number: str) -> HttpResponse:
    found = request_or_404(signed_in(http), number)
    sent = found.assessments.order_by("pk").first()
    now = timezone.now()
    context = {
        "refund": found,
        "evidence": found.evidence.filter(frozen_at=found.submitted_at),
        "verdict": explain_kept(sent) if sent else None,
        "owed": owed_to_customer(found, at=now),
        "parts": parts_of(found, at=now),
        "came_back_at": came_back_at(found),
        "ended": found.state in ENDED,
        "printed_at": now,
    }
    return render(http, "pages/receipt.html", context)
