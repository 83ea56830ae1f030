"""What both sides add once a request was sent: evidence, and the customer's own
measurements. Each file is checked like a draft's and frozen at once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import reads_about
from accounts.models import Role, User
from refunds.errors import EvidenceRefused, NotPermitted, Words
from refunds.filing.evidence import MOST_FILES, Paper, keep_paper
from refunds.filing.files import delete_files
from refunds.models import Evidence, RefundRequest
from refunds.record.events import record
from refunds.states import OPEN, State
from refunds.step import lock, moved_on

# While these last, what the customer adds can still change the answer.
OPEN_TO_CUSTOMER = (
    State.SUBMITTED,
    State.PRELIMINARY_REVIEW,
    State.AWAITING_INFORMATION,
    State.EVALUATION,
    State.OFFERED,
    State.REJECTED,
    State.APPEALED,
)
ADDING_ROLES = frozenset(
    {
        Role.FIRST_LINE,
        Role.EVALUATOR,
        Role.APPROVER,
        Role.FINANCE,
        Role.ACCOUNT_MANAGER,
    }
)
# As many again as a draft takes, for each side.
MOST_FILES_OF_A_SIDE = 2 * MOST_FILES


def add_to(
    request: RefundRequest,
    papers: Sequence[Paper],
    *,
    kind: str,
    by: User,
    at: datetime,
    while_in: Sequence[str] = OPEN_TO_CUSTOMER,
) -> list[Evidence]:
    """All of the papers or none. Raises RefundError; then nothing is kept.

    while_in  the states in which the customer may: other ones where a page asks for
              papers of its own
    """
    with all_or_nothing() as kept:
        locked = lock(request)
        check_may_add(locked, by=by, while_in=while_in)
        room = MOST_FILES_OF_A_SIDE - _of_the_side_of(by, locked)
        for number, paper in enumerate(papers):
            if number >= room:
                raise _one_too_many(paper)
            kept.append(_keep(paper, locked, kind=kind, by=by, at=at))
    return kept


@contextmanager
def all_or_nothing() -> Iterator[list[Evidence]]:
    """One transaction; where it fails, the files of the evidence in the list go from
    the disk."""
    kept: list[Evidence] = []
    try:
        with transaction.atomic():
            yield kept
    except BaseException:
        delete_files(*kept)
        raise


def _keep(
    paper: Paper, request: RefundRequest, *, kind: str, by: User, at: datetime
) -> Evidence:
    try:
        evidence = keep_paper(
            paper, request=request, kind=kind, by=by, at=at, frozen_at=at
        )
    except EvidenceRefused as refusal:
        refusal.field = "papers"
        raise
    data = {"name": evidence.name, "sha256": evidence.sha256, "kind": evidence.kind}
    record(request, "evidence_added", by=by, at=at, data=data)
    return evidence


def _one_too_many(paper: Paper) -> EvidenceRefused:
    return EvidenceRefused(
        _(
            "“%(name)s” is one too many: a request takes %(most)s files from each "
            "side. Join some in one PDF."
        ),
        field="papers",
        name=paper.name,
        most=MOST_FILES_OF_A_SIDE,
    )


def _of_the_side_of(user: User, request: RefundRequest) -> int:
    """Who was a member when they added it, stays on the customer's side."""
    members = request.customer.memberships.values("user")
    ours = request.evidence.filter(added_by__is_staff=True)
    ours = ours.exclude(added_by__in=members)
    if request.is_member(user):
        return request.evidence.exclude(pk__in=ours.values("pk")).count()
    return ours.count()


def check_may_add(
    request: RefundRequest, *, by: User, while_in: Sequence[str] = OPEN_TO_CUSTOMER
) -> None:
    if words := _not_for(request, by):
        raise NotPermitted(words)
    if not _is_open_for(request, by, while_in):
        raise moved_on(request)


def why_not_add(request: RefundRequest, *, by: User) -> Words | None:
    """The words that forbid it to this person now, or None if they may add."""
    if words := _not_for(request, by):
        return words
    if not _is_open_for(request, by):
        return _("Nothing can be added while it stands here. Write a message instead.")
    return None


def _not_for(request: RefundRequest, user: User) -> Words | None:
    """Staff who belong to the customer count as the customer."""
    if request.is_member(user):
        return None
    if not user.roles & ADDING_ROLES:
        return _("This is for another role.")
    if not reads_about(user, request.customer_id):
        return _("This customer has another account manager.")
    return None


def _is_open_for(
    request: RefundRequest, user: User, while_in: Sequence[str] = OPEN_TO_CUSTOMER
) -> bool:
    return request.state in (while_in if request.is_member(user) else OPEN)
