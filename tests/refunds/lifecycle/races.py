"""The races, as data: who comes first with which move at which stage, and what the
other reads."""

from dataclasses import dataclass

WAS_FIRST = "%s was first: at 2026-11-16 1"
NOT_IN_HAND = "Only who has the case in hand"
TAKEN = "%s was first and has this case in hand."
TAKE_FIRST = "Take the case first"
BY_ITSELF = ""


@dataclass(frozen=True)
class Race:
    """`first` makes `move` at the stage; `second` comes a moment later with `rival`, or
    with the same move, and reads `words`."""

    move: str
    stage: str
    first: str
    second: str
    rival: str = ""
    words: str = WAS_FIRST

    def __str__(self) -> str:
        return f"{self.move} before {self.rival or 'the same'} at {self.stage}"


# Every move from every state. Where one person alone may, two windows of theirs.
SAME = (
    Race("submit", "draft", "owner", "member"),
    Race("withdraw", "submitted", "owner", "second_owner"),
    Race("withdraw", "first check", "owner", "second_owner"),
    Race("withdraw", "waiting for documents", "owner", "second_owner"),
    Race("withdraw", "evaluation", "owner", "second_owner"),
    Race("withdraw", "offered", "owner", "second_owner"),
    Race("supply_information", "waiting for documents", "owner", "member"),
    Race("accept", "offered", "owner", "second_owner"),
    Race("propose_otherwise", "offered", "owner", "second_owner"),
    Race("appeal", "offered", "owner", "second_owner"),
    Race("appeal", "declined", "owner", "second_owner"),
    Race("bring_new_evidence", "declined", "owner", "member"),
    Race("take_up_again", "lapsed", "owner", "second_owner"),
    Race("claim", "submitted", "first_line", "second_first_line"),
    Race("release", "first check", "first_line", "lead"),
    Race("pass_on", "first check", "first_line", "first_line"),
    Race("ask_for_information", "first check", "first_line", "first_line"),
    Race("reject", "first check", "first_line", "first_line"),
    Race("ask_for_information", "evaluation", "evaluator", "evaluator"),
    Race("reject", "evaluation", "evaluator", "evaluator"),
    Race("propose", "evaluation", "evaluator", "evaluator"),
    Race("offer", "evaluation of a small sum", "evaluator", "evaluator"),
    Race("take_up", "evaluation", "second_evaluator", "evaluator", words=TAKEN),
    Race("put_down", "evaluation", "evaluator", "evaluator", words=NOT_IN_HAND),
    Race("approve", "second check", "approver", "second_approver"),
    Race("send_back", "second check", "approver", "second_approver"),
    Race("take_appeal", "appeal", "second_evaluator", "third_evaluator", words=TAKEN),
    Race(
        "put_down", "appeal", "second_evaluator", "second_evaluator", words=NOT_IN_HAND
    ),
    Race("uphold_appeal", "appeal", "second_evaluator", "second_evaluator"),
    Race("reject_finally", "appeal", "second_evaluator", "second_evaluator"),
    Race(
        "let_offer_stand",
        "appeal against an offer",
        "second_evaluator",
        "second_evaluator",
    ),
    *(
        Race("hand_over", stage, holder, holder, words=NOT_IN_HAND)
        for stage, holder in (
            ("first check", "first_line"),
            ("waiting for documents", "first_line"),
            ("evaluation", "evaluator"),
            ("second check", "evaluator"),
            ("offered", "evaluator"),
            ("declined", "evaluator"),
            ("appeal", "second_evaluator"),
        )
    ),
    Race("agree_automatically", "submitted", BY_ITSELF, BY_ITSELF),
    Race("lapse", "waiting for documents", BY_ITSELF, BY_ITSELF),
    Race("lapse", "offered", BY_ITSELF, BY_ITSELF),
    Race("close", "declined", BY_ITSELF, BY_ITSELF),
    Race("correct_invoice", "agreed, with an invoice", "finance", BY_ITSELF),
    Race("pay", "agreed", "finance", "second_finance"),
    Race("pay", "invoice dealt with", "finance", "second_finance"),
    Race("carry_out", "agreed, no money in it", BY_ITSELF, BY_ITSELF),
    Race("carry_out", "paid, something beside", BY_ITSELF, BY_ITSELF),
    Race("settle", "paid, all arrived", BY_ITSELF, BY_ITSELF),
    Race("block_payout", "paying", BY_ITSELF, BY_ITSELF),
    Race("retry_payout", "held up", "finance", "second_finance"),
    Race("reopen", "refunded", BY_ITSELF, BY_ITSELF),
    Race("reopen", "being carried out", BY_ITSELF, BY_ITSELF),
    Race("reopen", "fulfilled", BY_ITSELF, BY_ITSELF),
    Race("fulfil", "being carried out", "evaluator", "second_evaluator"),
)
S, O, E, F = "evaluation of a small sum", "owner", "evaluator", "first_line"  # noqa: E741
RIVALS = (
    Race("accept", "offered", O, "second_owner", "withdraw"),
    Race("withdraw", "offered", O, "second_owner", "accept"),
    Race("accept", "offered", O, "second_owner", "appeal"),
    Race("propose_otherwise", "offered", O, "second_owner", "accept"),
    Race("lapse", "offered", BY_ITSELF, O, "accept"),
    Race("accept", "offered", O, BY_ITSELF, "lapse"),
    Race("lapse", "waiting for documents", BY_ITSELF, O, "supply_information"),
    Race("supply_information", "waiting for documents", O, BY_ITSELF, "lapse"),
    Race("close", "declined", BY_ITSELF, O, "appeal"),
    Race("appeal", "declined", O, BY_ITSELF, "close"),
    Race("bring_new_evidence", "declined", "member", O, "appeal"),
    Race("approve", "second check", "approver", "second_approver", "send_back"),
    Race("send_back", "second check", "approver", "second_approver", "approve"),
    Race("claim", "submitted", F, O, "withdraw", words="may both"),
    Race("withdraw", "submitted", O, F, "claim"),
    Race("agree_automatically", "submitted", BY_ITSELF, F, "claim"),
    Race("claim", "submitted", F, BY_ITSELF, "agree_automatically"),
    Race("agree_automatically", "submitted", BY_ITSELF, O, "withdraw"),
    Race("pass_on", "first check", F, F, "release"),
    Race("release", "first check", "lead", F, "pass_on"),
    Race("offer", S, E, E, "ask_for_information"),
    Race("ask_for_information", S, E, E, "offer"),
    Race("reject", S, E, E, "offer"),
    Race("withdraw", S, O, E, "offer"),
    Race("hand_over", "evaluation", "lead", E, "reject", words=TAKE_FIRST),
    Race("put_down", "evaluation", "lead", E, "reject", words=TAKE_FIRST),
    Race("hand_over", "evaluation", "lead", E, "put_down", words=NOT_IN_HAND),
    Race(
        "uphold_appeal",
        "appeal",
        "second_evaluator",
        "second_evaluator",
        "reject_finally",
    ),
    Race("pay", "agreed on a small sum", "finance", BY_ITSELF),
    Race("pay", "agreed on a small sum", BY_ITSELF, "finance"),
    Race("settle", "paid, all arrived", BY_ITSELF, BY_ITSELF, "block_payout"),
)
