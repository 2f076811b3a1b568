
import creditable.audit.clock
import creditable.lib.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('disclosure', '0001_gate_and_ledger'),
    ]

    operations = [
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('kind', models.CharField(max_length=60)),
                ('key', models.CharField(max_length=200, unique=True)),
                ('batch', models.UUIDField()),
                ('title', models.CharField(max_length=300)),
                ('text', models.TextField(blank=True)),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='disclosure.subject')),
            ],
            options={
                'indexes': [models.Index(fields=['subject', '-at'], name='mail_message_subject')],
            },
        ),
    ]
