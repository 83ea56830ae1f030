"""The doors: which moves each makes, and for whom. A way that a row of the table opens
may have no door for that person; none opens more."""

from accounts.models import Role
from tests.refunds.lifecycle.people import (
    ACCOUNT_MANAGER,
    APPROVER,
    EVALUATOR,
    FINANCE,
    FIRST_LINE,
    MEMBER,
    OWNER,
    STAFF,
    Person,
)

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


def opens_sheets(person: Person) -> bool:
    superuser = person.superuser and STAFF in person.counts_as
    return superuser or bool(person.counts_as & READS_SHEETS)


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
