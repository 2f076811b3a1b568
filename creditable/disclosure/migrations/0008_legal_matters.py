import creditable.audit.clock
import creditable.disclosure.models
import creditable.lib.ids
import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


# Whoever writes a line of a legal matter, it takes the approval of two people, and no refusal.
ASK_FOR_BOTH = """
CREATE SEQUENCE disclosure_matter_number START 101;
CREATE FUNCTION disclosure_two_approve() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (
        SELECT count(DISTINCT word.by) FILTER (WHERE word.kind = 'approved') < 2
            OR bool_or(word.kind = 'refused')
        FROM disclosure_matterword AS word WHERE word.matter_id = NEW.matter_id
    ) THEN
        RAISE EXCEPTION 'legal matter % is not approved by two people', NEW.matter_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'disclosure_two_approve';
    END IF;
    RETURN NEW;
END $$;
"""
ASK = """
CREATE TRIGGER disclosure_two_approve BEFORE INSERT ON disclosure_release
    FOR EACH ROW WHEN (NEW.matter_id IS NOT NULL) EXECUTE FUNCTION disclosure_two_approve();
"""
FORGET = """
DROP FUNCTION disclosure_two_approve();
DROP SEQUENCE disclosure_matter_number;
"""


# A row of the ledger has another column now: all are sealed anew.
SEAL_ANEW = """
DELETE FROM disclosure_branch;
DELETE FROM disclosure_seal;
DELETE FROM disclosure_leaves;
DELETE FROM disclosure_unsealed;
INSERT INTO disclosure_unsealed (kind, lines)
    SELECT 'release', array_agg(id) FROM disclosure_release HAVING count(*) > 0
    UNION ALL SELECT 'event', array_agg(id) FROM disclosure_releaseevent HAVING count(*) > 0;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('disclosure', '0007_connections'),
    ]

    operations = [
        migrations.RunSQL(ASK_FOR_BOTH, FORGET),
        migrations.CreateModel(
            name='Matter',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField(db_default=creditable.disclosure.models.NextMatter(), unique=True)),
                ('opened_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('opened_by', models.UUIDField()),
                ('kind', models.CharField(choices=[('court_order', 'A court order'), ('subpoena', 'A subpoena'), ('police', 'A request of the police or another authority'), ('safety', "Protecting somebody's life or safety")], max_length=12)),
                ('authority', models.CharField(max_length=200)),
                ('reached_at', models.CharField(max_length=300)),
                ('reference', models.CharField(max_length=120)),
                ('filename', models.CharField(max_length=200)),
                ('document', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('people', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), size=None)),
                ('expires', models.DateField()),
                ('hidden_until', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='MatterWord',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('kind', models.CharField(choices=[('approved', 'Approved'), ('refused', 'Refused'), ('lifted', 'Lifted')], max_length=8)),
                ('by', models.UUIDField()),
                ('words', models.TextField(blank=True)),
            ],
        ),
        migrations.AddField(
            model_name='release',
            name='matter_id',
            field=models.UUIDField(null=True),
        ),
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('matter', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='disclosure.matter')),
                ('at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('by', models.UUIDField()),
                ('batch', models.UUIDField(unique=True)),
                ('content', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='matter',
            constraint=models.CheckConstraint(condition=models.Q(('people__len__gt', 0), ('categories__len__gt', 0)), name='disclosure_matter_names_somebody_and_something'),
        ),
        migrations.AddField(
            model_name='matterword',
            name='matter',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='words', to='disclosure.matter'),
        ),
        migrations.AddConstraint(
            model_name='matterword',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'approved')), fields=('matter', 'by'), name='disclosure_matter_approved_once_by_each'),
        ),
        migrations.AddConstraint(
            model_name='matterword',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'approved'), _negated=True), fields=('matter', 'kind'), name='disclosure_matter_ended_once'),
        ),
        migrations.RunSQL(ASK, "DROP TRIGGER disclosure_two_approve ON disclosure_release"),
        migrations.RunSQL(SEAL_ANEW, SEAL_ANEW),
    ]
