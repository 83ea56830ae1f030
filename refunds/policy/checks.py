"""What makes a rule impossible to apply: each reason with its field and its words.

Whether an applicable rule makes sense for what is sold is asked in `sense.py`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.minor_units import minor_digits
from refunds.policy.errors import PolicyError
from refunds.policy.facts import GROUNDS, PRODUCT_LINES
from refunds.policy.sentence import Sentence, gettext_noop
from refunds.policy.windows import LONGEST, MONTH_END

if TYPE_CHECKING:
    from refunds.policy.rule import Days, Limit, Rule

FORMULAS = (
    "full",
    "unused_share",
    "outage_share",
    "breach_share",
    "remaining_lessons",
    "shortfall_share",
    "undelivered_items",
    "service_credit",
    "negotiated",
)
EVIDENCE_KINDS = (
    "payment_record",
    "agreement_page",
    "monitoring_report",
    "fault_log",
    "progress_screenshot",
    "communication",
    "third_party_data",
    "notarised_record",
    "other",
)
LANGUAGES = {"en", "zh"}
LAST_POSITION = 10_000
DAYS = gettext_noop(
    "The warning can't come before day 0 nor after the due day, and a due day can't be "
    "later than day 1000. Write a day to warn on, then one that is not earlier."
)


@dataclass(frozen=True)
class Check:
    """`field` of the form is at fault where `fails`; `text` may name the %(rule)s."""

    field: str
    fails: "Callable[[Rule], bool]"
    text: str


def reasons_against(rule: "Rule") -> Iterator[PolicyError]:
    """Every reason why the rule can't be applied."""
    return failed(CHECKS, rule)


def failed(checks: "Iterable[Check]", rule: "Rule") -> Iterator[PolicyError]:
    for check in checks:
        if check.fails(rule):
            sentence = Sentence(check.text, {"rule": rule.code})
            yield PolicyError(sentence, rule=rule.code, field=check.field)


def _unknown(names: Iterable[str], known: Iterable[str]) -> bool:
    return not set(names) <= set(known)


def _repeats(rule: "Rule") -> bool:
    names = [condition.name for condition in rule.conditions]
    return len(set(names)) < len(names)


def _counts_months(rule: "Rule") -> bool:
    return rule.window is not None and rule.window.anchor == MONTH_END


def _measures_availability(rule: "Rule") -> bool:
    return rule.level is not None and rule.level.metric == "availability"


def _out_of_order(days: "Days") -> bool:
    return not 0 <= days.warn <= days.due <= 1000


def _no_currency(limit: "Limit | None") -> bool:
    if limit is None:
        return False
    try:
        minor_digits(limit.currency)
    except ValueError:
        return True
    return False


CHECKS = (
    Check(
        "code",
        lambda r: not r.code,
        gettext_noop("The rule has no code. Write one such as live.long_outage."),
    ),
    Check(
        "position",
        lambda r: not 0 <= r.position <= LAST_POSITION,
        gettext_noop("The position has to be from 0 to 10000. Write one such as 5."),
    ),
    Check(
        "product_line",
        lambda r: r.product_line not in PRODUCT_LINES,
        gettext_noop("We don't sell this product line. Choose one that we do."),
    ),
    Check(
        "title",
        lambda r: set(r.title) != LANGUAGES,
        gettext_noop("The title is missing in English or Chinese. Write it in both."),
    ),
    Check(
        "text",
        lambda r: set(r.text) != LANGUAGES,
        gettext_noop("The text is missing in English or Chinese. Write it in both."),
    ),
    Check(
        "grounds",
        lambda r: not r.grounds,
        gettext_noop("The rule answers no ground. Choose at least one."),
    ),
    Check(
        "grounds",
        lambda r: _unknown(r.grounds, GROUNDS),
        gettext_noop(
            "One of the grounds is none that a customer can choose. Remove it."
        ),
    ),
    Check(
        "formula",
        lambda r: r.formula not in FORMULAS,
        gettext_noop("This formula is unknown. Choose one from the list."),
    ),
    Check(
        "evidence_required",
        lambda r: _unknown(r.evidence_required, EVIDENCE_KINDS),
        gettext_noop("One of these kinds of evidence can't be handed in. Remove it."),
    ),
    Check(
        "conditions",
        _repeats,
        gettext_noop("A condition is there twice. Keep one of the two."),
    ),
    Check(
        "share",
        lambda r: r.share < 0,
        gettext_noop("The share can't be below 0. 100%% is all of it."),
    ),
    Check(
        "claim_within",
        lambda r: r.claim_within is not None and not 0 <= r.claim_within <= LONGEST,
        gettext_noop(
            "The days to claim in can't be fewer than 0 or more than 100000. Write a "
            "number between, or leave it empty."
        ),
    ),
    Check(
        "claim_within",
        lambda r: r.claim_within is not None and r.outage is None,
        gettext_noop(
            "The days to claim in count from the end of an outage, but the rule asks "
            "for none. Add an outage condition, or leave the days empty."
        ),
    ),
    Check(
        "formula",
        lambda r: r.formula == "outage_share" and r.outage is None,
        gettext_noop(
            "This formula pays for the time of an outage, but the rule asks for none. "
            "Add an outage condition, or choose another formula."
        ),
    ),
    Check(
        "window.anchor",
        lambda r: _counts_months(r) and r.level is None,
        gettext_noop(
            "The window begins at the end of a month in breach, but the rule asks for "
            "no breach. Add the condition that a level is breached, or choose another "
            "anchor."
        ),
    ),
    Check(
        "formula",
        lambda r: r.formula == "breach_share" and r.level is None,
        gettext_noop(
            "This formula pays for the time in breach, but the rule asks for no "
            "breach. Add the condition that a level is breached, or choose another "
            "formula."
        ),
    ),
    Check(
        "formula",
        lambda r: r.formula == "service_credit" and not _measures_availability(r),
        gettext_noop(
            "A service credit goes by availability. Add the condition that the level "
            "of availability is breached, or choose another formula."
        ),
    ),
    Check(
        "tiers",
        lambda r: r.formula == "service_credit" and not r.tiers,
        gettext_noop(
            "A service credit goes by tiers, and there is none. Add at least one, such "
            "as 10%% below 99.9%%."
        ),
    ),
    Check(
        "tiers",
        lambda r: any(not 0 <= tier.share <= 1 for tier in r.tiers),
        gettext_noop(
            "The share of a tier has to be from 0 to 100%%. Write 10%% for a tenth."
        ),
    ),
    Check(
        "auto_approve_limit",
        lambda r: r.auto_approve_limit is not None and r.auto_approve_limit.amount < 0,
        gettext_noop(
            "The limit can't be below 0. Write an amount above 0, or leave it empty: "
            "then a person always decides."
        ),
    ),
    Check(
        "auto_approve_limit",
        lambda r: _no_currency(r.auto_approve_limit),
        gettext_noop("The limit has no known currency. Write its code, such as CNY."),
    ),
    Check("review", lambda r: _out_of_order(r.review), DAYS),
    Check("evaluation", lambda r: _out_of_order(r.evaluation), DAYS),
    Check("payout", lambda r: _out_of_order(r.payout), DAYS),
)
