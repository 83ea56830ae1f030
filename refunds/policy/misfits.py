"""Rules that could be applied and yet can't be meant so: each with its field and words.

Only what makes no sense for sure is here, never what an operator may want.
"""

from fractions import Fraction
from itertools import pairwise

from refunds.policy.checks import Check
from refunds.policy.conditions import UsedLessThan
from refunds.policy.facts import HIGHER_IS_WORSE, LOWER_IS_WORSE
from refunds.policy.rule import Rule
from refunds.policy.sentence import gettext_noop

# How the services of a line are billed, and what a formula over time can count on.
BILLINGS = {
    "live_streaming": {"term", "metered"},
    "dedicated_line": {"term", "metered"},
    "online_course": {"lessons", "term"},
    "quantity_package": {"quantity"},
    "conference_sdk": {"term", "metered"},
}
HAS_A_TERM = ("term", "metered", "lessons")
OVER_TIME = ("unused_share", "outage_share", "breach_share", "service_credit")
METRICS = LOWER_IS_WORSE | HIGHER_IS_WORSE


def _sold_by(rule: Rule, *billings: str) -> bool:
    return not BILLINGS[rule.product_line].isdisjoint(billings)


def _asks(rule: Rule, name: str) -> bool:
    return any(condition.name == name for condition in rule.conditions)


def _begins_at(rule: Rule, anchor: str) -> bool:
    return rule.window is not None and rule.window.anchor == anchor


def _rests_on_a_finding(rule: Rule) -> bool:
    return any(condition.is_finding for condition in rule.conditions)


def _asks_for_less_than_nothing(rule: Rule) -> bool:
    return any(isinstance(c, UsedLessThan) and c.share == 0 for c in rule.conditions)


def _asks_for_an_unknown_metric(rule: Rule) -> bool:
    level = rule.level
    return level is not None and level.metric not in (None, *METRICS)


def _promises_a_level_of_nothing(rule: Rule) -> bool:
    level = rule.level
    return level is not None and level.metric is None and level.level is not None


def _levels(rule: Rule) -> list[Fraction]:
    return [tier.below for tier in rule.tiers]


def _gives_less_for_worse(rule: Rule) -> bool:
    worse = sorted(rule.tiers, key=lambda tier: tier.below, reverse=True)
    return any(then.share < tier.share for tier, then in pairwise(worse))


def _has_a_tier_above_the_promise(rule: Rule) -> bool:
    promised = rule.level.level if rule.level else None
    return promised is not None and any(level > promised for level in _levels(rule))


