"""What a reviewer established as a fact, and the assessment that follows from it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import NotPermitted, RefundError
from refunds.guards import BY_EVALUATOR
from refunds.judging import judge, keep
from refunds.models import Assessment, Evidence, Finding, RefundRequest
from refunds.record.events import record
from refunds.states import State
from refunds.step import lock, moved_on


def establish(
    request: RefundRequest,
    *,
    kind: str,
    words: str,
    by: User,
    at: datetime,
    item: str = "",
    evidence: Iterable[Evidence] = (),
) -> Finding:
    """Records a finding, and assesses the request anew on it."""
    with transaction.atomic():
        locked = lock(request)
        if locked.state != State.EVALUATION:
            raise moved_on(locked)
        if unmet := BY_EVALUATOR.unmet(locked, by):
            raise NotPermitted(unmet.words)
        _check_item(locked, kind=kind, item=item)
        finding = Finding.objects.create(
            request=locked, kind=kind, item=item, words=words, by=by, at=at
        )
        finding.evidence.set(evidence)
        data = {"finding": kind, "item": item, "evidence": [e.sha256 for e in evidence]}
        record(locked, "finding", by=by, at=at, reason=words, data=data)
        assess_anew(locked, by=by, at=at)
    return finding


def _check_item(request: RefundRequest, *, kind: str, item: str) -> None:
    """Only what was promised can be missing, at the value that stands there."""
    if kind != Finding.Kind.ITEM_UNDELIVERED:
        return
    promised = list(request.service.items.order_by("pk").values_list("name", flat=True))
    if item not in promised:
        raise RefundError(
            _("Name the item as the service has it. It has: %(items)s."),
            field="item",
            items=", ".join(promised) or "–",
        )


def assess_anew(request: RefundRequest, *, by: User | None, at: datetime) -> Assessment:
    """The policy's answer on today's records; kept, with an event."""
    assessment = keep(request, judge(request, at=at), at=at)
    data = {
        "assessment": assessment.pk,
        "rule": assessment.rule,
        "denied": assessment.denied,
        "amount": assessment.amount,
    }
    record(request, "assessed", by=by, at=at, data=data)
    return assessment
