"""Who may make which move, where: by hand from the workflow page, never derived.

A row says by whom a move is made at a stage. What no row allows, nobody may: not a
superuser, not somebody with every role, not the system. Where we depart from the page
or it is silent: refunds/README.md.
"""

from dataclasses import dataclass, field

from accounts.models import Role

# What a person counts as. The roles by their own names, and:
OWNER = "owner of the customer"
MEMBER = "member of the customer"
WHO_FILED = "member who filed it"
ACCOUNT_MANAGER = "account manager of the customer"
STAFF = "active staff"
LEAD = "lead of the role"
SUPERIOR = "superior of who has it"
SYSTEM = "nobody: it happens by itself"
FIRST_LINE, EVALUATOR, APPROVER = Role.FIRST_LINE, Role.EVALUATOR, Role.APPROVER
FINANCE, SUPPORT_AGENT = Role.FINANCE, Role.SUPPORT_AGENT
EVERY_ROLE = frozenset(Role) - {Role.ACCOUNT_MANAGER}  # It manages a customer as well.

# How a person stands to the case, which shuts what the roles would open.
OWN_CUSTOMER = "belongs to the customer"
FILED = "filed it on the customer's behalf"
PROPOSED = "made the proposal"
ACTED = "had a hand in it before"

# In whose hands the case is.
HAS_IT, ANOTHER_HAS_IT, NOBODY_HAS_IT = "has it", "another has it", "nobody has it"
HANDS = (HAS_IT, ANOTHER_HAS_IT, NOBODY_HAS_IT)
SOMEBODY_HAS_IT = frozenset({HAS_IT, ANOTHER_HAS_IT})


# The stages: a state, and what else about the case decides.

STAGES = {
    "draft": "draft",
    "submitted": "submitted",
    "submitted, the records decide": "submitted",
    "first check": "preliminary_review",
    "waiting for documents": "awaiting_information",
    "evaluation": "evaluation",
    "evaluation of a small sum": "evaluation",
    "second check": "pending_approval",
    "offered": "offered",
    "offered after an appeal": "offered",
    "declined": "rejected",
    "declined after new evidence": "rejected",
    "declined after an appeal": "rejected",
    "appeal": "appealed",
    "appeal against an offer": "appealed",
    "agreed": "agreed",
    "agreed on a small sum": "agreed",
    "agreed, with an invoice": "agreed",
    "agreed, no money in it": "agreed",
    "invoice open": "invoicing",
    "invoice dealt with": "invoicing",
    "invoice of a small sum dealt with": "invoicing",
    "paying": "paying",
    "paid, all arrived": "paying",
    "paid, something beside": "paying",
    "held up": "payout_blocked",
    "being carried out": "fulfilling",
    "refunded": "refunded",
    "fulfilled": "fulfilled",
    "lapsed": "lapsed",
    "lapsed, an offer": "lapsed",
    "lapsed long ago": "lapsed",
    "closed": "closed",
    "withdrawn": "withdrawn",
    "declined finally": "rejected_finally",
}
# Stages that are like another of the same state but for these moves: where there is no
# time for everything, only these are tried there.
DIFFER_IN = {
    "submitted, the records decide": {"claim", "agree_automatically"},
    "evaluation of a small sum": {"offer", "propose"},
    "offered after an appeal": {"appeal", "accept", "propose_otherwise"},
    "declined after new evidence": {"bring_new_evidence", "appeal"},
    "declined after an appeal": {"bring_new_evidence", "appeal"},
    "appeal against an offer": {"let_offer_stand", "reject_finally"},
}


# The people. `counts_as` is what the table goes by; the rest is what the records say.


@dataclass(frozen=True)
class Person:
    """`deeds` are done as the case comes to its stage, whoever they are by then."""

    counts_as: frozenset[str] = frozenset()
    stands: frozenset[str] = frozenset()
    roles: frozenset[Role] = frozenset()
    membership: str = ""
    of_another_customer: bool = False
    manages: str = ""
    leads: frozenset[Role] = frozenset()
    deputy_of_leads: bool = False
    superior: bool = False
    superuser: bool = False
    staff: bool = True
    active: bool = True
    deeds: frozenset[str] = frozenset()


