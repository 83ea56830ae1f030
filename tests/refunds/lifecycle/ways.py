"""The way on from each state and who goes it; what else the machine draws from."""

from datetime import timedelta

from hypothesis import strategies as st

from tests.refunds.lifecycle.reached import WORDS
from tests.refunds.payouts.till import QUERY, REFUND

# The way on from each state, and who goes it.
HOLDER = "who has it in hand"
GOES_ON: dict[str, tuple[tuple[str, str], ...]] = {
    "submitted": (("claim", "first_line"), ("withdraw", "owner")),
    "preliminary_review": (
        ("pass_on", HOLDER),
        ("ask_for_information", HOLDER),
        ("reject", HOLDER),
        ("release", "lead"),
    ),
    "awaiting_information": (("supply_information", "member"),),
    "evaluation": (
        ("take_up", "evaluator"),
        ("take_up", "second_evaluator"),
        ("propose", HOLDER),
        ("propose", HOLDER),
        ("reject", HOLDER),
        ("ask_for_information", HOLDER),
    ),
    "pending_approval": (("approve", "approver"), ("send_back", "approver")),
    "offered": (
        ("accept", "owner"),
        ("accept", "owner"),
        ("propose_otherwise", "owner"),
        ("appeal", "owner"),
    ),
    "rejected": (("appeal", "owner"), ("bring_new_evidence", "owner")),
    "appealed": (
        ("take_appeal", "taker"),
        ("uphold_appeal", HOLDER),
        ("reject_finally", HOLDER),
        ("let_offer_stand", HOLDER),
    ),
    "agreed": (("pay", "finance"),),
    "invoicing": (("pay", "finance"),),
    "payout_blocked": (("retry_payout", "finance"),),
    "fulfilling": (("fulfil", "evaluator"),),
    "lapsed": (("take_up_again", "owner"),),
}
SUMS = (10_000_00, 1_000_00)
BESIDE: tuple[dict[str, object], ...] = (
    {},
    {},
    {"alternative": "credit", "alternative_words": "One month.", "reason": WORDS},
    {
        "alternative": "extension",
        "alternative_words": "One month.",
        "instead": True,
        "reason": WORDS,
    },
)
FAULTS = (
    ("sub_code:ACQ.SYSTEM_ERROR", REFUND),
    ("sub_code:ACQ.TRADE_HAS_FINISHED", REFUND),
    ("not_yet", QUERY),
    ("wrong_amount", QUERY),
)
SPANS = [
    timedelta(minutes=1),
    timedelta(hours=5),
    timedelta(days=3),
    timedelta(days=20),
]
some = st.integers(0, 11)
