import accounts.models.imports
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='RecordsImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.CharField(choices=[('customers', 'customers'), ('contracts', 'contracts'), ('clauses', 'special agreements'), ('services', 'services'), ('items', 'service items'), ('fees', 'fees'), ('payments', 'payments'), ('invoices', 'invoices'), ('usage', 'usage'), ('outages', 'outages'), ('readings', 'quality readings')], max_length=10, verbose_name='table')),
                ('file', models.FileField(storage=accounts.models.imports.imports_storage, upload_to='%Y/%m', verbose_name='file')),
                ('name', models.CharField(max_length=200, verbose_name='file name')),
                ('size', models.PositiveIntegerField(help_text='in bytes', verbose_name='size')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('uploaded_at', models.DateTimeField(verbose_name='uploaded at')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='confirmed at')),
                ('state', models.CharField(choices=[('uploaded', 'Waiting to be checked'), ('checked', 'Checked, nothing imported yet'), ('refused', 'Refused, nothing imported'), ('confirmed', 'Waiting to be imported'), ('applied', 'Imported'), ('failed', 'Stopped, nothing imported')], default='uploaded', max_length=10, verbose_name='state')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('started_at', models.DateTimeField(null=True, verbose_name='started at')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                ('read_as', models.CharField(blank=True, max_length=10, verbose_name='read as')),
                ('rows', models.PositiveIntegerField(default=0, verbose_name='rows')),
                ('created', models.PositiveIntegerField(default=0, verbose_name='new')),
                ('changed', models.PositiveIntegerField(default=0, verbose_name='changed')),
                ('unchanged', models.PositiveIntegerField(default=0, verbose_name='unchanged')),
                ('error_count', models.PositiveIntegerField(default=0, verbose_name='errors')),
                ('errors', models.JSONField(default=list, verbose_name='errors')),
                ('preview', models.JSONField(default=list, verbose_name='first rows')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['state'], name='import_by_state')],
            },
        ),
    ]