def _staff(*roles: Role, superuser: bool = False) -> Person:
    counts_as = frozenset({STAFF, *roles})
    return Person(counts_as, roles=frozenset(roles), superuser=superuser)


def _all(
    *stands: str, counts_as: frozenset[str] = frozenset(), membership: str = ""
) -> Person:
    """Every role at once and a superuser: only how they stand to the case can stop."""
    deeds = frozenset(stands) - {OWN_CUSTOMER}
    return Person(
        counts_as=frozenset({STAFF, *EVERY_ROLE}) | counts_as,
        stands=frozenset(stands),
        roles=frozenset(Role),
        superuser=True,
        deeds=deeds,
        membership=membership,
    )


_ON_LEAVE = frozenset(Role)
PEOPLE: dict[str, Person] = {
    # The customer's side
    "the owner": Person(frozenset({OWNER}), membership="owner", staff=False),
    "a member": Person(frozenset({MEMBER}), membership="member", staff=False),
    "the member who filed it": Person(
        frozenset({MEMBER, WHO_FILED}),
        membership="member",
        staff=False,
        deeds=frozenset({FILED}),
    ),
    "an owner who left": Person(membership="owner", staff=False, active=False),
    "the member who filed it and left": Person(
        membership="member", staff=False, active=False, deeds=frozenset({FILED})
    ),
    "who filed it and belongs to the customer no more": Person(
        staff=False, deeds=frozenset({FILED})
    ),
    "another customer's owner": Person(of_another_customer=True, staff=False),
    # One role each
    **{f"only {role.value}": _staff(role) for role in Role},
    "the customer's account manager": Person(
        frozenset({STAFF, ACCOUNT_MANAGER}),
        roles=frozenset({Role.ACCOUNT_MANAGER}),
        manages="the customer",
    ),
    "another customer's account manager": Person(
        frozenset({STAFF}),
        roles=frozenset({Role.ACCOUNT_MANAGER}),
        manages="another customer",
    ),
    "an account manager who left": Person(
        roles=frozenset({Role.ACCOUNT_MANAGER}), manages="the customer", active=False
    ),
    "an account manager who lost the role": Person(
        frozenset({STAFF}), manages="the customer"
    ),
    "a superuser without a role": _staff(superuser=True),
    # All roles at once, and what still stops them
    "everything at once": _all(),
    "everything, and proposed it": _all(PROPOSED, ACTED),
    "everything, and checked it first": _all(ACTED),
    "everything, and filed it": _all(FILED),
    "everything, and a member of the customer": _all(
        OWN_CUSTOMER, counts_as=frozenset({MEMBER}), membership="member"
    ),
    "everything, and an owner of the customer": _all(
        OWN_CUSTOMER, counts_as=frozenset({OWNER}), membership="owner"
    ),
    "everything, who left": Person(
        roles=frozenset(Role), superuser=True, active=False, leads=_ON_LEAVE
    ),
    "everything, who is no staff any more": Person(
        roles=frozenset(Role), superuser=True, staff=False, leads=_ON_LEAVE
    ),
    "everything, who left, and proposed it": Person(
        roles=frozenset(Role), superuser=True, active=False, deeds=frozenset({PROPOSED})
    ),
    # Who leads, who is above
    "the lead": Person(frozenset({STAFF, LEAD}), leads=frozenset(Role)),
    "the absent lead's deputy": Person(frozenset({STAFF, LEAD}), deputy_of_leads=True),
    "the lead of another role": Person(
        frozenset({STAFF}), leads=frozenset({Role.FINANCE, Role.APPROVER})
    ),
    "the lead, a member of the customer": Person(
        frozenset({STAFF, LEAD, MEMBER}),
        frozenset({OWN_CUSTOMER}),
        leads=frozenset(Role),
        membership="member",
    ),
    "the lead, who filed it": Person(
        frozenset({STAFF, LEAD}),
        frozenset({FILED}),
        leads=frozenset(Role),
        deeds=frozenset({FILED}),
    ),
    "the superior": Person(frozenset({STAFF, SUPERIOR}), superior=True),
    "the superior, a member of the customer": Person(
        frozenset({STAFF, SUPERIOR, MEMBER}),
        frozenset({OWN_CUSTOMER}),
        superior=True,
        membership="member",
    ),
}


