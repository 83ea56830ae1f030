"""Bringing default policies, thresholds and reason tags in, where there are none."""

from datetime import date, datetime

from django.db import transaction

from refunds.models import Policy, PolicyVersion, ReasonTag, Threshold
from refunds.policies.history import tell_in_force
from refunds.policies.versions import write_rules
from refunds.policy.rules import load_defaults

IN_FORCE_FROM = date(2020, 1, 1)
# Minor units: (a second person above, pays out by itself below).
THRESHOLDS = {"CNY": (5_000_00, 50_000_00)}

# Code, English, Chinese: why customers ask, beyond the ground they claim.
REASON_TAGS = (
    ("content_quality", "Content quality", "内容质量"),
    ("teaching_style", "Teaching style", "教学方式"),
    ("technical_experience", "Technical experience", "技术体验"),
    ("price", "Price", "价格"),
    ("not_as_described", "Not as described", "与描述不符"),
    ("service_interrupted", "Service interrupted", "服务中断"),
    ("support", "Support", "客户支持"),
    ("changed_need", "Changed need", "需求变化"),
)


@transaction.atomic
def load_default_policies(*, at: datetime) -> None:
    """Publishes version 1 of each product line that has no version."""
    for line, rules in load_defaults().items():
        policy, _created = Policy.objects.get_or_create(product_line=line)
        if policy.versions.exists():
            continue
        version = PolicyVersion.objects.create(
            policy=policy, version=1, in_force_from=IN_FORCE_FROM
        )
        write_rules(version, rules)
        version.published_at = at
        version.save(update_fields=["published_at"])
        tell_in_force(version, "default_loaded", by=None, at=at)


def load_default_thresholds() -> None:
    for currency, (second_person_above, release_below) in THRESHOLDS.items():
        Threshold.objects.get_or_create(
            currency=currency,
            defaults={
                "second_person_above": second_person_above,
                "release_below": release_below,
            },
        )


def load_default_reason_tags() -> None:
    """Only into an empty list: an editor's own choice stands."""
    if ReasonTag.objects.exists():
        return
    ReasonTag.objects.bulk_create(
        ReasonTag(code=code, name_en=english, name_zh=chinese)
        for code, english, chinese in REASON_TAGS
    )
