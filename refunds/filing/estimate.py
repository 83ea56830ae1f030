"""What a draft would get as it stands, what is missing, and what would help."""

from dataclasses import dataclass
from datetime import datetime

from refunds.judging import Judgement, judge
from refunds.models import RefundRequest
from refunds.policy.proof import would_help


@dataclass(frozen=True)
class Estimate:
    """`missing` must be there to send it; `helpful` could change the answer. Kinds of
    evidence, none that is there already."""

    judgement: Judgement
    missing: list[str]
    helpful: list[str]


def estimate(request: RefundRequest, *, at: datetime) -> Estimate | None:
    """What the policy says now; None until a ground is chosen."""
    if not request.ground:
        return None
    judgement = judge(request, at=at)
    present = set(request.evidence.values_list("kind", flat=True))
    missing = missing_evidence(judgement, present)
    known = present.union(missing)
    helpful = [kind for kind in would_help(judgement.answer) if kind not in known]
    return Estimate(judgement, missing, helpful)


def missing_evidence(judgement: Judgement, present: set[str]) -> list[str]:
    required = judgement.decisive_rule.evidence_required
    return [kind for kind in required if kind not in present]
