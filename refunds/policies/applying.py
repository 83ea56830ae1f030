"""Which version applies to a contract, and its rules as the engine takes them."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Contract, ContractClause
from refunds.errors import NotAssessable
from refunds.models import PolicyRule, PolicyVersion
from refunds.policy.clauses import Clause
from refunds.policy.facts import GROUNDS
from refunds.policy.rule import Rule


def version_for(contract: Contract) -> PolicyVersion:
    """The pinned version, else the one in force on the day of signing; for a contract
    that is older than every policy, the first. Raises NotAssessable."""
    return version_among(published([contract.product_line]), contract)


def published(product_lines: Iterable[str]) -> QuerySet[PolicyVersion]:
    """In the order of their dates; not asked yet."""
    versions = PolicyVersion.objects.select_related("policy").filter(
        policy__product_line__in=product_lines, published_at__isnull=False
    )
    return versions.order_by("in_force_from", "version")


def version_among(
    versions: Iterable[PolicyVersion], contract: Contract
) -> PolicyVersion:
    """As `version_for`, of published versions in the order of their dates."""
    line = [v for v in versions if v.policy.product_line == contract.product_line]
    if contract.policy_version:
        found = [v for v in line if v.version == contract.policy_version]
        reason = _("It names a version of the refund policy that is not published.")
    else:
        in_force = [v for v in line if _begins(v) <= contract.signed_on]
        found = in_force[-1:] or line[:1]
        reason = _("No refund policy is published for what was bought.")
    if not found:
        raise NotAssessable(contract=contract.number, reason=reason)
    return found[0]


def _begins(version: PolicyVersion) -> date:
    assert version.in_force_from is not None, "published with a date, says the database"
    return version.in_force_from


def rules_of(version: PolicyVersion) -> tuple[Rule, ...]:
    """By position."""
    return as_rules(PolicyRule.objects.filter(version=version))


def as_rules(rows: QuerySet[PolicyRule]) -> tuple[Rule, ...]:
    by_position = sorted(rows, key=lambda row: (row.position, row.code))
    return tuple(Rule.from_dict(row.body) for row in by_position)


def clauses_of(contract: Contract) -> tuple[Clause, ...]:
    return as_clauses(contract.clauses.order_by("pk"))


def as_clauses(rows: Iterable[ContractClause]) -> tuple[Clause, ...]:
    return tuple(
        Clause(rule=row.rule, field=row.field, value=row.value, wording=row.wording)
        for row in rows
    )


def grounds_answered(contract: Contract) -> set[str]:
    """The grounds that some rule of the contract's policy answers; all of them where
    that can't be told, so that nobody is kept from asking."""
    try:
        rules = rules_of(version_for(contract))
    except NotAssessable:
        return set(GROUNDS)
    return {ground for rule in rules for ground in rule.grounds if rule.enabled}
