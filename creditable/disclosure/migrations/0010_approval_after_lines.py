from django.db import migrations

# Asked after a line was written and not before: what has to look first keeps PostgreSQL from
# writing many lines together. A line that is refused is gone either way.
AFTER = """
DROP TRIGGER disclosure_two_approve ON disclosure_release;
CREATE TRIGGER disclosure_two_approve AFTER INSERT ON disclosure_release
    FOR EACH ROW WHEN (NEW.matter_id IS NOT NULL) EXECUTE FUNCTION disclosure_two_approve();
"""
BEFORE = """
DROP TRIGGER disclosure_two_approve ON disclosure_release;
CREATE TRIGGER disclosure_two_approve BEFORE INSERT ON disclosure_release
    FOR EACH ROW WHEN (NEW.matter_id IS NOT NULL) EXECUTE FUNCTION disclosure_two_approve();
"""


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0009_mailbox")]

    operations = [migrations.RunSQL(AFTER, BEFORE)]
