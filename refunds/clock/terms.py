"""Which deadlines each state brings, who owes them, and how long they run."""

from dataclasses import dataclass

from refunds.models import Assessment, Deadline, RefundRequest
from refunds.states import ENDED, IN_HAND, State

Kind, Owner = Deadline.Kind, Deadline.Owner
Days = tuple[int, int]


@dataclass(frozen=True)
class Term:
    """`days` is (warn, due) in working days; None: the policy rule says it."""

    kind: str
    owner: str
    days: Days | None


_PAYOUT = Term(Kind.PAYOUT, Owner.FINANCE, None)
_FIRST_CHECK = Term(Kind.PRELIMINARY_REVIEW, Owner.FIRST_LINE, None)

TERMS: dict[str, tuple[Term, ...]] = {
    State.SUBMITTED: (_FIRST_CHECK,),
    State.PRELIMINARY_REVIEW: (_FIRST_CHECK,),
    State.AWAITING_INFORMATION: (Term(Kind.INFORMATION, Owner.CUSTOMER, (5, 10)),),
    State.EVALUATION: (Term(Kind.EVALUATION, Owner.EVALUATOR, None),),
    State.PENDING_APPROVAL: (Term(Kind.APPROVAL, Owner.APPROVER, (1, 2)),),
    State.OFFERED: (Term(Kind.ANSWER, Owner.CUSTOMER, (5, 10)),),
    State.REJECTED: (Term(Kind.APPEAL, Owner.CUSTOMER, (5, 10)),),
    State.APPEALED: (Term(Kind.APPEAL_DECISION, Owner.EVALUATOR, (3, 5)),),
    State.AGREED: (Term(Kind.RELEASE, Owner.FINANCE, (1, 2)), _PAYOUT),
    State.INVOICING: (Term(Kind.INVOICE_REVERSAL, Owner.FINANCE, (2, 5)), _PAYOUT),
    State.PAYING: (_PAYOUT,),
    State.PAYOUT_BLOCKED: (Term(Kind.PAYOUT_BLOCKED, Owner.FINANCE, (2, 5)), _PAYOUT),
    State.FULFILLING: (Term(Kind.ALTERNATIVE, Owner.EVALUATOR, (3, 5)),),
}
# Held up, but it is the customer who has to name an account: our clocks stop.
NAMING = (Term(Kind.PAYOUT_BLOCKED, Owner.CUSTOMER, (5, 10)),)
BY_RULE = {
    Kind.PRELIMINARY_REVIEW: "review_days",
    Kind.EVALUATION: "evaluation_days",
    Kind.PAYOUT: "payout_days",
}
# Staff's clocks that stop while the case is elsewhere, and go on with what was left.
PAUSES = (Kind.PRELIMINARY_REVIEW, Kind.EVALUATION, Kind.PAYOUT)


def terms_of(request: RefundRequest) -> tuple[Term, ...]:
    if request.waits_for_account():
        return NAMING
    return TERMS.get(request.state, ())


def days_of(term: Term, request: RefundRequest) -> Days:
    if term.days is not None:
        return term.days
    latest = Assessment.objects.filter(request=request).latest("pk")
    warn, due = latest.terms[BY_RULE[Kind(term.kind)]]
    return warn, due


def pauses(deadline: Deadline, request: RefundRequest) -> bool:
    """Whether a clock that the new state does not name may be needed again."""
    if deadline.kind not in PAUSES or request.state in (*ENDED, State.AGREED):
        return False
    if deadline.kind == Kind.PAYOUT:
        return bool(request.state == State.PAYOUT_BLOCKED)
    return not (
        deadline.kind == Kind.PRELIMINARY_REVIEW
        and request.state in (State.EVALUATION, State.PENDING_APPROVAL, State.OFFERED)
    )


def has_somebody(request: RefundRequest) -> bool:
    """Whether the state is one that a person takes in hand."""
    return request.state in IN_HAND
