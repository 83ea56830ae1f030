"""READ FIRST. Every move of a request: where it starts and ends, and what guards it.

The states are in `states.py`, the guards and their words in `guards.py`. A transition
here only guards and sets. `step.py` is its only caller; it locks the row, makes the
move, saves and records.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, FSMField, transition

from accounts.models import User
from refunds import guards as g
from refunds.guards import Permission
from refunds.states import HANDED_OVER_IN, S


def where_it_came_from(request: "Lifecycle") -> str:
    return request.came_from


def move(**guards: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return transition(field="state", **guards)


def stay(states: Iterable[str], **guards: Any) -> Callable[..., Callable[..., None]]:
    """A move from each of the states to itself."""

    def declare(body: Callable[..., None]) -> Callable[..., None]:
        for state in states:
            body = move(source=state, target=state, **guards)(body)
        return body

    return declare


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
    alternative_done = models.BooleanField(default=False, editable=False)

    # When, and by whom, the move under way is made; step sets them.
    moment: datetime
    actor: User | None
    # To whom the case is being handed over; the verb sets it.
    next_handler: User | None = None

    class Meta:
        abstract = True

    if TYPE_CHECKING:

        def is_owner(self, user: User) -> bool: ...
        def is_member(self, user: User) -> bool: ...
        def may_file(self, user: User) -> bool: ...
        def is_led_by(self, user: User) -> bool: ...
        def is_below(self, user: User) -> bool: ...
        def is_left_behind_for(self, user: User) -> bool: ...
        def was_proposed_by(self, user: User) -> bool: ...
        def had_a_part_before_appeal(self, user: User) -> bool: ...
        def needs_second_person(self) -> bool: ...
        def releases_itself(self) -> bool: ...
        def invoices_are_dealt_with(self) -> bool: ...
        def payout_is_settled(self) -> bool: ...

    # The customer asks

    @move(source=S.DRAFT, target=S.SUBMITTED, permission=Permission(g.WHO_FILES))
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
        permission=Permission(g.WHO_ASKED),
    )
    def withdraw(self) -> None: ...

    @move(
        source=S.AWAITING_INFORMATION,
        target=GET_STATE(
            where_it_came_from, states=[S.PRELIMINARY_REVIEW, S.EVALUATION]
        ),
        permission=Permission(g.A_MEMBER),
    )
    def supply_information(self) -> None: ...

    @move(source=S.OFFERED, target=S.AGREED, permission=Permission(g.AN_OWNER))
    def accept(self) -> None: ...

    @move(source=S.OFFERED, target=S.EVALUATION, permission=Permission(g.AN_OWNER))
    def propose_otherwise(self) -> None: ...

    @move(
        source=[S.OFFERED, S.REJECTED],
        target=S.APPEALED,
        conditions=[g.APPEAL_UNUSED],
        permission=Permission(g.AN_OWNER),
    )
    def appeal(self) -> None:
        self.came_from = self.state
        self.handler = None

    @move(
        source=S.REJECTED,
        target=GET_STATE(
            where_it_came_from, states=[S.PRELIMINARY_REVIEW, S.EVALUATION]
        ),
        conditions=[g.NEW_EVIDENCE_UNUSED, g.APPEAL_UNUSED],
        permission=Permission(g.A_MEMBER),
    )
    def bring_new_evidence(self) -> None:
        self.new_evidence_used = True

    @move(
        source=S.LAPSED,
        target=GET_STATE(
            lambda request: request.lapsed_from,
            states=[S.AWAITING_INFORMATION, S.OFFERED],
        ),
        conditions=[g.STILL_RECENT],
        permission=Permission(g.WHO_ASKED),
    )
    def take_up_again(self) -> None:
        self.lapsed_at = None

    # First line

    @move(
        source=S.SUBMITTED,
        target=S.PRELIMINARY_REVIEW,
        permission=Permission(*g.FIRST_LINE),
    )
    def claim(self) -> None:
        self.handler = self.actor

    @move(
        source=S.PRELIMINARY_REVIEW,
        target=S.SUBMITTED,
        conditions=[g.SOMEBODY_HAS_IT],
        permission=g.PUTS_DOWN,
    )
    def release(self) -> None:
        self.handler = None

    @move(source=S.PRELIMINARY_REVIEW, target=S.EVALUATION, permission=g.BY_FIRST_LINE)
    def pass_on(self) -> None:
        self.handler = None

    @move(
        source=S.PRELIMINARY_REVIEW,
        target=S.AWAITING_INFORMATION,
        permission=g.BY_FIRST_LINE,
    )
    @move(source=S.EVALUATION, target=S.AWAITING_INFORMATION, permission=g.BY_EVALUATOR)
    def ask_for_information(self) -> None:
        self.came_from = self.state

    @move(source=S.PRELIMINARY_REVIEW, target=S.REJECTED, permission=g.BY_FIRST_LINE)
    @move(source=S.EVALUATION, target=S.REJECTED, permission=g.BY_EVALUATOR)
    def reject(self) -> None:
        self.came_from = self.state

    @stay(
        HANDED_OVER_IN,
        conditions=[g.SOMEBODY_HAS_IT, g.THE_NEXT_MAY_TAKE_IT],
        permission=g.PUTS_DOWN,
    )
    def hand_over(self) -> None:
        self.handler = self.next_handler

    # Evaluation, second check, appeal

    @move(
        source=S.EVALUATION,
        target=S.EVALUATION,
        conditions=[g.NOBODY_HAS_IT],
        permission=Permission(*g.EVALUATOR),
    )
    def take_up(self) -> None:
        self.handler = self.actor

    @stay(
        (S.EVALUATION, S.APPEALED),
        conditions=[g.SOMEBODY_HAS_IT],
        permission=g.PUTS_DOWN,
    )
    def put_down(self) -> None:
        self.handler = None

    @move(
        source=S.EVALUATION,
        target=S.OFFERED,
        conditions=[g.ONE_PERSON_MAY_OFFER],
        permission=g.BY_EVALUATOR,
    )
    def offer(self) -> None: ...

    @move(
        source=S.EVALUATION,
        target=S.PENDING_APPROVAL,
        conditions=[g.SECOND_PERSON_NEEDED],
        permission=g.BY_EVALUATOR,
    )
    def propose(self) -> None: ...

    @move(
        source=S.PENDING_APPROVAL, target=S.OFFERED, permission=Permission(*g.APPROVER)
    )
    def approve(self) -> None: ...

    @move(
        source=S.PENDING_APPROVAL,
        target=S.EVALUATION,
        permission=Permission(*g.APPROVER),
    )
    def send_back(self) -> None: ...

    @move(
        source=S.APPEALED,
        target=S.APPEALED,
        conditions=[g.NOBODY_HAS_IT],
        permission=Permission(*g.EVALUATOR, g.NO_EARLIER_HAND),
    )
    def take_appeal(self) -> None:
        self.handler = self.actor

    @move(source=S.APPEALED, target=S.EVALUATION, permission=g.BY_APPEAL_JUDGE)
    def uphold_appeal(self) -> None:
        self.appeal_used = True

    @move(
        source=S.APPEALED,
        target=S.REJECTED_FINALLY,
        conditions=[g.AGAINST_A_REJECTION],
        permission=g.BY_APPEAL_JUDGE,
    )
    def reject_finally(self) -> None:
        self.appeal_used = True

    @move(
        source=S.APPEALED,
        target=S.OFFERED,
        conditions=[g.AGAINST_AN_OFFER],
        permission=g.BY_APPEAL_JUDGE,
    )
    def let_offer_stand(self) -> None:
        self.appeal_used = True

    # By itself

    @move(source=S.SUBMITTED, target=S.AGREED, permission=g.BY_SYSTEM)
    def agree_automatically(self) -> None: ...

    @move(
        source=[S.AWAITING_INFORMATION, S.OFFERED],
        target=S.LAPSED,
        permission=g.BY_SYSTEM,
    )
    def lapse(self) -> None:
        self.lapsed_from = self.state
        self.lapsed_at = self.moment

    @move(source=S.REJECTED, target=S.CLOSED, permission=g.BY_SYSTEM)
    def close(self) -> None: ...

    # The money, and what was agreed beside it

    @move(
        source=S.AGREED,
        target=S.INVOICING,
        conditions=[g.MONEY_IN_IT, g.GATE_CLOSED],
        permission=Permission(g.FINANCE_OR_SYSTEM, g.NOT_OWN_CUSTOMER),
    )
    def correct_invoice(self) -> None: ...

    @move(
        source=[S.AGREED, S.INVOICING],
        target=S.PAYING,
        conditions=[g.MONEY_IN_IT, g.GATE_OPEN],
        permission=Permission(g.FINANCE_OR_BY_ITSELF, g.NOT_OWN_CUSTOMER),
    )
    def pay(self) -> None: ...

    @move(
        source=S.PAYING,
        target=S.REFUNDED,
        conditions=[g.ALL_MONEY_ARRIVED, g.NOTHING_BESIDE],
        permission=g.BY_SYSTEM,
    )
    def settle(self) -> None: ...

    @move(source=S.PAYING, target=S.PAYOUT_BLOCKED, permission=g.BY_SYSTEM)
    def block_payout(self) -> None: ...

    @move(
        source=S.PAYOUT_BLOCKED,
        target=S.PAYING,
        permission=Permission(g.FINANCE_OR_SYSTEM, g.NOT_OWN_CUSTOMER),
    )
    def retry_payout(self) -> None: ...

    @move(
        source=[S.REFUNDED, S.FULFILLING, S.FULFILLED],
        target=S.PAYOUT_BLOCKED,
        permission=g.BY_SYSTEM,
    )
    def reopen(self) -> None: ...

    @move(
        source=S.AGREED,
        target=S.FULFILLING,
        conditions=[g.NO_MONEY_IN_IT, g.SOMETHING_BESIDE],
        permission=g.BY_SYSTEM,
    )
    @move(
        source=S.PAYING,
        target=S.FULFILLING,
        conditions=[g.ALL_MONEY_ARRIVED, g.SOMETHING_BESIDE],
        permission=g.BY_SYSTEM,
    )
    def carry_out(self) -> None: ...

    @move(
        source=S.FULFILLING,
        target=S.FULFILLED,
        permission=Permission(g.STAFF_OF_FULFILMENT, g.NOT_OWN_CUSTOMER),
    )
    def fulfil(self) -> None:
        self.alternative_done = True
