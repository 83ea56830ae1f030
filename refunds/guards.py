"""What must hold for a move, and for the person who makes it, each with its words.

A guard asks the request one question; `models/request.py` answers. The actor is a
user, or None for the system.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from refunds.states import S, role_in_hand

if TYPE_CHECKING:
    from refunds.lifecycle import Lifecycle

TAKE_UP_AGAIN_WITHIN = timedelta(days=90)


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
NOT_WHO_FILED = Guard(
    _("You filed this for the customer; somebody else has to decide."),
    lambda request, user: user is None or request.filed_by_id != user.pk,
)
HAS_IT_IN_HAND = Guard(
    _("Take the case first: only who has it in hand decides."),
    lambda request, user: request.handler_id == user.pk,
)
HAS_IT_OR_IS_ABOVE = Guard(
    _("Only who has the case in hand, their superior or the lead can do this."),
    lambda request, user: (
        user is not None
        and user.is_active
        and user.is_staff
        and (
            request.handler_id == user.pk
            or request.is_led_by(user)
            or request.is_below(user)
            or request.is_left_behind_for(user)
        )
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
FINANCE = Guard(
    _("This is for finance."),
    lambda request, user: user is not None and user.has_role(Role.FINANCE),
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
SOMEBODY_HAS_IT = Guard(
    _("Nobody has this case in hand; who takes it, has it."),
    lambda request: request.handler_id is not None,
)
THE_NEXT_MAY_TAKE_IT = Guard(
    _(
        "They can't take this case. It needs the role, nobody who belongs to the "
        "customer or filed it, and in an appeal somebody who had no part in it."
    ),
    lambda request: _takers(request)(request, request.next_handler),
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
    lambda request: not request.agreed_alternative or request.alternative_done,
)
SOMETHING_BESIDE = Guard(
    _("No alternative was agreed beside the money."),
    lambda request: bool(request.agreed_alternative) and not request.alternative_done,
)

NOT_INVOLVED = (NOT_OWN_CUSTOMER, NOT_WHO_FILED)
FIRST_LINE = (role(Role.FIRST_LINE), *NOT_INVOLVED)
EVALUATOR = (role(Role.EVALUATOR), *NOT_INVOLVED)
APPROVER = (role(Role.APPROVER), *NOT_INVOLVED, NOT_THE_PROPOSER)
BY_FIRST_LINE = Permission(*FIRST_LINE, HAS_IT_IN_HAND)
BY_EVALUATOR = Permission(*EVALUATOR, HAS_IT_IN_HAND)
BY_APPEAL_JUDGE = Permission(*EVALUATOR, HAS_IT_IN_HAND, NO_EARLIER_HAND)
BY_SYSTEM = Permission(THE_SYSTEM)
# Without the role too: who lost it must be able to let go of the case.
PUTS_DOWN = Permission(*NOT_INVOLVED, HAS_IT_OR_IS_ABOVE)


def _takers(request: "Lifecycle") -> Permission:
    """Who could take the case that is being handed over."""
    wanted = role_in_hand(request.state, came_from=request.came_from)
    guards = FIRST_LINE if wanted == Role.FIRST_LINE else EVALUATOR
    if request.state == S.APPEALED:
        return Permission(*guards, NO_EARLIER_HAND)
    return Permission(*guards)
