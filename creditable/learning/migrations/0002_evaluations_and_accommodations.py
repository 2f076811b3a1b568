import creditable.audit.clock
import creditable.lib.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0002_evaluation'),
        ('disclosure', '0001_gate_and_ledger'),
        ('learning', '0001_evidence_and_exams'),
    ]

    operations = [
        migrations.CreateModel(
            name='Evaluation',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('enrollment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='evaluation', to='learning.enrollment')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Accommodation',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('time_percent', models.PositiveIntegerField(default=100)),
                ('extra_minutes', models.PositiveIntegerField(default=0)),
                ('extra_attempts', models.PositiveIntegerField(default=0)),
                ('reason', models.TextField()),
                ('approved_by', models.UUIDField()),
                ('approved_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('ended_by', models.UUIDField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('course', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accommodations', to='catalog.course')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accommodations', to='disclosure.subject')),
            ],
            options={
                'ordering': ['-approved_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('subject', 'course'), name='learning_accommodation_one_a_course'), models.UniqueConstraint(condition=models.Q(('course', None), ('ended_at', None)), fields=('subject',), name='learning_accommodation_one_for_all'), models.CheckConstraint(condition=models.Q(('time_percent__gte', 100), ('time_percent__lte', 400), ('extra_attempts__lte', 20), ('extra_minutes__lte', 600), models.Q(('time_percent__gt', 100), ('extra_minutes__gt', 0), ('extra_attempts__gt', 0), _connector='OR')), name='learning_accommodation_gives_something'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='learning_accommodation_ended_by_somebody'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='learning_accommodation_has_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='EvaluationAnswer',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('ref', models.SlugField(db_index=False, max_length=80)),
                ('value', models.PositiveSmallIntegerField(null=True)),
                ('text', models.TextField(blank=True)),
                ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='learning.evaluation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('evaluation', 'ref'), name='learning_evaluationanswer_once'), models.CheckConstraint(condition=models.Q(('value', None), ('text', ''), _connector='XOR'), name='learning_evaluationanswer_says_one')],
            },
        ),
    ]