# The moves


@dataclass(frozen=True)
class Row:
    """By any of `may`, unless they stand as `never` says; with the case in `hands`."""

    move: str
    stages: tuple[str, ...]
    may: frozenset[str]
    never: frozenset[str] = frozenset()
    hands: frozenset[str] = field(default=frozenset(HANDS))


def _row(
    move: str,
    *stages: str,
    may: set[str],
    never: set[str] | None = None,
    hands: set[str] | frozenset[str] | None = None,
) -> Row:
    return Row(
        move,
        stages,
        frozenset(may),
        frozenset(never or ()),
        frozenset(HANDS if hands is None else hands),
    )


NOT_INVOLVED = {OWN_CUSTOMER, FILED}
EVALUATIONS = ("evaluation", "evaluation of a small sum")
OFFERS = ("offered", "offered after an appeal")
APPEALS = ("appeal", "appeal against an offer")
DECLINED = (
    "declined",
    "declined after new evidence",
    "declined after an appeal",
)
SUBMITTED = ("submitted", "submitted, the records decide")
HANDED_OVER_IN = (
    "first check",
    "waiting for documents",
    *EVALUATIONS,
    "second check",
    *OFFERS,
    *DECLINED,
    *APPEALS,
)

ROWS = (
    # The customer asks, answers, takes back
    _row("submit", "draft", may={OWNER, MEMBER, ACCOUNT_MANAGER}),
    _row(
        "withdraw",
        *SUBMITTED,
        "first check",
        "waiting for documents",
        *EVALUATIONS,
        *OFFERS,
        may={OWNER, WHO_FILED},
    ),
    _row("supply_information", "waiting for documents", may={OWNER, MEMBER}),
    _row("accept", *OFFERS, may={OWNER}),
    _row("propose_otherwise", *OFFERS, may={OWNER}),
    _row("appeal", "offered", may={OWNER}),
    _row("appeal", "declined", "declined after new evidence", may={OWNER}),
    _row("bring_new_evidence", "declined", may={OWNER, MEMBER}),
    _row("take_up_again", "lapsed", "lapsed, an offer", may={OWNER, WHO_FILED}),
    # First line
    _row("claim", *SUBMITTED, may={FIRST_LINE}, never=NOT_INVOLVED),
    *(
        _row(move, "first check", may={FIRST_LINE}, never=NOT_INVOLVED, hands={HAS_IT})
        for move in ("pass_on", "ask_for_information", "reject")
    ),
    # Evaluation
    _row(
        "take_up",
        *EVALUATIONS,
        may={EVALUATOR},
        never=NOT_INVOLVED,
        hands={NOBODY_HAS_IT},
    ),
    *(
        _row(move, *EVALUATIONS, may={EVALUATOR}, never=NOT_INVOLVED, hands={HAS_IT})
        for move in ("ask_for_information", "reject")
    ),
    _row("propose", "evaluation", may={EVALUATOR}, never=NOT_INVOLVED, hands={HAS_IT}),
    _row(
        "offer",
        "evaluation of a small sum",
        may={EVALUATOR},
        never=NOT_INVOLVED,
        hands={HAS_IT},
    ),
    # Four eyes
    _row("approve", "second check", may={APPROVER}, never={*NOT_INVOLVED, PROPOSED}),
    _row("send_back", "second check", may={APPROVER}, never={*NOT_INVOLVED, PROPOSED}),
    # Appeal: somebody new
    _row(
        "take_appeal",
        *APPEALS,
        may={EVALUATOR},
        never={*NOT_INVOLVED, ACTED},
        hands={NOBODY_HAS_IT},
    ),
    _row(
        "uphold_appeal",
        *APPEALS,
        may={EVALUATOR},
        never={*NOT_INVOLVED, ACTED},
        hands={HAS_IT},
    ),
    _row(
        "reject_finally",
        "appeal",
        may={EVALUATOR},
        never={*NOT_INVOLVED, ACTED},
        hands={HAS_IT},
    ),
    _row(
        "let_offer_stand",
        "appeal against an offer",
        may={EVALUATOR},
        never={*NOT_INVOLVED, ACTED},
        hands={HAS_IT},
    ),
    # Giving back and handing over: who has it, with or without the role; who is above
    _row("release", "first check", may={STAFF}, never=NOT_INVOLVED, hands={HAS_IT}),
    _row(
        "put_down",
        *EVALUATIONS,
        *APPEALS,
        may={STAFF},
        never=NOT_INVOLVED,
        hands={HAS_IT},
    ),
    _row("hand_over", *HANDED_OVER_IN, may={STAFF}, never=NOT_INVOLVED, hands={HAS_IT}),
    _row(
        "release",
        "first check",
        may={LEAD, SUPERIOR},
        never=NOT_INVOLVED,
        hands=SOMEBODY_HAS_IT,
    ),
    _row(
        "put_down",
        *EVALUATIONS,
        *APPEALS,
        may={LEAD, SUPERIOR},
        never=NOT_INVOLVED,
        hands=SOMEBODY_HAS_IT,
    ),
    _row(
        "hand_over",
        *HANDED_OVER_IN,
        may={LEAD, SUPERIOR},
        never=NOT_INVOLVED,
        hands=SOMEBODY_HAS_IT,
    ),
    # By itself
    _row("agree_automatically", *SUBMITTED, may={SYSTEM}),
    _row("lapse", "waiting for documents", *OFFERS, may={SYSTEM}),
    _row("close", *DECLINED, may={SYSTEM}),
    # The money
    _row(
        "correct_invoice",
        "agreed, with an invoice",
        may={FINANCE, SYSTEM},
        never={OWN_CUSTOMER},
    ),
    _row(
        "pay",
        "agreed",
        "agreed on a small sum",
        "invoice dealt with",
        "invoice of a small sum dealt with",
        may={FINANCE},
        never={OWN_CUSTOMER},
    ),
    _row(
        "pay",
        "agreed on a small sum",
        "invoice of a small sum dealt with",
        may={SYSTEM},
    ),
    _row("carry_out", "agreed, no money in it", may={SYSTEM}),
    _row("carry_out", "paid, something beside", may={SYSTEM}),
    _row("settle", "paid, all arrived", may={SYSTEM}),
    _row(
        "block_payout",
        "paying",
        "paid, all arrived",
        "paid, something beside",
        may={SYSTEM},
    ),
    _row("retry_payout", "held up", may={FINANCE}, never={OWN_CUSTOMER}),
    _row("reopen", "refunded", "fulfilled", may={SYSTEM}),
    _row(
        "fulfil",
        "being carried out",
        may={EVALUATOR, SUPPORT_AGENT},
        never={OWN_CUSTOMER},
    ),
)