MISFITS = (
    Check(
        "title",
        lambda r: not all(words.strip() for words in r.title.values()),
        gettext_noop("Rule %(rule)s has an empty title. Write it in both languages."),
    ),
    Check(
        "text",
        lambda r: not all(words.strip() for words in r.text.values()),
        gettext_noop("Rule %(rule)s has an empty text. Write it in both languages."),
    ),
    Check(
        "formula",
        lambda r: r.formula in OVER_TIME and not _sold_by(r, *HAS_A_TERM),
        gettext_noop(
            "Rule %(rule)s pays for time, but this product line is sold by quantity "
            "and has no term. Choose another formula."
        ),
    ),
    Check(
        "formula",
        lambda r: r.formula == "remaining_lessons" and not _sold_by(r, "lessons"),
        gettext_noop(
            "Rule %(rule)s pays for lessons that are left, but this product line is "
            "not sold in lessons. Choose another formula."
        ),
    ),
    Check(
        "formula",
        lambda r: r.formula == "shortfall_share" and not _sold_by(r, "quantity"),
        gettext_noop(
            "Rule %(rule)s pays for what is missing of a quantity, but this product "
            "line is not sold by quantity. Choose another formula."
        ),
    ),
    Check(
        "formula",
        lambda r: r.formula == "undelivered_items" and not _asks(r, "item_undelivered"),
        gettext_noop(
            "Rule %(rule)s pays for items that were not delivered, but does not ask "
            "for one. Add the condition that an item was not delivered, or choose "
            "another formula."
        ),
    ),
    Check(
        "formula",
        lambda r: (
            r.formula in OVER_TIME
            and _asks(r, "not_activated")
            and r.formula != "unused_share"
        ),
        gettext_noop(
            "Rule %(rule)s is for services that are not activated and pays for time, "
            "which has not begun then. Choose another formula, or remove the condition."
        ),
    ),
    Check(
        "window.anchor",
        lambda r: _begins_at(r, "course_started") and r.product_line != "online_course",
        gettext_noop(
            "The window of rule %(rule)s begins at the start of a course, and this "
            "product line has none. Choose another anchor."
        ),
    ),
    Check(
        "window.anchor",
        lambda r: _asks(r, "not_activated") and _begins_at(r, "activated"),
        gettext_noop(
            "Rule %(rule)s is for services that are not activated, but its window "
            "begins later, so it would never end. Choose another anchor, such as the "
            "signing."
        ),
    ),
    Check(
        "claim_within",
        lambda r: r.claim_within is not None and r.window is None,
        gettext_noop(
            "Rule %(rule)s says within how many days an outage is claimed, but has no "
            "window for the outage to begin in, so the days would not count. Add a "
            "window, or leave the days empty."
        ),
    ),
    Check(
        "share",
        lambda r: r.share == 0 and r.formula != "negotiated",
        gettext_noop(
            "The share of rule %(rule)s is 0, so it would never pay anything. Write a "
            "share above 0, or disable the rule."
        ),
    ),
    Check(
        "share",
        lambda r: r.share != 1 and r.formula == "negotiated",
        gettext_noop(
            "Rule %(rule)s is negotiated, so its share would change nothing. Leave it "
            "at 1."
        ),
    ),
    Check(
        "auto_approve_limit",
        lambda r: r.auto_approve_limit is not None and r.auto_approve_limit.amount == 0,
        gettext_noop(
            "The automatic limit of rule %(rule)s is 0, so nothing would ever be "
            "automatic. Write an amount, or leave it empty."
        ),
    ),
    Check(
        "auto_approve_limit",
        lambda r: r.auto_approve_limit is not None and r.formula == "negotiated",
        gettext_noop(
            "Rule %(rule)s is negotiated, so it can't be decided automatically. Leave "
            "its limit empty."
        ),
    ),
    Check(
        "auto_approve_limit",
        lambda r: r.auto_approve_limit is not None and _rests_on_a_finding(r),
        gettext_noop(
            "Rule %(rule)s rests on what a reviewer finds, so it can't be decided "
            "automatically. Leave its limit empty, or remove that condition."
        ),
    ),
    Check(
        "tiers",
        lambda r: bool(r.tiers) and r.formula != "service_credit",
        gettext_noop(
            "Rule %(rule)s has tiers, but its formula does not go by them. Remove "
            "them, or choose the service credit."
        ),
    ),
    Check(
        "tiers",
        lambda r: len(set(_levels(r))) < len(r.tiers),
        gettext_noop(
            "Two tiers of rule %(rule)s begin below the same level. Keep one of them."
        ),
    ),
    Check(
        "tiers",
        lambda r: _levels(r) != sorted(_levels(r), reverse=True),
        gettext_noop(
            "The tiers of rule %(rule)s are out of order. Write the highest level "
            "first."
        ),
    ),
    Check(
        "tiers",
        _gives_less_for_worse,
        gettext_noop(
            "A tier of rule %(rule)s gives less for a worse level. Give at least as "
            "much as the tier before it."
        ),
    ),
    Check(
        "tiers",
        lambda r: any(not 0 < level <= 100 for level in _levels(r)),
        gettext_noop(
            "A tier of rule %(rule)s is below no level that can be measured: "
            "availability is from 0 to 100. Write a level above 0 and up to 100."
        ),
    ),
    Check(
        "tiers",
        _has_a_tier_above_the_promise,
        gettext_noop(
            "A tier of rule %(rule)s lies above the level that the rule promises, "
            "where nothing is in breach. Lower the tier, or leave the promised level "
            "empty."
        ),
    ),
    Check(
        "conditions.used_less_than",
        lambda r: _asks(r, "unused") and _asks(r, "used_less_than"),
        gettext_noop(
            "Rule %(rule)s asks for nothing used and also for a small part used. Keep "
            "one of the two conditions."
        ),
    ),
    Check(
        "conditions.used_less_than",
        _asks_for_less_than_nothing,
        gettext_noop(
            "Rule %(rule)s asks for less than 0 used, which never happens. Write a "
            "share above 0, or ask for nothing used."
        ),
    ),
    Check(
        "conditions.not_activated",
        lambda r: _asks(r, "not_activated") and bool(r.outage or r.level),
        gettext_noop(
            "Rule %(rule)s asks for a service that is not activated and also for "
            "trouble with it. Remove one of the two conditions."
        ),
    ),
    Check(
        "conditions.outage_at_least",
        lambda r: _asks(r, "outage_at_least") and _asks(r, "outage_longer_than"),
        gettext_noop(
            "Rule %(rule)s asks for an outage in two ways, and only one of them can be "
            "paid for. Keep one."
        ),
    ),
    Check(
        "conditions.delivery_due_passed",
        lambda r: _asks(r, "delivery_due_passed") and not _sold_by(r, "quantity"),
        gettext_noop(
            "Rule %(rule)s asks for a late delivery, but this product line is not sold "
            "by quantity, so it would never apply. Remove the condition."
        ),
    ),
    Check(
        "conditions.level_breached",
        _asks_for_an_unknown_metric,
        gettext_noop(
            "Rule %(rule)s asks for a metric that nobody measures. Choose one from the "
            "list, or leave it empty for any."
        ),
    ),
    Check(
        "conditions.level_breached",
        _promises_a_level_of_nothing,
        gettext_noop(
            "Rule %(rule)s promises a level, but not of which metric. Choose the "
            "metric, or leave the level empty."
        ),
    ),
)
