import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('refunds', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Backtest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rules', models.JSONField(verbose_name='rules as they were tried')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='waiting', max_length=10, verbose_name='state')),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('seen_at', models.DateTimeField(null=True, verbose_name='last heard of at')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='requests in all')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='requests tried')),
                ('position', models.PositiveBigIntegerField(default=0, editable=False)),
                ('summary', models.JSONField(default=list, verbose_name='summary')),
                ('failure', models.TextField(blank=True, verbose_name='why it failed')),
            ],
            options={
                'verbose_name': 'backtest',
                'verbose_name_plural': 'backtests',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='BacktestChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('rule_before', models.CharField(blank=True, max_length=60, verbose_name='rule before')),
                ('rule_after', models.CharField(blank=True, max_length=60, verbose_name='rule after')),
                ('denied_before', models.CharField(blank=True, max_length=30, verbose_name='denial before')),
                ('denied_after', models.CharField(blank=True, max_length=30, verbose_name='denial after')),
                ('amount_before', models.BigIntegerField(null=True, verbose_name='amount before')),
                ('amount_after', models.BigIntegerField(null=True, verbose_name='amount after')),
                ('ceiling_before', models.BigIntegerField(null=True, verbose_name='ceiling before')),
                ('ceiling_after', models.BigIntegerField(null=True, verbose_name='ceiling after')),
                ('problem', models.TextField(blank=True, verbose_name='why it could not be judged')),
            ],
            options={
                'verbose_name': 'changed answer',
                'verbose_name_plural': 'changed answers',
            },
        ),
        migrations.CreateModel(
            name='Compensation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('given', models.JSONField(verbose_name='given')),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'compensation',
                'verbose_name_plural': 'compensations',
            },
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product_line', models.CharField(choices=[('live_streaming', 'Live streaming'), ('dedicated_line', 'Dedicated line'), ('online_course', 'Online course'), ('quantity_package', 'Quantity package'), ('conference_sdk', 'Conferencing SDK')], max_length=20, unique=True, verbose_name='product line')),
            ],
            options={
                'verbose_name': 'refund policy',
                'verbose_name_plural': 'refund policies',
                'ordering': ['pk'],
            },
        ),
        migrations.AlterModelOptions(
            name='policyversion',
            options={'ordering': ['policy', '-version'], 'verbose_name': 'policy version', 'verbose_name_plural': 'policy versions'},
        ),
        migrations.RemoveConstraint(
            model_name='policyversion',
            name='policy_version_once',
        ),
        migrations.AddField(
            model_name='policyversion',
            name='published_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='published by'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='refunds.policyversion', verbose_name='policy version'),
        ),
        migrations.AlterField(
            model_name='policyversion',
            name='in_force_from',
            field=models.DateField(blank=True, null=True, verbose_name='in force from'),
        ),
        migrations.AlterField(
            model_name='policyversion',
            name='published_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='published at'),
        ),
        migrations.AddField(
            model_name='backtest',
            name='started_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by'),
        ),
        migrations.AddField(
            model_name='backtest',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='backtests', to='refunds.policyversion', verbose_name='policy version'),
        ),
        migrations.AddField(
            model_name='backtestchange',
            name='assessment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='refunds.assessment', verbose_name='assessment'),
        ),
        migrations.AddField(
            model_name='backtestchange',
            name='backtest',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='refunds.backtest', verbose_name='backtest'),
        ),
        migrations.AddField(
            model_name='backtestchange',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='refunds.refundrequest', verbose_name='refund request'),
        ),
        migrations.AddField(
            model_name='compensation',
            name='request',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='compensation', to='refunds.refundrequest', verbose_name='refund request'),
        ),
        migrations.AddField(
            model_name='compensation',
            name='service',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='compensations', to='accounts.service', verbose_name='service'),
        ),
        migrations.AddField(
            model_name='policyversion',
            name='policy',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='refunds.policy', verbose_name='refund policy'),
        ),
        migrations.AddIndex(
            model_name='backtestchange',
            index=models.Index(fields=['backtest', 'rule_before', 'rule_after'], name='change_by_rules'),
        ),
        migrations.AddConstraint(
            model_name='backtestchange',
            constraint=models.UniqueConstraint(fields=('backtest', 'request'), name='change_once_per_request'),
        ),
    ]
