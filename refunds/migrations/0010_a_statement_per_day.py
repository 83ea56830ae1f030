from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("refunds", "0009_settled_by_proof"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="receivedfile",
            name="received_file_once",
        ),
        migrations.AddConstraint(
            model_name="receivedfile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("day__isnull", True)),
                fields=("merchant", "sha256"),
                name="received_file_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="receivedfile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("day__isnull", False)),
                fields=("merchant", "day", "sha256"),
                name="statement_once_a_day",
            ),
        ),
    ]
