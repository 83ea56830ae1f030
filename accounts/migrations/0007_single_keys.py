"""Keyboard shortcuts can be switched off, by each person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_members_and_order")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="single_keys",
            field=models.BooleanField(default=True, verbose_name="keyboard shortcuts"),
        ),
    ]
