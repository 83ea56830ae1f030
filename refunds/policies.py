"""Bringing the default policies and thresholds in, where there are none yet."""

from datetime import date, datetime

from accounts.models import ProductLine
from refunds.models import PolicyRule, PolicyVersion, Threshold
from refunds.policy.rules import load_defaults

IN_FORCE_FROM = date(2020, 1, 1)
# Minor units: (a second person above, pays out by itself below).
THRESHOLDS = {"CNY": (5_000_00, 50_000_00)}


def load_default_policies(*, at: datetime) -> None:
    """Publishes version 1 of each product line that has no version."""
    for line, rules in load_defaults().items():
        if PolicyVersion.objects.filter(product_line=ProductLine(line)).exists():
            continue
        version = PolicyVersion.objects.create(
            product_line=line, version=1, in_force_from=IN_FORCE_FROM, published_at=at
        )
        PolicyRule.objects.bulk_create(
            PolicyRule(
                version=version,
                code=rule.code,
                position=rule.position,
                body=rule.as_dict(),
            )
            for rule in rules
        )


def load_default_thresholds() -> None:
    for currency, (second_person_above, release_below) in THRESHOLDS.items():
        Threshold.objects.get_or_create(
            currency=currency,
            defaults={
                "second_person_above": second_person_above,
                "release_below": release_below,
            },
        )