# Where a case stands in nobody's hands or in anybody's, it makes no difference to most
# moves; these are tried with the case in each kind of hands.
HANDS_MATTER = {
    "pass_on",
    "ask_for_information",
    "reject",
    "take_up",
    "propose",
    "offer",
    "take_appeal",
    "uphold_appeal",
    "reject_finally",
    "let_offer_stand",
    "release",
    "put_down",
    "hand_over",
}


def may(person: Person, move: str, stage: str, hands: str) -> bool:
    """What the rows say, and nothing else."""
    return any(
        row.may & person.counts_as
        and not row.never & person.stands
        and hands in row.hands
        for row in ROWS
        if row.move == move and stage in row.stages
    )


def may_happen_by_itself(move: str, stage: str) -> bool:
    return any(
        SYSTEM in row.may for row in ROWS if row.move == move and stage in row.stages
    )


# To whom a case is handed: who has this role, and could have taken it.
HANDED_TO = {
    **dict.fromkeys(HANDED_OVER_IN, EVALUATOR),
    "first check": FIRST_LINE,
    "waiting for documents": FIRST_LINE,
}


def could_take(person: Person, stage: str) -> bool:
    new = {ACTED} if stage in APPEALS else set()
    theirs = HANDED_TO[stage] in person.counts_as
    return theirs and not person.stands & {*NOT_INVOLVED, *new}


