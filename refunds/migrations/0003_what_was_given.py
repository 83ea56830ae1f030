from typing import Any

from django.db import migrations

from refunds.policy import plain
from refunds.policy.assessment import Assessment
from refunds.policy.calendar import WorkingDays
from refunds.policy.clauses import Clause
from refunds.policy.facts import Facts
from refunds.policy.given import given
from refunds.policy.rule import Rule

GIVING = (
    "pending_approval",
    "offered",
    "agreed",
    "invoicing",
    "paying",
    "payout_blocked",
    "fulfilling",
    "refunded",
    "fulfilled",
)


def name_policies(apps: Any, schema_editor: Any) -> None:
    version_model = apps.get_model("refunds", "PolicyVersion")
    policy_model = apps.get_model("refunds", "Policy")
    for version in version_model.objects.order_by("pk"):
        version.policy, _ = policy_model.objects.get_or_create(
            product_line=version.product_line
        )
        version.save(update_fields=["policy"])


def write_what_was_given(apps: Any, schema_editor: Any) -> None:
    """Requests that gave something before there was a row for it."""
    request_model = apps.get_model("refunds", "RefundRequest")
    compensation = apps.get_model("refunds", "Compensation")
    for request in request_model.objects.filter(state__in=GIVING).order_by("pk"):
        offer = request.offers.select_related("assessment").order_by("-pk").first()
        if offer is None:
            continue
        kept = offer.assessment
        found = given(
            Facts.from_dict(kept.facts),
            rules=tuple(Rule.from_dict(rule) for rule in kept.rules),
            clauses=tuple(plain.load(Clause, clause) for clause in kept.clauses),
            calendar=WorkingDays.from_dict(kept.working_days),
            answer=Assessment.from_dict(kept.answer),
        )
        compensation.objects.create(
            request=request,
            service=request.service,
            given=plain.dump(found),
            at=offer.proposed_at,
        )


class Migration(migrations.Migration):

    dependencies = [("refunds", "0002_policies_and_compensation")]

    operations = [
        migrations.RunPython(name_policies, migrations.RunPython.noop),
        migrations.RunPython(write_what_was_given, migrations.RunPython.noop),
    ]
