"""Who may make which move, where: by hand from the workflow page, never derived.

A row says by whom a move is made at a stage. What no row allows, nobody may: not a
superuser, not somebody with every role, not the system. Where we depart from the page
or it is silent: refunds/README.md.
"""

from dataclasses import dataclass, field

from tests.refunds.lifecycle.people import (
    ACCOUNT_MANAGER,
    ACTED,
    APPROVER,
    EVALUATOR,
    FILED,
    FINANCE,
    FIRST_LINE,
    LEAD,
    MEMBER,
    OWN_CUSTOMER,
    OWNER,
    PROPOSED,
    STAFF,
    SUPERIOR,
    SUPPORT_AGENT,
    SYSTEM,
    WHO_FILED,
    Person,
)

# In whose hands the case is.
HAS_IT, ANOTHER_HAS_IT, NOBODY_HAS_IT = "has it", "another has it", "nobody has it"
HANDS = (HAS_IT, ANOTHER_HAS_IT, NOBODY_HAS_IT)
SOMEBODY_HAS_IT = frozenset({HAS_IT, ANOTHER_HAS_IT})


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
    _row("retry_payout", "held up", may={FINANCE, SYSTEM}, never={OWN_CUSTOMER}),
    _row("reopen", "refunded", "being carried out", "fulfilled", may={SYSTEM}),
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
