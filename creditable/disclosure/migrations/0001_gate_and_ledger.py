import creditable.audit.clock
import creditable.disclosure.models
import creditable.lib.ids
import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# The sender and those who wait for an answer are woken by the row itself, when it is committed.
WAKE = """
CREATE FUNCTION disclosure_outbox_wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('creditable_outbox', NEW.channel);
    RETURN NULL;
END $$;
CREATE TRIGGER disclosure_outbox_wake AFTER INSERT ON disclosure_outbox
    FOR EACH ROW EXECUTE FUNCTION disclosure_outbox_wake();
CREATE FUNCTION disclosure_reply_wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.outcome <> 'retry' THEN
        PERFORM pg_notify('creditable_reply', NEW.outbox_id::text);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER disclosure_reply_wake AFTER INSERT ON disclosure_reply
    FOR EACH ROW EXECUTE FUNCTION disclosure_reply_wake();
"""

SLEEP = """
DROP TRIGGER disclosure_outbox_wake ON disclosure_outbox;
DROP FUNCTION disclosure_outbox_wake();
DROP TRIGGER disclosure_reply_wake ON disclosure_reply;
DROP FUNCTION disclosure_reply_wake();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [('audit', '0001_clock_and_trail')]

    operations = [
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('version', models.PositiveIntegerField(primary_key=True, serialize=False)),
                ('effective', models.DateField()),
                ('published_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('canonical', models.BinaryField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Subject',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('digest_key', models.BinaryField(default=creditable.disclosure.models.random_key)),
                ('lock', models.SmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Outbox',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=200, unique=True)),
                ('topic', models.CharField(max_length=60)),
                ('reference', models.CharField(blank=True, max_length=250)),
                ('batch', models.UUIDField(unique=True)),
                ('channel', models.CharField(max_length=12)),
                ('destination', models.CharField(max_length=60)),
                ('head', models.JSONField(default=dict)),
                ('body', models.BinaryField(default=bytes)),
                ('digest', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('not_before', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('expires_at', models.DateTimeField()),
                ('settled', models.BooleanField(default=False)),
                ('lock', models.SmallIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('settled', False)), fields=['not_before'], name='disclosure_outbox_open')],
            },
        ),
        migrations.CreateModel(
            name='ReleaseEvent',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('batch', models.UUIDField()),
                ('at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('status', models.CharField(choices=[('queued', 'Queued'), ('sent', 'Sent'), ('confirmed', 'Confirmed'), ('refused', 'Refused'), ('unknown', 'Unknown'), ('void', 'Void')], max_length=10)),
            ],
            options={
                'indexes': [models.Index(fields=['batch', 'at'], name='disclosure_event_batch')],
            },
        ),
        migrations.CreateModel(
            name='Reply',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('attempt', models.PositiveIntegerField()),
                ('at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('outcome', models.CharField(choices=[('delivered', 'Delivered'), ('refused', 'Refused'), ('retry', 'Retry'), ('unknown', 'Unknown'), ('void', 'Void')], max_length=10)),
                ('status', models.PositiveIntegerField(null=True)),
                ('head', models.JSONField(default=dict)),
                ('body', models.BinaryField(default=bytes)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('retry_at', models.DateTimeField(null=True)),
                ('handled_at', models.DateTimeField(null=True)),
                ('outbox', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='disclosure.outbox')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('handled_at__isnull', True), models.Q(('outcome', 'retry'), _negated=True)), fields=['at'], name='disclosure_reply_unhandled')],
                'constraints': [models.UniqueConstraint(fields=('outbox', 'attempt'), name='disclosure_reply_attempt'), models.UniqueConstraint(condition=models.Q(('outcome', 'retry'), _negated=True), fields=('outbox',), name='disclosure_reply_one_final'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'retry'), ('retry_at__isnull', False)), models.Q(models.Q(('outcome', 'retry'), _negated=True), ('retry_at__isnull', True)), _connector='OR'), name='disclosure_reply_retry_has_time')],
            },
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('batch', models.UUIDField()),
                ('key', models.CharField(max_length=200)),
                ('recipient', models.CharField(max_length=80)),
                ('purpose', models.CharField(max_length=40)),
                ('channel', models.CharField(max_length=12)),
                ('template', models.CharField(max_length=60)),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None)),
                ('rule', models.CharField(max_length=80)),
                ('clause', models.CharField(max_length=80)),
                ('policy_version', models.PositiveIntegerField()),
                ('policy_sha256', models.CharField(max_length=64)),
                ('digest', models.CharField(max_length=64)),
                ('choices', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list, size=None)),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.UUIDField(null=True)),
                ('actor_name', models.CharField(blank=True, max_length=40)),
                ('visible_from', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='disclosure.subject')),
            ],
            options={
                'indexes': [models.Index(fields=['subject', '-at'], name='disclosure_release_subject'), models.Index(fields=['batch'], name='disclosure_release_batch')],
                'constraints': [models.UniqueConstraint(fields=('key', 'subject'), name='disclosure_release_once')],
            },
        ),
        migrations.RunSQL(WAKE, SLEEP),
    ]
