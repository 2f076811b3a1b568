import creditable.audit.clock
import creditable.lib.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Bank',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('created_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Course',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('created_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
            ],
        ),
        migrations.CreateModel(
            name='BankVersion',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('title', models.CharField(max_length=160)),
                ('source', models.TextField(blank=True)),
                ('not_taken', models.JSONField(default=list)),
                ('published_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('bank', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='catalog.bank')),
            ],
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('authority', models.CharField(max_length=60)),
                ('number', models.CharField(max_length=60)),
                ('topic_minutes', models.JSONField()),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField()),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='catalog.course')),
            ],
            options={
                'ordering': ['authority', 'number'],
            },
        ),
        migrations.CreateModel(
            name='CourseVersion',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('published_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('title', models.CharField(max_length=160)),
                ('subtitle', models.CharField(blank=True, max_length=200)),
                ('summary', models.TextField()),
                ('subject', models.SlugField(max_length=40)),
                ('delivery', models.CharField(max_length=40)),
                ('credit_minutes', models.PositiveIntegerField()),
                ('access_days', models.PositiveIntegerField()),
                ('picture', models.CharField(blank=True, max_length=200)),
                ('detail', models.JSONField(default=dict)),
                ('exam_questions', models.PositiveIntegerField()),
                ('pass_percent', models.PositiveIntegerField()),
                ('exam_minutes', models.PositiveIntegerField()),
                ('exam_attempts', models.PositiveIntegerField()),
                ('exam_delay_minutes', models.PositiveIntegerField()),
                ('attestation_version', models.PositiveIntegerField()),
                ('attestation_text', models.TextField()),
                ('practice_title', models.CharField(blank=True, max_length=160)),
                ('practice_questions', models.PositiveIntegerField(default=0)),
                ('bank_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.bankversion')),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='catalog.course')),
                ('practice_bank_version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.bankversion')),
            ],
        ),
        migrations.CreateModel(
            name='Lesson',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('module_title', models.CharField(max_length=160)),
                ('slug', models.SlugField(max_length=80)),
                ('title', models.CharField(max_length=160)),
                ('minutes', models.PositiveIntegerField()),
                ('html', models.TextField()),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lessons', to='catalog.courseversion')),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='Media',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('path', models.CharField(max_length=200)),
                ('content_type', models.CharField(max_length=40)),
                ('sha256', models.CharField(max_length=64)),
                ('content', models.BinaryField()),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='media', to='catalog.courseversion')),
            ],
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('ref', models.CharField(max_length=40)),
                ('kind', models.CharField(choices=[('single', 'Single'), ('true_false', 'True False')], max_length=10)),
                ('stem', models.TextField()),
                ('choices', models.JSONField()),
                ('answer', models.PositiveSmallIntegerField()),
                ('explanation', models.TextField(blank=True)),
                ('objective', models.TextField(blank=True)),
                ('lesson_slug', models.SlugField(blank=True, max_length=80)),
                ('bank_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='catalog.bankversion')),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.AddConstraint(
            model_name='bankversion',
            constraint=models.UniqueConstraint(fields=('bank', 'number'), name='catalog_bankversion_number'),
        ),
        migrations.AddConstraint(
            model_name='bankversion',
            constraint=models.UniqueConstraint(fields=('bank', 'digest'), name='catalog_bankversion_digest'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.UniqueConstraint(fields=('authority', 'number'), name='catalog_approval_number'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__gte', models.F('valid_from'))), name='catalog_approval_dates'),
        ),
        migrations.AddConstraint(
            model_name='courseversion',
            constraint=models.UniqueConstraint(fields=('course', 'number'), name='catalog_version_number'),
        ),
        migrations.AddConstraint(
            model_name='courseversion',
            constraint=models.UniqueConstraint(fields=('course', 'digest'), name='catalog_version_digest'),
        ),
        migrations.AddConstraint(
            model_name='courseversion',
            constraint=models.CheckConstraint(condition=models.Q(('pass_percent__lte', 100), ('exam_questions__gt', 0), ('exam_minutes__gt', 0), ('exam_attempts__gt', 0), ('credit_minutes__gt', 0), ('access_days__gt', 0)), name='catalog_version_sensible'),
        ),
        migrations.AddConstraint(
            model_name='lesson',
            constraint=models.UniqueConstraint(fields=('version', 'position'), name='catalog_lesson_position'),
        ),
        migrations.AddConstraint(
            model_name='lesson',
            constraint=models.UniqueConstraint(fields=('version', 'slug'), name='catalog_lesson_slug'),
        ),
        migrations.AddConstraint(
            model_name='lesson',
            constraint=models.CheckConstraint(condition=models.Q(('minutes__gt', 0)), name='catalog_lesson_takes_time'),
        ),
        migrations.AddConstraint(
            model_name='media',
            constraint=models.UniqueConstraint(fields=('version', 'path'), name='catalog_media_path'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('bank_version', 'ref'), name='catalog_question_ref'),
        ),
    ]
