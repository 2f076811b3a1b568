import creditable.audit.clock
import creditable.lib.ids
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_courses_and_banks'),
        ('disclosure', '0001_gate_and_ledger'),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('started_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('deadline', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(null=True)),
                ('correct', models.PositiveIntegerField(null=True)),
                ('percent', models.PositiveIntegerField(null=True)),
                ('passed', models.BooleanField(null=True)),
                ('review', models.JSONField(default=list)),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='Attestation',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('version', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('signature', models.CharField(max_length=120)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AttemptQuestion',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('order', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), size=None)),
                ('attempt', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='learning.attempt')),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.question')),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='AnswerEvent',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('choice', models.PositiveSmallIntegerField()),
                ('at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='learning.attemptquestion')),
            ],
        ),
        migrations.AddField(
            model_name='attempt',
            name='attestation',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='attempt', to='learning.attestation'),
        ),
        migrations.CreateModel(
            name='Enrollment',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('cycle', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('expires_at', models.DateTimeField()),
                ('course_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='catalog.courseversion')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='disclosure.subject')),
            ],
        ),
        migrations.CreateModel(
            name='Completion',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('started_at', models.DateTimeField()),
                ('completed_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('seat_seconds', models.PositiveIntegerField()),
                ('score_percent', models.PositiveIntegerField()),
                ('checklist', models.JSONField()),
                ('attempt', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='completion', to='learning.attempt')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='completions', to='disclosure.subject')),
                ('enrollment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='completion', to='learning.enrollment')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Beat',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('sequence', models.PositiveIntegerField()),
                ('at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('span', django.contrib.postgres.fields.ranges.DateTimeRangeField(null=True)),
                ('lesson_seconds', models.PositiveIntegerField()),
                ('position', models.PositiveIntegerField(default=0)),
                ('lesson', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='beats', to='catalog.lesson')),
                ('subject', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='beats', to='disclosure.subject')),
                ('enrollment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='beats', to='learning.enrollment')),
            ],
        ),
        migrations.AddField(
            model_name='attestation',
            name='enrollment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attestations', to='learning.enrollment'),
        ),
        migrations.AddField(
            model_name='attempt',
            name='enrollment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='learning.enrollment'),
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=40)),
                ('source_id', models.CharField(max_length=80)),
                ('at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('enrollment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='learning.enrollment')),
            ],
        ),
        migrations.AddConstraint(
            model_name='attemptquestion',
            constraint=models.UniqueConstraint(fields=('attempt', 'position'), name='learning_attemptquestion_position'),
        ),
        migrations.AddConstraint(
            model_name='attemptquestion',
            constraint=models.UniqueConstraint(fields=('attempt', 'question'), name='learning_attemptquestion_once'),
        ),
        migrations.AddConstraint(
            model_name='answerevent',
            constraint=models.UniqueConstraint(fields=('item', 'version'), name='learning_answer_version'),
        ),
        migrations.AddConstraint(
            model_name='enrollment',
            constraint=models.UniqueConstraint(fields=('subject', 'course_version', 'cycle'), name='learning_enrollment_cycle'),
        ),
        migrations.AddIndex(
            model_name='beat',
            index=models.Index(fields=['enrollment', 'lesson', '-sequence'], name='learning_beat_lesson'),
        ),
        migrations.AddConstraint(
            model_name='beat',
            constraint=models.UniqueConstraint(fields=('enrollment', 'sequence'), name='learning_beat_sequence'),
        ),
        migrations.AddConstraint(
            model_name='beat',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('subject', '='), ('span', '&&')], name='learning_beat_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='beat',
            constraint=models.CheckConstraint(condition=models.Q(('span', None), models.Q(('span__isempty', False), ('span__lower_inf', False), ('span__upper_inf', False)), _connector='OR'), name='learning_beat_span_is_a_stretch'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(fields=('enrollment', 'number'), name='learning_attempt_number'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(condition=models.Q(('submitted_at', None)), fields=('enrollment',), name='learning_attempt_one_open'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('correct', None), ('passed', None), ('percent', None), ('submitted_at', None)), models.Q(('correct__isnull', False), ('passed__isnull', False), ('percent__lte', 100), ('submitted_at__isnull', False), ('submitted_at__lte', models.F('deadline'))), _connector='OR'), name='learning_attempt_graded_once'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.UniqueConstraint(fields=('source', 'source_id'), name='learning_grant_once'),
        ),
    ]
