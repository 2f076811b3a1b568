from django.db import migrations, models

# Whatever inserts a line or an event, the row waits for its seal from the same transaction on. The
# function is the owner's: the sender inserts events and may not touch what waits.
WAIT = """
CREATE FUNCTION disclosure_wait_for_seal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO disclosure_unsealed (line) SELECT id FROM added;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION disclosure_wait_for_seal() FROM PUBLIC;
CREATE TRIGGER disclosure_release_waits AFTER INSERT ON disclosure_release
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION disclosure_wait_for_seal();
CREATE TRIGGER disclosure_event_waits AFTER INSERT ON disclosure_releaseevent
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION disclosure_wait_for_seal();
INSERT INTO disclosure_unsealed (line)
    SELECT id FROM disclosure_release UNION ALL SELECT id FROM disclosure_releaseevent;
"""

GO_ON = """
DROP TRIGGER disclosure_release_waits ON disclosure_release;
DROP TRIGGER disclosure_event_waits ON disclosure_releaseevent;
DROP FUNCTION disclosure_wait_for_seal();
"""


class Migration(migrations.Migration):

    dependencies = [('disclosure', '0003_what_people_say')]

    operations = [
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('size', models.BigIntegerField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('root', models.BinaryField()),
                ('edge', models.BinaryField()),
                ('signature', models.BinaryField()),
                ('key', models.BinaryField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Unsealed',
            fields=[
                ('line', models.UUIDField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='Branch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.SmallIntegerField()),
                ('index', models.BigIntegerField()),
                ('hash', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('level', 'index'), name='disclosure_branch_once')],
            },
        ),
        migrations.CreateModel(
            name='Leaf',
            fields=[
                ('index', models.BigIntegerField(primary_key=True, serialize=False)),
                ('line', models.UUIDField(unique=True)),
                ('hash', models.BinaryField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('index__gte', 0)), name='disclosure_leaf_from_zero')],
            },
        ),
        migrations.RunSQL(WAIT, GO_ON),
    ]
