import creditable.audit.clock
import creditable.lib.ids
import creditable.support.models
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('disclosure', '0001_gate_and_ledger'),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE support_case_number START 1001", "DROP SEQUENCE support_case_number"
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField(db_default=creditable.support.models.NextNumber(), unique=True)),
                ('key', models.UUIDField(unique=True)),
                ('name', models.CharField(max_length=120)),
                ('email', models.EmailField(max_length=254)),
                ('topic', models.CharField(choices=[('buying', 'A course, before I buy it'), ('learning', 'A course I am taking'), ('credit', 'Credit, a certificate or a report to my authority'), ('order', 'An order or a refund'), ('privacy', 'My data and privacy'), ('complaint', 'A complaint'), ('other', 'Something else')], max_length=12)),
                ('body', models.TextField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('answered', 'Answered'), ('closed', 'Closed')], default='open', max_length=10)),
                ('opened_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('due', models.DateField()),
                ('subject', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='disclosure.subject')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['due'], name='support_case_open'), models.Index(django.db.models.functions.text.Upper('email'), models.F('opened_at'), name='support_case_sender')],
                'constraints': [models.CheckConstraint(condition=models.Q(('body', ''), _negated=True), name='support_case_says_something'), models.CheckConstraint(condition=models.Q(('topic__in', ['buying', 'learning', 'credit', 'order', 'privacy', 'complaint', 'other'])), name='support_case_topic_known'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'answered', 'closed'])), name='support_case_state_known')],
            },
        ),
    ]
