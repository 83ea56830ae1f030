from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("refunds", "0010_a_statement_per_day"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="refundrequest",
            name="request_one_open_per_service_and_ground",
        ),
        migrations.AddConstraint(
            model_name="refundrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        (
                            "submitted",
                            "preliminary_review",
                            "awaiting_information",
                            "evaluation",
                            "pending_approval",
                            "offered",
                            "rejected",
                            "appealed",
                            "agreed",
                            "invoicing",
                        ),
                    )
                ),
                fields=("service", "ground"),
                name="request_one_open_per_service_and_ground",
            ),
        ),
    ]
