from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_records_checked'),
        ('refunds', '0004_versions_of_a_policy'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='refundrequest',
            name='decides_itself',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddIndex(
            model_name='refundrequest',
            index=models.Index(condition=models.Q(('decides_itself', True), ('state', 'submitted')), fields=['submitted_at'], name='request_decides_itself'),
        ),
        migrations.AddIndex(
            model_name='refundrequest',
            index=models.Index(fields=['customer', 'agreed_at'], name='request_by_agreement'),
        ),
    ]
