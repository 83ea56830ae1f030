"""Which version applies to a contract, and its rules as the engine takes them."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Contract
from refunds.errors import NotAssessable
from refunds.models import PolicyRule, PolicyVersion
from refunds.policy.clauses import Clause
from refunds.policy.facts import GROUNDS
from refunds.policy.rule import Rule


def version_for(contract: Contract) -> PolicyVersion:
    """The pinned version, else the one in force on the day of signing; for a contract
    that is older than every policy, the first."""
    published = PolicyVersion.objects.select_related("policy").filter(
        policy__product_line=contract.product_line, published_at__isnull=False
    )
    if contract.policy_version:
        return _pinned(contract, published.filter(version=contract.policy_version))
    in_force = published.filter(in_force_from__lte=contract.signed_on)
    if in_force.exists():
        return in_force.latest("in_force_from", "version")
    first = published.order_by("in_force_from", "version").first()
    if first is None:
        raise NotAssessable(
            contract=contract.number,
            reason=_("No refund policy is published for what was bought."),
        )
    return first


def _pinned(contract: Contract, found: QuerySet[PolicyVersion]) -> PolicyVersion:
    version = found.first()
    if version is None:
        raise NotAssessable(
            contract=contract.number,
            reason=_("It names a version of the refund policy that is not published."),
        )
    return version


def rules_of(version: PolicyVersion) -> tuple[Rule, ...]:
    """By position."""
    bodies = PolicyRule.objects.filter(version=version).order_by("position", "code")
    return tuple(Rule.from_dict(body) for body in bodies.values_list("body", flat=True))


def clauses_of(contract: Contract) -> tuple[Clause, ...]:
    return tuple(
        Clause(
            rule=clause.rule,
            field=clause.field,
            value=clause.value,
            wording=clause.wording,
        )
        for clause in contract.clauses.order_by("pk")
    )


def grounds_answered(contract: Contract) -> set[str]:
    """The grounds that some rule of the contract's policy answers; all of them where
    that can't be told, so that nobody is kept from asking."""
    try:
        rules = rules_of(version_for(contract))
    except NotAssessable:
        return set(GROUNDS)
    return {
        ground
        for rule in rules
        for ground in rule.grounds
        if rule.enabled
    }
