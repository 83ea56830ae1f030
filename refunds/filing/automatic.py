"""Deciding at once: records alone, within the limit, and no warning sign.

A request that the policy may decide is marked when it is submitted; a nudged task, or
the sweep, decides it seconds later, or leaves it to people and says why.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Customer, Payment
from refunds.agreement import agree
from refunds.errors import RefundError
from refunds.judging import Judgement, hold_out, judge, keep
from refunds.models import Evidence, RefundRequest, Threshold
from refunds.record.events import record
from refunds.states import State
from refunds.step import lock, lock_contract, step

log = logging.getLogger(__name__)
SAME_RULE_WITHIN = timedelta(days=90)


def decides_itself(request: RefundRequest, judgement: Judgement) -> bool:
    """The policy says so, the customer asks for no more than is owed, and the sum is
    one for which no second person is needed."""
    amount, asked = judgement.answer.amount or 0, request.amount_asked or 0
    most = Threshold.for_currency(request.currency).second_person_above
    return bool(judgement.answer.automatic) and 0 < asked <= min(amount, most)


def decide_waiting(*, at: datetime, limit: int = 100) -> int:
    """How many were agreed on; the rest waits for a person now."""
    waiting: QuerySet[RefundRequest] = RefundRequest.objects.filter(
        state=State.SUBMITTED, decides_itself=True
    ).order_by("submitted_at")
    return sum(_decide_alone(request, at) for request in waiting[:limit])


def _decide_alone(request: RefundRequest, at: datetime) -> bool:
    """What nobody thought of at one request must not stop the next: a person has it."""
    try:
        return decide(request, at=at)
    except Exception:
        log.exception("automatic decision of request %s", request.pk)
        _leave_to_people(request, [], at=at)
        return False


def decide(request: RefundRequest, *, at: datetime) -> bool:
    """Whether it was agreed on; where somebody was first, nothing happens."""
    with transaction.atomic():
        locked = lock(request)
        if locked.state != State.SUBMITTED or not locked.decides_itself:
            return False
        # Of one customer's requests at the same moment, the second sees the first.
        Customer.objects.select_for_update(no_key=True).get(pk=locked.customer_id)
        lock_contract(locked)
        try:
            with transaction.atomic():
                judgement = judge(locked, at=at)
                signs = warning_signs(locked, judgement, at=at)
                if agrees := not signs and decides_itself(locked, judgement):
                    _agree(locked, judgement, at=at)
        except RefundError as refusal:
            agrees, signs = False, [str(refusal)]
        if not agrees:
            _leave_to_people(locked, signs, at=at)
    return agrees


def _agree(request: RefundRequest, judgement: Judgement, *, at: datetime) -> None:
    amount = request.amount_asked or 0
    with step(request, "agree_automatically", by=None, at=at) as taken:
        assessment = keep(taken.request, judgement, at=at)
        hold_out(taken.request, judgement, at=at)
        agree(taken.request, amount=amount, alternative="", at=at)
        taken.data |= {"assessment": assessment.pk, "amount": amount}


def _leave_to_people(request: RefundRequest, signs: list[str], *, at: datetime) -> None:
    RefundRequest.objects.filter(pk=request.pk).update(decides_itself=False)
    record(request, "left_to_people", by=None, at=at, data={"signs": signs})


def warning_signs(
    request: RefundRequest, judgement: Judgement, *, at: datetime
) -> list[str]:
    """Codes: dispute, same_rule, seen_evidence."""
    signs = {
        "dispute": Payment.objects.filter(
            customer=request.customer_id, disputed=True
        ).exists(),
        "same_rule": _refunded_under(judgement.answer.rule or "", request, at),
        "seen_evidence": _evidence_seen(request),
    }
    return [sign for sign, present in signs.items() if present]


def _refunded_under(rule: str, request: RefundRequest, at: datetime) -> bool:
    agreed = RefundRequest.objects.filter(
        customer=request.customer_id,
        agreed_at__gte=at - SAME_RULE_WITHIN,
        assessments__rule=rule,
    )
    return agreed.exclude(pk=request.pk).exists()


def _evidence_seen(request: RefundRequest) -> bool:
    hashes = request.evidence.values("sha256")
    others = Evidence.objects.filter(sha256__in=hashes, frozen_at__isnull=False)
    return others.exclude(request=request).exists()
