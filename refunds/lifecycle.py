"""READ FIRST. The states of a request, whose turn each is, and every move.

A transition here only guards: what it may start from, what must hold, who may make
it. `step.py` is its only caller; it locks the row, makes the move, saves and records.
The actor is a user, or None for the system. Every guard carries the words that
explain it, so that a page can say why a button is missing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import GET_STATE, FSMField, transition

from accounts.models import Role, User

TAKE_UP_AGAIN_WITHIN = timedelta(days=90)


class State(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("state", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("state", "Waiting for first check")
    PRELIMINARY_REVIEW = (
        "preliminary_review",
        pgettext_lazy("state", "In first check"),
    )
    AWAITING_INFORMATION = (
        "awaiting_information",
        pgettext_lazy("state", "Waiting for documents"),
    )
    EVALUATION = "evaluation", pgettext_lazy("state", "In evaluation")
    PENDING_APPROVAL = "pending_approval", pgettext_lazy("state", "In second check")
    OFFERED = "offered", pgettext_lazy("state", "Waiting for the customer")
    REJECTED = "rejected", pgettext_lazy("state", "Declined")
    APPEALED = "appealed", pgettext_lazy("state", "In appeal")
    AGREED = "agreed", pgettext_lazy("state", "Agreed")
    INVOICING = "invoicing", pgettext_lazy("state", "Invoice being corrected")
    PAYING = "paying", pgettext_lazy("state", "Refund on its way")
    PAYOUT_BLOCKED = "payout_blocked", pgettext_lazy("state", "Refund held up")
    FULFILLING = "fulfilling", pgettext_lazy("state", "Being carried out")
    REFUNDED = "refunded", pgettext_lazy("state", "Refunded")
    FULFILLED = "fulfilled", pgettext_lazy("state", "Carried out")
    LAPSED = "lapsed", pgettext_lazy("state", "Lapsed")
    CLOSED = "closed", pgettext_lazy("state", "Closed")
    WITHDRAWN = "withdrawn", pgettext_lazy("state", "Withdrawn")
    REJECTED_FINALLY = (
        "rejected_finally",
        pgettext_lazy("state", "Declined after appeal"),
    )


S = State
ENDED = (
    S.REFUNDED,
    S.FULFILLED,
    S.LAPSED,
    S.CLOSED,
    S.WITHDRAWN,
    S.REJECTED_FINALLY,
)
OPEN = tuple(state for state in State if state not in (S.DRAFT, *ENDED))
# One at a time per service and ground. Money that comes back days later reopens its
# request, even beside a newer one.
ONE_AT_A_TIME = tuple(state for state in OPEN if state != S.PAYOUT_BLOCKED)
WITH_THE_CUSTOMER = (S.DRAFT, S.AWAITING_INFORMATION, S.OFFERED, S.REJECTED)
# Where somebody of the staff takes the case in hand before deciding it.
IN_HAND: dict[str, Role] = {
    S.SUBMITTED: Role.FIRST_LINE,
    S.PRELIMINARY_REVIEW: Role.FIRST_LINE,
    S.EVALUATION: Role.EVALUATOR,
    S.APPEALED: Role.EVALUATOR,
}


@dataclass(frozen=True)
class Guard:
    """A condition `check(request)` or permission `check(request, user)` with words."""

    words: str | Promise
    check: Callable[..., bool]

    def __call__(self, *subjects: Any) -> bool:
        return self.check(*subjects)


class Permission:
    """Every guard must hold for this person; the first that does not, explains."""

    def __init__(self, *guards: Guard) -> None:
        self.guards = guards

    def __call__(self, request: "Lifecycle", user: User | None) -> bool:
        return self.unmet(request, user) is None

    def unmet(self, request: "Lifecycle", user: User | None) -> Guard | None:
        return next((g for g in self.guards if not g(request, user)), None)


def role(wanted: Role) -> Guard:
    return Guard(
        _("This is for another role."),
        lambda request, user: user is not None and user.has_role(wanted),
    )


THE_SYSTEM = Guard(_("This happens by itself."), lambda request, user: user is None)
AN_OWNER = Guard(
    _("Only an owner of the customer may do this."),
    lambda request, user: user is not None and request.is_owner(user),
)
A_MEMBER = Guard(
    _("Only the customer may do this."),
    lambda request, user: user is not None and request.is_member(user),
)
WHO_FILES = Guard(
    _("Only the customer, or their account manager, may send this."),
    lambda request, user: user is not None and request.may_file(user),
)
WHO_ASKED = Guard(
    _("Only an owner of the customer, or who filed the request, may withdraw it."),
    lambda request, user: (
        user is not None
        and (
            request.is_owner(user)
            or (request.filed_by_id == user.pk and request.is_member(user))
        )
    ),
)
NOT_OWN_CUSTOMER = Guard(
    _("You belong to this customer; somebody else has to decide."),
    lambda request, user: user is None or not request.is_member(user),
)
HAS_IT_IN_HAND = Guard(
    _("Take the case first: only who has it in hand decides."),
    lambda request, user: request.handler_id == user.pk,
)
HAS_IT_OR_LEADS = Guard(
    _("Only who has the case in hand, or the lead, can give it back."),
    lambda request, user: (
        request.handler_id == user.pk or user.leads(IN_HAND[request.state])
    ),
)
NOT_THE_PROPOSER = Guard(
    _("You made this proposal; a second person has to approve it."),
    lambda request, user: not request.was_proposed_by(user),
)
NO_EARLIER_HAND = Guard(
    _("You had a part in this case before the appeal; somebody new has to decide."),
    lambda request, user: not request.had_a_part_before_appeal(user),
)
FINANCE_OR_BY_ITSELF = Guard(
    _("Finance releases this payout: it is above the threshold."),
    lambda request, user: (
        request.releases_itself() if user is None else user.has_role(Role.FINANCE)
    ),
)
FINANCE_OR_SYSTEM = Guard(
    _("This is for finance."),
    lambda request, user: user is None or user.has_role(Role.FINANCE),
)
STAFF_OF_FULFILMENT = Guard(
    _("This is for those who carry out what was agreed."),
    lambda request, user: (
        user is not None
        and (user.has_role(Role.EVALUATOR) or user.has_role(Role.SUPPORT_AGENT))
    ),
)

NOBODY_HAS_IT = Guard(
    _("Somebody has this case in hand already."),
    lambda request: request.handler_id is None,
)
ONE_PERSON_MAY_OFFER = Guard(
    _("This offer needs a second person's approval."),
    lambda request: not request.needs_second_person(),
)
SECOND_PERSON_NEEDED = Guard(
    _("This offer needs no approval."),
    lambda request: request.needs_second_person(),
)
NEW_EVIDENCE_UNUSED = Guard(
    _("New evidence was already looked at once; you can appeal."),
    lambda request: not request.new_evidence_used,
)
APPEAL_UNUSED = Guard(
    _("This was already decided on appeal."),
    lambda request: not request.appeal_used,
)
AGAINST_A_REJECTION = Guard(
    _("This appeal is against an offer: the offer stands."),
    lambda request: request.came_from == S.REJECTED,
)
AGAINST_AN_OFFER = Guard(
    _("This appeal is against a rejection; there is no offer to stand."),
    lambda request: request.came_from == S.OFFERED,
)
STILL_RECENT = Guard(
    _("More than 90 days have passed; please file a new request."),
    lambda request: (
        request.lapsed_at is not None
        and request.moment <= request.lapsed_at + TAKE_UP_AGAIN_WITHIN
    ),
)
MONEY_IN_IT = Guard(
    _("No money was agreed on."), lambda request: bool(request.agreed_amount)
)
NO_MONEY_IN_IT = Guard(
    _("Money was agreed on; it goes back first."),
    lambda request: not request.agreed_amount,
)
GATE_OPEN = Guard(
    _("An invoice has to be reversed first."),
    lambda request: request.invoices_are_dealt_with(),
)
GATE_CLOSED = Guard(
    _("No invoice stands in the way."),
    lambda request: not request.invoices_are_dealt_with(),
)
ALL_MONEY_ARRIVED = Guard(
    _("Not all of the money has gone back yet."),
    lambda request: request.payout_is_settled(),
)
NOTHING_BESIDE = Guard(
    _("An alternative was agreed beside the money."),
    lambda request: not request.agreed_alternative,
)
SOMETHING_BESIDE = Guard(
    _("No alternative was agreed beside the money."),
    lambda request: bool(request.agreed_alternative),
)

FIRST_LINE = (role(Role.FIRST_LINE), NOT_OWN_CUSTOMER)
EVALUATOR = (role(Role.EVALUATOR), NOT_OWN_CUSTOMER)
APPROVER = (role(Role.APPROVER), NOT_OWN_CUSTOMER, NOT_THE_PROPOSER)
BY_FIRST_LINE = Permission(*FIRST_LINE, HAS_IT_IN_HAND)
BY_EVALUATOR = Permission(*EVALUATOR, HAS_IT_IN_HAND)
BY_APPEAL_JUDGE = Permission(*EVALUATOR, HAS_IT_IN_HAND, NO_EARLIER_HAND)
BY_SYSTEM = Permission(THE_SYSTEM)


def where_it_came_from(request: "Lifecycle") -> str:
    return request.came_from


def move(**guards: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return transition(field="state", **guards)


class Lifecycle(models.Model):
    """The state machine; `models/request.py` inherits it and answers its questions."""

    state = FSMField(
        _("state"), default=S.DRAFT, choices=S.choices, protected=True, max_length=24
    )
    came_from = models.CharField(max_length=24, blank=True, editable=False)
    handler = models.ForeignKey(
        User,
        verbose_name=_("in hand"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="cases_in_hand",
    )
    filed_by = models.ForeignKey(
        User, verbose_name=_("filed by"), on_delete=models.PROTECT, related_name="+"
    )
    new_evidence_used = models.BooleanField(default=False, editable=False)
    appeal_used = models.BooleanField(default=False, editable=False)
    lapsed_at = models.DateTimeField(null=True, editable=False)
    lapsed_from = models.CharField(max_length=24, blank=True, editable=False)
    agreed_amount = models.BigIntegerField(
        _("agreed amount"), null=True, blank=True, editable=False
    )
    agreed_alternative = models.CharField(
        _("agreed alternative"), max_length=20, blank=True, editable=False
    )

    # When, and by whom, the move under way is made; step sets them.
    moment: datetime
    actor: User | None

    class Meta:
        abstract = True

    if TYPE_CHECKING:

        def is_owner(self, user: User) -> bool: ...
        def is_member(self, user: User) -> bool: ...
        def may_file(self, user: User) -> bool: ...
        def was_proposed_by(self, user: User) -> bool: ...
        def had_a_part_before_appeal(self, user: User) -> bool: ...
        def needs_second_person(self) -> bool: ...
        def releases_itself(self) -> bool: ...
        def invoices_are_dealt_with(self) -> bool: ...
        def payout_is_settled(self) -> bool: ...

    # The customer asks

    @move(source=S.DRAFT, target=S.SUBMITTED, permission=Permission(WHO_FILES))
    def submit(self) -> None: ...

    @move(
        source=[
            S.SUBMITTED,
            S.PRELIMINARY_REVIEW,
            S.AWAITING_INFORMATION,
            S.EVALUATION,
            S.OFFERED,
        ],
        target=S.WITHDRAWN,
        permission=Permission(WHO_ASKED),
    )
    def withdraw(self) -> None: ...

    @move(
        source=S.AWAITING_INFORMATION,
        target=GET_STATE(
            where_it_came_from, states=[S.PRELIMINARY_REVIEW, S.EVALUATION]
        ),
        permission=Permission(A_MEMBER),
    )
    def supply_information(self) -> None: ...

    @move(source=S.OFFERED, target=S.AGREED, permission=Permission(AN_OWNER))
    def accept(self) -> None: ...

    @move(source=S.OFFERED, target=S.EVALUATION, permission=Permission(AN_OWNER))
    def propose_otherwise(self) -> None: ...

    @move(
        source=[S.OFFERED, S.REJECTED],
        target=S.APPEALED,
        conditions=[APPEAL_UNUSED],
        permission=Permission(AN_OWNER),
    )
    def appeal(self) -> None:
        self.came_from = self.state
        self.handler = None

    @move(
        source=S.REJECTED,
        target=GET_STATE(
            where_it_came_from, states=[S.PRELIMINARY_REVIEW, S.EVALUATION]
        ),
        conditions=[NEW_EVIDENCE_UNUSED, APPEAL_UNUSED],
        permission=Permission(A_MEMBER),
    )
    def bring_new_evidence(self) -> None:
        self.new_evidence_used = True

    @move(
        source=S.LAPSED,
        target=GET_STATE(
            lambda request: request.lapsed_from,
            states=[S.AWAITING_INFORMATION, S.OFFERED],
        ),
        conditions=[STILL_RECENT],
        permission=Permission(WHO_ASKED),
    )
    def take_up_again(self) -> None:
        self.lapsed_at = None

    # First line

    @move(
        source=S.SUBMITTED,
        target=S.PRELIMINARY_REVIEW,
        permission=Permission(*FIRST_LINE),
    )
    def claim(self) -> None:
        self.handler = self.actor

    @move(
        source=S.PRELIMINARY_REVIEW,
        target=S.SUBMITTED,
        permission=Permission(*FIRST_LINE, HAS_IT_OR_LEADS),
    )
    def release(self) -> None:
        self.handler = None

    @move(source=S.PRELIMINARY_REVIEW, target=S.EVALUATION, permission=BY_FIRST_LINE)
    def pass_on(self) -> None:
        self.handler = None

    @move(
        source=S.PRELIMINARY_REVIEW,
        target=S.AWAITING_INFORMATION,
        permission=BY_FIRST_LINE,
    )
    @move(source=S.EVALUATION, target=S.AWAITING_INFORMATION, permission=BY_EVALUATOR)
    def ask_for_information(self) -> None:
        self.came_from = self.state

    @move(source=S.PRELIMINARY_REVIEW, target=S.REJECTED, permission=BY_FIRST_LINE)
    @move(source=S.EVALUATION, target=S.REJECTED, permission=BY_EVALUATOR)
    def reject(self) -> None:
        self.came_from = self.state

    # Evaluation, second check, appeal

    @move(
        source=S.EVALUATION,
        target=S.EVALUATION,
        conditions=[NOBODY_HAS_IT],
        permission=Permission(*EVALUATOR),
    )
    def take_up(self) -> None:
        self.handler = self.actor

    @move(
        source=S.EVALUATION,
        target=S.EVALUATION,
        permission=Permission(*EVALUATOR, HAS_IT_OR_LEADS),
    )
    @move(
        source=S.APPEALED,
        target=S.APPEALED,
        permission=Permission(*EVALUATOR, HAS_IT_OR_LEADS),
    )
    def put_down(self) -> None:
        self.handler = None

    @move(
        source=S.EVALUATION,
        target=S.OFFERED,
        conditions=[ONE_PERSON_MAY_OFFER],
        permission=BY_EVALUATOR,
    )
    def offer(self) -> None: ...

    @move(
        source=S.EVALUATION,
        target=S.PENDING_APPROVAL,
        conditions=[SECOND_PERSON_NEEDED],
        permission=BY_EVALUATOR,
    )
    def propose(self) -> None: ...

    @move(source=S.PENDING_APPROVAL, target=S.OFFERED, permission=Permission(*APPROVER))
    def approve(self) -> None: ...

    @move(
        source=S.PENDING_APPROVAL,
        target=S.EVALUATION,
        permission=Permission(*APPROVER),
    )
    def send_back(self) -> None: ...

    @move(
        source=S.APPEALED,
        target=S.APPEALED,
        conditions=[NOBODY_HAS_IT],
        permission=Permission(*EVALUATOR, NO_EARLIER_HAND),
    )
    def take_appeal(self) -> None:
        self.handler = self.actor

    @move(source=S.APPEALED, target=S.EVALUATION, permission=BY_APPEAL_JUDGE)
    def uphold_appeal(self) -> None:
        self.appeal_used = True

    @move(
        source=S.APPEALED,
        target=S.REJECTED_FINALLY,
        conditions=[AGAINST_A_REJECTION],
        permission=BY_APPEAL_JUDGE,
    )
    def reject_finally(self) -> None:
        self.appeal_used = True

    @move(
        source=S.APPEALED,
        target=S.OFFERED,
        conditions=[AGAINST_AN_OFFER],
        permission=BY_APPEAL_JUDGE,
    )
    def let_offer_stand(self) -> None:
        self.appeal_used = True

    # By itself

    @move(source=S.SUBMITTED, target=S.AGREED, permission=BY_SYSTEM)
    def agree_automatically(self) -> None: ...

    @move(
        source=[S.AWAITING_INFORMATION, S.OFFERED],
        target=S.LAPSED,
        permission=BY_SYSTEM,
    )
    def lapse(self) -> None:
        self.lapsed_from = self.state
        self.lapsed_at = self.moment

    @move(source=S.REJECTED, target=S.CLOSED, permission=BY_SYSTEM)
    def close(self) -> None: ...

    # The money, and what was agreed beside it

    @move(
        source=S.AGREED,
        target=S.INVOICING,
        conditions=[MONEY_IN_IT, GATE_CLOSED],
        permission=Permission(FINANCE_OR_SYSTEM, NOT_OWN_CUSTOMER),
    )
    def correct_invoice(self) -> None: ...

    @move(
        source=[S.AGREED, S.INVOICING],
        target=S.PAYING,
        conditions=[MONEY_IN_IT, GATE_OPEN],
        permission=Permission(FINANCE_OR_BY_ITSELF, NOT_OWN_CUSTOMER),
    )
    def pay(self) -> None: ...

    @move(
        source=S.PAYING,
        target=S.REFUNDED,
        conditions=[ALL_MONEY_ARRIVED, NOTHING_BESIDE],
        permission=BY_SYSTEM,
    )
    def settle(self) -> None: ...

    @move(source=S.PAYING, target=S.PAYOUT_BLOCKED, permission=BY_SYSTEM)
    def block_payout(self) -> None: ...

    @move(
        source=S.PAYOUT_BLOCKED,
        target=S.PAYING,
        permission=Permission(FINANCE_OR_SYSTEM, NOT_OWN_CUSTOMER),
    )
    def retry_payout(self) -> None: ...

    @move(
        source=[S.REFUNDED, S.FULFILLED],
        target=S.PAYOUT_BLOCKED,
        permission=BY_SYSTEM,
    )
    def reopen(self) -> None: ...

    @move(
        source=S.AGREED,
        target=S.FULFILLING,
        conditions=[NO_MONEY_IN_IT, SOMETHING_BESIDE],
        permission=BY_SYSTEM,
    )
    @move(
        source=S.PAYING,
        target=S.FULFILLING,
        conditions=[ALL_MONEY_ARRIVED, SOMETHING_BESIDE],
        permission=BY_SYSTEM,
    )
    def carry_out(self) -> None: ...

    @move(
        source=S.FULFILLING,
        target=S.FULFILLED,
        permission=Permission(STAFF_OF_FULFILMENT, NOT_OWN_CUSTOMER),
    )
    def fulfil(self) -> None: ...
