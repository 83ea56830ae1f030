"""The whole answer to a case, in the format of the worked cases' `expect`."""

from fractions import Fraction

from tests.refunds.policy.oracle import money
from tests.refunds.policy.oracle.judging import failures
from tests.refunds.policy.oracle.tables import FINDINGS, Case, Rule, rules_of

Answer = dict[str, str | bool | None]
Weight = tuple[int, int]


def answer(case: Case) -> Answer:
    given = [_answer(case, with_clauses=True)]
    if case.get("customer") == "individual":
        given.append(_answer(case, with_clauses=False))
    _, best = max(given, key=lambda weighed: weighed[0])
    return best


def _answer(case: Case, *, with_clauses: bool) -> tuple[Weight, Answer]:
    if money.gone(case) >= money.paid(case):
        return _denied("nothing_left")
    ground = case["ground"]
    rules = [
        (rule, failures(case, rule, value=money.value(case)))
        for rule in rules_of(case, with_clauses=with_clauses)
        if ground in rule.grounds.split(", ")
    ]
    if not rules:
        return _denied("service_normal")
    matching = [_granted(case, rule) for rule, failed in rules if not failed]
    if matching:
        return max(matching, key=lambda weighed: weighed[0])
    _, failed = min(rules, key=lambda miss: len(miss[1]))
    return _denied(failed[0])


def _denied(denial: str) -> tuple[Weight, Answer]:
    return (0, 0), _worded(denied=denial)


def _granted(case: Case, rule: Rule) -> tuple[Weight, Answer]:
    minor = money.amount(case, rule)
    if minor is None:
        top = money.ceiling(case, rule)
        ceiling = money.written(case, top)
        return (1, top), _worded(rule=rule.code, ceiling=ceiling, automatic=False)
    automatic = _is_automatic(case, rule, minor)
    amount = money.written(case, minor)
    return (2, minor), _worded(rule=rule.code, amount=amount, automatic=automatic)


def _is_automatic(case: Case, rule: Rule, minor: int) -> bool:
    if rule.limit is None or any(wish in FINDINGS for wish in rule.wishes):
        return False
    limit, currency = rule.limit
    units = Fraction(minor, 10 ** money.DIGITS[case["currency"]])
    return currency == case["currency"] and 0 < units <= limit


def _worded(
    *,
    rule: str | None = None,
    amount: str | None = None,
    ceiling: str | None = None,
    automatic: bool | None = None,
    denied: str | None = None,
) -> Answer:
    return {
        "rule": rule,
        "amount": amount,
        "ceiling": ceiling,
        "automatic": automatic,
        "denied": denied,
    }
