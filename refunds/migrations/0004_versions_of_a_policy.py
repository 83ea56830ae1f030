import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("refunds", "0003_what_was_given")]

    operations = [
        migrations.RemoveField(model_name='policyversion', name='product_line'),
        migrations.AlterField(
            model_name='policyversion',
            name='policy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='refunds.policy', verbose_name='refund policy'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.UniqueConstraint(fields=('policy', 'version'), name='policy_version_once'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.UniqueConstraint(condition=models.Q(('published_at__isnull', True)), fields=('policy',), name='policy_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.CheckConstraint(condition=models.Q(('published_at__isnull', True), ('in_force_from__isnull', False), _connector='OR'), name='policy_published_with_a_date'),
        ),
    ]
