"""What was sent before can be found, and stands in the queue where it is due."""

from django.db import migrations
from django.db.models import Min, OuterRef, Q, Subquery
from refunds.search import terms

INDEX = "refunds_requestwords_by_lexeme"
BATCH = 1000


def _lexemes(apps, schema_editor):
    """Looked up by PostgreSQL alone; SQLite reads them all."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE INDEX {INDEX} ON refunds_requestwords USING gin "
            "(array_to_tsvector(string_to_array(terms, ' ')))"
        )


def _no_lexemes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX {INDEX}")


def _due(apps, schema_editor):
    Request, Deadline = (
        apps.get_model("refunds", name) for name in ("RefundRequest", "Deadline")
    )
    running = Deadline.objects.filter(request=OuterRef("pk"), closed_at=None, left=None)
    first = running.order_by().values("request").annotate(first=Min("due_at"))
    Request.objects.filter(~Q(state="draft")).update(
        due_at=Subquery(first.values("first"))
    )


def _words(apps, schema_editor):
    Request, Words = (
        apps.get_model("refunds", name) for name in ("RefundRequest", "RequestWords")
    )
    sent = Request.objects.exclude(state="draft").order_by("pk")
    rows = sent.values_list(
        "pk", "contract__number", "customer__name", "service__name", "description"
    )
    after = 0
    while batch := list(rows.filter(pk__gt=after)[:BATCH]):
        Words.objects.bulk_create(
            Words(
                request_id=pk,
                terms=" ".join(sorted(set().union(*map(terms, told)))),
            )
            for pk, *told in batch
        )
        after = batch[-1][0]


class Migration(migrations.Migration):
    dependencies = [("refunds", "0012_a_quick_queue")]

    operations = [
        # While the table is empty: PostgreSQL indexes none whose new rows' foreign
        # keys it has still to check.
        migrations.RunPython(_lexemes, _no_lexemes),
        migrations.RunPython(_due, migrations.RunPython.noop),
        migrations.RunPython(_words, migrations.RunPython.noop),
    ]
