from django.db import migrations

TABLE = """
CREATE TABLE creditable_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX creditable_cache_expires ON creditable_cache (expires);
"""


class Migration(migrations.Migration):
    """The table of Django's database cache, in which limits are counted."""

    dependencies = [("people", "0001_people_and_sessions")]

    operations = [migrations.RunSQL(TABLE, "DROP TABLE creditable_cache")]
