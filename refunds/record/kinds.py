"""Every kind of event, and what its `data` carries beside actor, moment and reason.

An event is kept for ever, so what it may hold is written here first: a kind or a
field that is not, and a field that is missing, are mistakes of the program.
Moments are ISO 8601, money minor units of the request's currency, ids row numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Field:
    """`types` as `isinstance` takes them; an optional one may be left out."""

    name: str
    types: tuple[type, ...]
    meaning: str
    optional: bool = False


@dataclass(frozen=True)
class Kind:
    fields: tuple[Field, ...]
    required: frozenset[str]
    known: frozenset[str]


def kind(*fields: Field) -> Kind:
    return Kind(
        fields,
        frozenset(field.name for field in fields if not field.optional),
        frozenset(field.name for field in fields),
    )


def must(name: str, *types: type, means: str) -> Field:
    return Field(name, types, means)


def may(name: str, *types: type, means: str) -> Field:
    return Field(name, types, means, optional=True)


NONE = type(None)
TAGS = may("tags", list, means="reason tags of then: [code, English, Chinese] each")
ASSESSMENT = must("assessment", int, means="id of the assessment it rests on")
AMOUNT = must("amount", int, means="the sum, minor units")
OFFER = must("offer", int, means="id of the offer")
MESSAGE = must("message", int, means="id of the message, which has the words")
DEADLINE = must("deadline", str, means="kind of the deadline")
NAME = must("name", str, means="the file's name as it was sent")
SHA256 = must("sha256", str, means="SHA-256 of the file's bytes, hex")
MEASUREMENT = must("measurement", int, means="id of the measurement")
ALTERNATIVE = may("alternative", str, means="kind of the alternative, empty if none")

PROPOSAL = kind(
    OFFER,
    AMOUNT,
    must("due", int, NONE, means="what is due for what was asked; null: none computed"),
    must("departs", bool, means="whether it is not what the policy computed"),
    ASSESSMENT,
    ALTERNATIVE,
    may("alternative_words", str, means="what exactly the alternative is"),
    may("instead", bool, means="whether it is to choose in place of the money"),
    TAGS,
)
HAND_OVER = kind(
    must("from", int, NONE, means="id of who had the case in hand, null: nobody"),
    must("to", int, NONE, means="id of who has it in hand now, null: nobody"),
)
LEG = kind(
    must("key", str, means="the leg's key at the route"),
    AMOUNT,
    must("outcome", str, means="what the route's answer proves"),
    must("code", str, means="the route's code, empty if none"),
    must("provider_number", str, means="the route's number, empty until known"),
)
ARRIVED = (
    may("amount", int, means="what was agreed on, minor units"),
    may("provider_numbers", list, means="the route's number of each leg"),
)

REVERSAL = kind(
    must("reversal", int, means="id of the invoice reversal"),
    must("invoice", str, means="number of the invoice"),
    must("kind", str, means="void or red_letter"),
    AMOUNT,
    may("number", str, means="number of the reversal, once it is done"),
    may("slip", str, means="number of the slip"),
    may("until", str, means="when the slip lapses"),
)
ACCOUNT = kind(
    must("account", int, means="id of the payout account"),
    must("masked", str, means="the account's number, masked"),
    must("holder", str, means="the account's holder"),
)
DISPUTE = kind(
    must("payment", str, means="the payment's transaction number"),
    must("reference", str, means="the provider's number of the dispute"),
    AMOUNT,
    may("outcome", str, means="won or lost"),
)

KINDS: dict[str, Kind] = {
    # The customer asks
    "submit": kind(
        ASSESSMENT,
        must("amount_asked", int, means="what was asked for, minor units"),
        must("currency", str, means="ISO 4217"),
        must("ground", str, means="what the customer claims"),
        must("evidence", list, means="{name, sha256} of each file sent with it"),
        may("channel", str, means="how it came: form, email, phone"),
    ),
    "withdraw": kind(),
    "supply_information": kind(),
    "accept": kind(
        OFFER,
        AMOUNT,
        may("service_ended_at", str, means="when the service ended, if this ends it"),
        may("choice", str, means="which of the two was chosen"),
        ALTERNATIVE,
        TAGS,
    ),
    "propose_otherwise": kind(),
    "appeal": kind(),
    "bring_new_evidence": kind(),
    "take_up_again": kind(),
    "complain": kind(DEADLINE, MESSAGE),
    # First line
    "claim": kind(),
    "release": kind(),
    "pass_on": kind(),
    "ask_for_information": kind(),
    "reject": kind(
        must("code", str, means="why, as one of review.rejection.CODES"), TAGS
    ),
    # Evaluation, second check, appeal
    "take_up": kind(),
    "put_down": kind(),
    "hand_over": HAND_OVER,
    "offer": PROPOSAL,
    "propose": PROPOSAL,
    "approve": kind(OFFER, AMOUNT),
    "send_back": kind(),
    "take_appeal": kind(),
    "uphold_appeal": kind(TAGS),
    "reject_finally": kind(TAGS),
    "let_offer_stand": kind(TAGS),
    # By itself
    "agree_automatically": kind(ASSESSMENT, AMOUNT, TAGS),
    "left_to_people": kind(must("signs", list, means="codes of the warning signs")),
    "lapse": kind(),
    "close": kind(),
    # The money, and what was agreed beside it
    "correct_invoice": kind(),
    "pay": kind(AMOUNT, must("legs", list, means="{key, amount} of each leg")),
    "settle": kind(*ARRIVED),
    "block_payout": kind(),
    "retry_payout": kind(must("keys", list, means="keys of the legs tried again")),
    "reopen": kind(
        may("key", str, means="the leg that came back"),
        may("amount", int, means="what came back, minor units"),
    ),
    "carry_out": kind(*ARRIVED),
    "fulfil": kind(may("words", str, means="what was done")),
    # What is no move
    "message": kind(MESSAGE),
    "note": kind(MESSAGE),
    "tagged": kind(must("tags", list, means="codes of the reason tags now")),
    "finding": kind(
        must("finding", str, means="kind of the finding"),
        must("item", str, means="the item it is about, empty if none"),
        must("evidence", list, means="SHA-256 of each file it rests on"),
    ),
    "assessed": kind(
        ASSESSMENT,
        must("rule", str, means="code of the rule, empty if none"),
        must("denied", str, means="code of the denial, empty if none"),
        must("amount", int, NONE, means="minor units; null: none computed"),
    ),
    "evidence_added": kind(NAME, SHA256, must("kind", str, means="what it shows")),
    "evidence_checked": kind(
        SHA256, must("verdict", str, means="verified or dismissed")
    ),
    "evidence_downloaded": kind(NAME, SHA256),
    "measurement_added": kind(
        MEASUREMENT,
        must("metric", str, means="what was measured"),
        must("measured", str, means="the value, an exact decimal"),
        must("from", str, means="first moment of the period"),
        must("to", str, means="last moment of the period"),
        SHA256,
    ),
    "measurement_checked": kind(
        MEASUREMENT,
        must("verdict", str, means="accepted or dismissed"),
        may("reading", int, means="id of the quality reading it became"),
    ),
    "file_exported": kind(
        must("sha256", str, means="SHA-256 of the export's manifest.json, hex"),
        may("internal", bool, means="whether notes among the staff went with it"),
    ),
    "reminded": kind(DEADLINE, must("stage", str, means="rung of the ladder")),
    "deadline_moved": kind(
        DEADLINE,
        must("from", str, means="when it was due"),
        must("to", str, means="when it is due now"),
    ),
    # Each attempt at a payout
    "payout_sent": kind(
        must("key", str, means="the leg's key at the route"),
        AMOUNT,
        must("route", str, means="the route it was sent to"),
    ),
    "payout_processing": LEG,
    "payout_unknown": LEG,
    "payout_held": LEG,
    "payout_needs_action": LEG,
    "payout_succeeded": LEG,
    "payout_route_closed": LEG,
    "payout_failed": LEG,
    "payout_reversed": LEG,
    "payout_abandoned": LEG,
    "payout_batched": kind(
        must("key", str, means="the leg's key at the bank"),
        AMOUNT,
        must("batch", str, means="the message number of the file"),
    ),
    "payout_found": kind(
        must("key", str, means="the leg's key at the route"),
        must("moved", bool, means="whether the money went back"),
        may("agreed", bool, means="what the second person says; missing: not yet"),
    ),
    # The invoice before it
    "reversal_planned": REVERSAL,
    "slip_raised": REVERSAL,
    "slip_confirmed": REVERSAL,
    "slip_lapsed": REVERSAL,
    "reversal_done": REVERSAL,
    "reversal_dropped": REVERSAL,
    # Another account
    "account_named": ACCOUNT,
    "account_checked": ACCOUNT,
    "account_approved": ACCOUNT,
    "account_refused": ACCOUNT,
    # What happened to a payment that this request's money comes from
    "dispute_recorded": DISPUTE,
    "dispute_ended": DISPUTE,
}

VERSION_OF = must("from", int, NONE, means="the version it began from, null: a file")
FINGERPRINT = must("fingerprint", str, means="SHA-256 of all rules, hex")
RULE = must("rule", str, means="code of the rule")
IN_FORCE = (must("in_force_from", str, means="first day, ISO 8601"), FINGERPRINT)

POLICY_KINDS: dict[str, Kind] = {
    "default_loaded": kind(*IN_FORCE),
    "draft_begun": kind(VERSION_OF, FINGERPRINT),
    "draft_imported": kind(
        must("sha256", str, means="SHA-256 of the file's bytes, hex"),
        FINGERPRINT,
        must("rules", list, means="codes of the rules"),
    ),
    "rule_added": kind(RULE, must("after", dict, means="the rule as it is kept")),
    "rule_changed": kind(
        RULE,
        must("before", dict, means="the fields that differ, as they were"),
        must("after", dict, means="the same fields, as they are now"),
    ),
    "rule_removed": kind(RULE, must("before", dict, means="the rule as it was kept")),
    "rule_moved": kind(
        RULE,
        must("from", int, means="place in the list, from 1"),
        must("to", int, means="place in the list now"),
    ),
    "rule_switched": kind(RULE, must("enabled", bool, means="whether it is on now")),
    "draft_discarded": kind(FINGERPRINT),
    "published": kind(*IN_FORCE),
}

# Whose words are for colleagues; they stay out of what leaves the house.
AMONG_STAFF = frozenset(
    {
        "pass_on",
        "send_back",
        "hand_over",
        "release",
        "put_down",
        "propose",
        "left_to_people",
        "account_checked",
        "payout_found",
        "reversal_planned",
        "reversal_dropped",
    }
)


def check(kinds: Mapping[str, Kind], name: str, data: Mapping[str, Any]) -> None:
    """ValueError for what `kinds` does not know or finds missing; constant time."""
    known = kinds.get(name)
    if known is None:
        raise ValueError(f"no event is called {name!r}; write it in record/kinds.py")
    if not known.required <= data.keys() <= known.known:
        missing = sorted(known.required - data.keys())
        strange = sorted(data.keys() - known.known)
        raise ValueError(f"event {name!r}: missing {missing}, not known {strange}")
