import creditable.audit.clock
import creditable.lib.ids
import django.contrib.postgres.indexes
from django.db import migrations, models

CLOCK = """
CREATE FUNCTION creditable_now() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT statement_timestamp()
        + coalesce((SELECT seconds FROM audit_clockoffset), 0) * interval '1 second'
$$
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.CreateModel(
            name="ClockOffset",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("seconds", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="audit_clockoffset_one_row"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("seconds__gte", 0)), name="audit_clockoffset_forward"
                    ),
                ],
            },
        ),
        migrations.RunSQL(CLOCK, "DROP FUNCTION creditable_now()"),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=creditable.lib.ids.uuid7, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ("verb", models.CharField(max_length=80)),
                ("noun", models.CharField(max_length=40)),
                ("noun_id", models.CharField(max_length=80)),
                ("about", models.UUIDField(null=True)),
                ("actor_kind", models.CharField(max_length=10)),
                ("actor_id", models.UUIDField(null=True)),
                ("actor_name", models.CharField(blank=True, max_length=40)),
                ("detail", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["noun", "noun_id"], name="audit_event_noun"),
                    models.Index(fields=["about", "at"], name="audit_event_about"),
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["at"], name="audit_event_at"
                    ),
                ],
            },
        ),
    ]