# The doors. A way that a row opens may have no door for that person; none opens more.

# The moves that the customer's own pages make, for whom.
ON_THE_PAGES = {
    "submit": {OWNER, MEMBER, ACCOUNT_MANAGER},
    "withdraw": {OWNER, MEMBER},
    "supply_information": {OWNER, MEMBER},
    "accept": {OWNER, MEMBER},
    "propose_otherwise": {OWNER, MEMBER},
    "appeal": {OWNER, MEMBER},
    "bring_new_evidence": {OWNER, MEMBER},
    "take_up_again": {OWNER, MEMBER},
}
# The buttons of the decision sheet, and the moves that each makes.
ON_THE_SHEET = {
    "claim": {"claim"},
    "take_up": {"take_up"},
    "take_appeal": {"take_appeal"},
    "pass_on": {"pass_on"},
    "offer": {"offer", "propose"},
    "approve": {"approve"},
    "send_back": {"send_back"},
    "ask_for_information": {"ask_for_information"},
    "reject": {"reject"},
    "uphold_appeal": {"uphold_appeal"},
    "reject_finally": {"reject_finally"},
    "let_offer_stand": {"let_offer_stand"},
    "pay": {"pay"},
    "retry_payout": {"retry_payout"},
    "release": {"release"},
    "put_down": {"put_down"},
    "hand_over": {"hand_over"},
    "fulfil": {"fulfil"},
}
# Who may open a sheet at all; a superuser too.
READS_SHEETS = {
    FIRST_LINE,
    EVALUATOR,
    APPROVER,
    FINANCE,
    Role.AUDITOR,
    ACCOUNT_MANAGER,
}
# The actions on many at once, and the moves that each makes.
ON_MANY = {
    "claim_selected": {"claim", "take_up", "take_appeal"},
    "give_back_selected": {"release", "put_down"},
    "hand_over_selected": {"hand_over"},
    "pass_on_selected": {"pass_on"},
}
# “Take next” makes these, where nobody has the case and the records don't decide it.
TAKES_NEXT = {
    "submitted": "claim",
    "evaluation": "take_up",
    "evaluation of a small sum": "take_up",
    "appeal": "take_appeal",
    "appeal against an offer": "take_appeal",
}
# No button and no address makes these: time, money and the records do.
BY_ITSELF = {
    "agree_automatically",
    "lapse",
    "close",
    "correct_invoice",
    "carry_out",
    "settle",
    "block_payout",
    "reopen",
}
# What a task moves once time has passed: the stages, and the states they come to.
TASKS = {
    "lapse_overdue": {
        "waiting for documents": "lapsed",
        "offered": "lapsed",
        "offered after an appeal": "lapsed",
        "declined": "closed",
        "declined after new evidence": "closed",
        "declined after an appeal": "closed",
    },
    "decide_waiting": {"submitted, the records decide": "agreed"},
    "pay_agreed": {
        "agreed on a small sum": "paying",
        "agreed, with an invoice": "invoicing",
        "agreed, no money in it": "fulfilling",
        "invoice of a small sum dealt with": "paying",
    },
}

# What the command makes: what a button or a page of the customer's makes. It takes a
# number, so drafts are not sent by it.
NOT_BY_THE_COMMAND = {*BY_ITSELF, "submit"}
