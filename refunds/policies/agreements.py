"""Special agreements that come in a file, tried on the rules that they change.

`accounts` asks by the name in settings.RECORD_CHECKS, because it knows no rules.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from accounts.models import Contract, ContractClause
from refunds.errors import NotAssessable
from refunds.models import PolicyRule
from refunds.policies.applying import published, version_among
from refunds.policy.clauses import Clause, apply_clauses
from refunds.policy.errors import PolicyError
from refunds.policy.rule import Rule


def about_clauses(
    news: Sequence[ContractClause],
) -> Iterator[tuple[ContractClause, str]]:
    """Each that its rule can't take, beside what the contract agrees on already; a
    fixed number of queries."""
    contracts = {clause.contract_id: clause.contract for clause in news}
    standing = ContractClause.objects.filter(contract__in=contracts)
    together: dict[int, list[ContractClause]] = defaultdict(list)
    for clause in [*standing, *news]:
        together[clause.contract_id].append(clause)
    rules = _rules_of(contracts.values())
    for clause in news:
        found = rules[clause.contract_id]
        if isinstance(found, str):
            yield clause, found
        elif words := _complaint(clause, together[clause.contract_id], found):
            yield clause, words


def about_contracts(news: Sequence[Contract]) -> Iterator[tuple[Contract, str]]:
    """Each that names a version of the policy that is not published."""
    pinned = [contract for contract in news if contract.policy_version]
    versions = published({contract.product_line for contract in pinned})
    for contract in pinned:
        try:
            version_among(versions, contract)
        except NotAssessable as refusal:
            yield contract, str(refusal)


def _rules_of(contracts: Iterable[Contract]) -> dict[int, dict[str, Rule] | str]:
    """By contract its rules by code; words where no policy applies to it."""
    every = list(contracts)
    versions = published({contract.product_line for contract in every})
    by_version: dict[int, dict[str, Rule]] = defaultdict(dict)
    for rule in PolicyRule.objects.filter(version__in=versions):
        by_version[rule.version_id][rule.code] = Rule.from_dict(rule.body)
    found: dict[int, dict[str, Rule] | str] = {}
    for contract in every:
        try:
            found[contract.pk] = by_version[version_among(versions, contract).pk]
        except NotAssessable as refusal:
            found[contract.pk] = str(refusal)
    return found


def _complaint(
    clause: ContractClause, beside: Iterable[ContractClause], rules: dict[str, Rule]
) -> str | None:
    if clause.rule not in rules:
        known = ", ".join(rules)
        return _("The contract's policy has no such rule. It has: %(rules)s.") % {
            "rules": known
        }
    if isinstance(clause.value, str) and "/" in clause.value:
        return _("Write the number as a decimal, such as 0.25.")
    mine = [
        Clause(each.rule, each.field, each.value)
        for each in beside
        if each.rule == clause.rule
    ]
    try:
        apply_clauses([rules[clause.rule]], mine, currency=clause.contract.currency)
    except PolicyError as nonsense:
        return _(nonsense.sentence.text) % nonsense.sentence.values
    return None
