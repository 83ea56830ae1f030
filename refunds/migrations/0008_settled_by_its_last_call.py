"""Legs that were settled before their proof was named: it is their last call."""

from django.db import migrations
from django.db.models import OuterRef, Subquery

SETTLED = ("succeeded", "failed", "reversed", "route_closed")


def name_proofs(apps, schema_editor):
    legs = apps.get_model("refunds", "PayoutLeg").objects.filter(state__in=SETTLED)
    calls = apps.get_model("refunds", "PayoutCall").objects.filter(leg=OuterRef("pk"))
    legs.filter(settled_by=None).update(
        settled_by=Subquery(calls.order_by("-pk").values("pk")[:1])
    )


class Migration(migrations.Migration):

    dependencies = [
        ('refunds', '0007_the_money_goes_back'),
    ]

    operations = [
        migrations.RunPython(name_proofs, migrations.RunPython.noop),
    ]
