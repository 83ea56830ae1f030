"""What is owed: every rule tried, the one that gives the customer the most wins.

Facts, rules and the working calendar in, an assessment out that names every rule with
every condition, met or not. The same input always gives the same answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from refunds.policy.assessment import DENIALS, Assessment, Ledger, RuleResult
from refunds.policy.calendar import WorkingDays
from refunds.policy.conditions import ConditionResult
from refunds.policy.facts import Facts
from refunds.policy.formulas import compute
from refunds.policy.money import (
    Balance,
    balance,
    cap_leaves,
    commitment_leaves,
    round_half_up,
)
from refunds.policy.rules import Clause, Rule, apply_clauses
from refunds.policy.windows import WindowResult, judge_outages, judge_request

__all__ = ["DENIALS", "Assessment", "assess"]


@dataclass(frozen=True)
class Attempt:
    """One rule on the facts; the ledger is there where it matched."""

    rule: Rule
    result: RuleResult
    ledger: Ledger | None = None


def assess(
    facts: Facts,
    *,
    rules: Iterable[Rule],
    clauses: Iterable[Clause] = (),
    calendar: WorkingDays,
) -> Assessment:
    """The answer to one request.

    rules    of the policy version in force when the contract was signed
    clauses  of the contract; from a consumer they take nothing away
    Raises PolicyError where a clause is nonsense.
    """
    by_policy, said = tuple(rules), tuple(clauses)
    by_contract = apply_clauses(by_policy, said, currency=facts.currency)
    agreed = _answer(facts, by_contract, calendar)
    if facts.customer != "individual" or by_contract == by_policy:
        return agreed
    statutory = _answer(facts, by_policy, calendar)
    if _generosity(statutory) <= _generosity(agreed):
        return agreed
    touched = {rule.code for rule in by_policy}
    overruled = tuple(clause for clause in said if clause.rule in touched)
    return replace(statutory, overruled=overruled)


def _generosity(answer: Assessment | RuleResult) -> tuple[int, int]:
    """An amount, even 0, before a negotiation before nothing; then the most."""
    if answer.amount is not None:
        return 2, answer.amount
    if answer.ceiling is not None:
        return 1, answer.ceiling
    return 0, 0


def _answer(facts: Facts, rules: tuple[Rule, ...], calendar: WorkingDays) -> Assessment:
    account = balance(facts)
    attempts = [
        _attempt(rule, facts, account, calendar)
        for rule in sorted(rules, key=lambda rule: rule.position)
        if rule.enabled and rule.product_line == facts.product_line
    ]
    matches = [attempt for attempt in attempts if attempt.result.matched]
    if account.nothing_left or not matches:
        return _denial(facts, account, attempts)
    best = max(matches, key=lambda attempt: _generosity(attempt.result))
    return _award(facts, best, attempts)


def _attempt(
    rule: Rule, facts: Facts, account: Balance, calendar: WorkingDays
) -> Attempt:
    result = RuleResult(
        code=rule.code,
        position=rule.position,
        answers_ground=facts.ground in rule.grounds,
        conditions=tuple(condition.judge(facts) for condition in rule.asked),
        window=_window(rule, facts, calendar),
    )
    if not result.matched:
        return Attempt(rule, result)
    ledger = _ledger(rule, facts, account, calendar)
    if ledger.computed is None:
        ceiling = _limited(account.value, ledger)
        return Attempt(rule, replace(result, ceiling=ceiling), ledger)
    amount = _limited(ledger.computed, ledger)
    return Attempt(rule, replace(result, amount=amount), ledger)


def _window(rule: Rule, facts: Facts, calendar: WorkingDays) -> WindowResult | None:
    if rule.window is None:
        return None
    if rule.claim_within is not None and rule.outage is not None:
        return judge_outages(
            rule.window,
            claim_within=rule.claim_within,
            outages=rule.outage.qualifying(facts),
            facts=facts,
            calendar=calendar,
        )
    months = rule.level.months(facts) if rule.level else {}
    return judge_request(rule.window, facts=facts, calendar=calendar, months=months)


def _ledger(
    rule: Rule, facts: Facts, account: Balance, calendar: WorkingDays
) -> Ledger:
    computed = compute(rule, facts=facts, calendar=calendar, value=account.value)
    exact = None if computed.amount is None else computed.amount * rule.share
    return replace(
        _account(account),
        formula=rule.formula,
        share=computed.share,
        rule_share=rule.share,
        computed=exact,
        commitment_leaves=commitment_leaves(
            facts, account, provider_at_fault=rule.provider_at_fault
        ),
        cap_leaves=cap_leaves(facts, account),
        workings=computed.workings,
    )


def _account(account: Balance) -> Ledger:
    return Ledger(
        account.paid, account.gone, account.fees, account.value, account.remaining
    )


def _limited(computed: Fraction, ledger: Ledger) -> int:
    """Never above what is left, never below 0; the one rounding."""
    limits = (ledger.remaining, ledger.commitment_leaves, ledger.cap_leaves)
    least = min(computed, *(limit for limit in limits if limit is not None))
    return round_half_up(max(Fraction(least), Fraction(0)))


def _award(facts: Facts, best: Attempt, attempts: list[Attempt]) -> Assessment:
    assert best.ledger is not None
    return Assessment(
        currency=facts.currency,
        rule=best.rule.code,
        amount=best.result.amount,
        ceiling=best.result.ceiling,
        automatic=_is_automatic(best, facts.currency),
        denied=None,
        nearest=None,
        results=tuple(attempt.result for attempt in attempts),
        ledger=best.ledger,
    )


def _is_automatic(best: Attempt, currency: str) -> bool:
    """Small, in the limit's currency, and resting on records alone."""
    limit, amount = best.rule.auto_approve_limit, best.result.amount
    if limit is None or amount is None or limit.currency != currency:
        return False
    if any(condition.is_finding for condition in best.rule.asked):
        return False
    return 0 < amount <= limit.amount


def _denial(facts: Facts, account: Balance, attempts: list[Attempt]) -> Assessment:
    nearest = None if account.nothing_left else _nearest(attempts)
    return Assessment(
        currency=facts.currency,
        rule=None,
        amount=None,
        ceiling=None,
        automatic=None,
        denied="nothing_left" if account.nothing_left else _reason(nearest),
        nearest=nearest.code if nearest else None,
        results=tuple(attempt.result for attempt in attempts),
        ledger=_account(account),
    )


def _nearest(attempts: list[Attempt]) -> RuleResult | None:
    """Fewest conditions failed, then the lower position."""
    answering = [a.result for a in attempts if a.result.answers_ground]
    return min(answering, key=lambda result: result.failed, default=None)


def _reason(nearest: RuleResult | None) -> str:
    decisive = nearest.decisive if nearest else None
    if decisive is None:
        return "service_normal"
    if isinstance(decisive, ConditionResult) and decisive.denial:
        return decisive.denial
    return "out_of_time"
