"""A rule in plain language: when it applies, what comes back, how long it takes.

Whole English sentences with named placeholders, marked for the catalogues, from the
rule alone. Values stay raw; `level`, `agreed` and `below` are in the unit of `metric`,
`limit` is in minor units of `currency`.
"""

from collections.abc import Mapping
from fractions import Fraction

from refunds.policy import labels
from refunds.policy import reading_texts as texts
from refunds.policy.condition import Condition
from refunds.policy.conditions import (
    LevelBreached,
    OutageCondition,
    UnresolvedLongerThan,
)
from refunds.policy.plain import Value
from refunds.policy.reading_texts import Numbered
from refunds.policy.rule import Days, Rule
from refunds.policy.sentence import Sentence
from refunds.policy.windows import Window

Told = tuple[Sentence, ...]
"""Sentences that belong together, one point of a list."""


def when(rule: Rule) -> tuple[Told, ...]:
    """Each condition, then the window; all of them must hold."""
    points = tuple(_condition(condition) for condition in rule.asked)
    return (*points, *_window(rule))


def gives(rule: Rule) -> tuple[Told, ...]:
    """What comes back, then what reduces it."""
    points: list[Told] = [
        tuple(Sentence(text, {}) for text in texts.GIVES[rule.formula])
    ]
    points += _tiers(rule)
    if rule.formula in texts.HAS_NO_PRICE:
        points.append((Sentence(texts.ON_A_BALANCE, {}),))
    if rule.share != 1 and rule.formula != "negotiated":
        points.append((Sentence(texts.SHARE, {"share": rule.share}),))
    points.append(
        (Sentence(texts.OUR_FAULT if rule.provider_at_fault else texts.NO_FAULT, {}),)
    )
    return tuple(points)


def times(rule: Rule) -> Told:
    """First check, evaluation, payout."""
    return (
        _days("review", rule.review),
        _days("evaluation", rule.evaluation),
        _days("payout", rule.payout),
    )


def automatic(rule: Rule) -> Sentence:
    """Whether it may be decided without anybody looking, and up to which sum."""
    limit = rule.auto_approve_limit
    rests_on_a_finding = any(condition.is_finding for condition in rule.asked)
    never = rests_on_a_finding or rule.formula == "negotiated"
    if never or limit is None or limit.amount == 0:
        return Sentence(texts.BY_PEOPLE, {})
    return Sentence(texts.AT_ONCE, {"limit": limit.amount, "currency": limit.currency})


def evidence(rule: Rule) -> Told:
    """The kinds that a request needs."""
    return tuple(
        Sentence(labels.EVIDENCE_KINDS[kind], {}) for kind in rule.evidence_required
    )


def _condition(condition: Condition) -> Told:
    if isinstance(condition, OutageCondition):
        return _outage(condition)
    if isinstance(condition, UnresolvedLongerThan):
        if not condition.hours:
            return (Sentence(texts.ANY_TICKET, {}),)
        return (
            _numbered(texts.UNRESOLVED, condition.hours, {"hours": condition.hours}),
        )
    if isinstance(condition, LevelBreached):
        return _level(condition)
    return (Sentence(texts.SIMPLE[condition.name], dict(vars(condition))),)


def _unresolved(condition: UnresolvedLongerThan) -> Sentence:
    if not condition.hours:
        return Sentence(texts.ANY_TICKET, {})
    return _numbered(texts.UNRESOLVED, condition.hours, {"hours": condition.hours})


def _outage(condition: OutageCondition) -> Told:
    extent = Sentence(texts.EXTENT[condition.extent], {})
    if not condition.hours:
        return Sentence(texts.ANY_OUTAGE, {}), extent
    hours: Mapping[str, Value] = {"hours": condition.hours}
    return _numbered(texts.OUTAGE[condition.name], condition.hours, hours), extent


def _level(condition: LevelBreached) -> Told:
    if condition.metric is None:
        return (Sentence(texts.LEVEL, {}),)
    values: Mapping[str, Value] = {
        "metric": condition.metric,
        "level": condition.level,
        "agreed": condition.agreed,
    }
    told = [Sentence(texts.LEVEL_OF, values)]
    if condition.agreed is not None:
        told.append(Sentence(texts.LEVEL_AGREED, values))
    elif condition.level is not None:
        told.append(Sentence(texts.LEVEL_DEFAULT, values))
    return tuple(told)


def _window(rule: Rule) -> tuple[Told, ...]:
    window = rule.window
    if window is None:
        return ((Sentence(texts.NO_WINDOW, {}),),)
    if rule.claim_within is None:
        return ((_within(texts.ASKED, window),),)
    days = rule.claim_within
    claimed = _numbered(texts.CLAIMED, days, {"days": days})
    return (_within(texts.BEGAN, window),), (claimed,)


def _within(worded: Mapping[str, Numbered], window: Window) -> Sentence:
    values: Mapping[str, Value] = {"anchor": window.anchor, "amount": window.amount}
    return _numbered(worded[window.unit], window.amount, values)


def _tiers(rule: Rule) -> tuple[Told, ...]:
    """The highest bound first, as one reads down to the worst month."""
    if rule.formula != "service_credit" or rule.level is None:
        return ()
    metric = rule.level.metric
    falling = sorted(rule.tiers, key=lambda tier: tier.below, reverse=True)
    return tuple(
        (Sentence(texts.TIER, {"metric": metric, "below": t.below, "share": t.share}),)
        for t in falling
    )


def _days(stage: str, days: Days) -> Sentence:
    one, many, one_or_more, many_or_more = texts.TIMES[stage]
    values: Mapping[str, Value] = {"warn": days.warn, "due": days.due}
    if days.warn in (0, days.due):
        return Sentence(one if days.due == 1 else many, values)
    return Sentence(one_or_more if days.warn == 1 else many_or_more, values)


def _numbered(
    worded: Numbered, number: Fraction | int, values: Mapping[str, Value]
) -> Sentence:
    one, many = worded
    return Sentence(one if number == 1 else many, values)
