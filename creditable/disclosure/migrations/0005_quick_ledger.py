import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

# An id of a new row (RFC 9562, version 7), as `lib.ids.uuid7` makes one, and the milliseconds in it.
IDS = """
CREATE FUNCTION disclosure_row_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(set_bit(set_bit(overlay(
        uuid_send(gen_random_uuid())
        PLACING substring(
            int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3
        ) FROM 1 FOR 6
    ), 52, 1), 53, 1), 'hex')::uuid
$$;
CREATE FUNCTION disclosure_id_time(id uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ('x' || encode(substring(uuid_send(id) FROM 1 FOR 6), 'hex'))::bit(48)::bigint
$$;
"""
NO_IDS = "DROP FUNCTION disclosure_row_id(); DROP FUNCTION disclosure_id_time(uuid);"

# What was sealed in the old form is sealed anew.
WAIT = """
DELETE FROM disclosure_branch;
DELETE FROM disclosure_seal;
CREATE FUNCTION disclosure_wait_for_seal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO disclosure_unsealed (kind, lines)
        SELECT TG_ARGV[0], array_agg(id) FROM added HAVING count(*) > 0;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION disclosure_wait_for_seal() FROM PUBLIC;
CREATE TRIGGER disclosure_release_waits AFTER INSERT ON disclosure_release
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION disclosure_wait_for_seal('release');
CREATE TRIGGER disclosure_event_waits AFTER INSERT ON disclosure_releaseevent
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION disclosure_wait_for_seal('event');
INSERT INTO disclosure_unsealed (kind, lines)
    SELECT 'release', array_agg(id) FROM disclosure_release HAVING count(*) > 0
    UNION ALL SELECT 'event', array_agg(id) FROM disclosure_releaseevent HAVING count(*) > 0;
"""
GO_ON = """
DROP TRIGGER disclosure_release_waits ON disclosure_release;
DROP TRIGGER disclosure_event_waits ON disclosure_releaseevent;
DROP FUNCTION disclosure_wait_for_seal();
"""


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0004_seals")]

    operations = [
        migrations.RunSQL(GO_ON, migrations.RunSQL.noop),
        migrations.RunSQL(IDS, NO_IDS),
        migrations.AlterField(
            model_name="release",
            name="subject",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="releases",
                to="disclosure.subject",
            ),
        ),
        migrations.RemoveIndex(model_name="release", name="disclosure_release_batch"),
        migrations.DeleteModel(name="Leaf"),
        migrations.DeleteModel(name="Unsealed"),
        migrations.CreateModel(
            name="Unsealed",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=10)),
                (
                    "lines",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Leaves",
            fields=[
                ("first", models.BigIntegerField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=10)),
                (
                    "lines",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
                ("hashes", models.BinaryField()),
                ("span", django.contrib.postgres.fields.ranges.BigIntegerRangeField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        fields=["span"], name="disclosure_leaves_span"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first__gte", 0)), name="disclosure_leaves_from_zero"
                    )
                ],
            },
        ),
        migrations.RunSQL(WAIT, GO_ON),
    ]
