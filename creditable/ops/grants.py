"""Rights in the database: each process gets the least that its work needs.

The owner makes tables and is used for migrations alone. The application may not change or
delete rows that are written once. The sender reads the outbox, writes replies, ledger events, its
connections and what it took from the mailbox, and touches nothing else. The report login reads
views (none yet).
"""

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

from creditable.audit.guard import AppendOnly

APP = "creditable_app"
EGRESS = "creditable_egress"
REPORT = "creditable_report"

SENDER_READS = (
    "disclosure_outbox",
    "disclosure_reply",
    "disclosure_release",
    "audit_clockoffset",
)
SENDER_WRITES = (
    "disclosure_reply",
    "disclosure_releaseevent",
    "disclosure_connection",
    "disclosure_collected",
)
SENDER_LOCKS = ("disclosure_outbox", "disclosure_subject")


def written_once() -> frozenset[str]:
    """Tables whose rows are inserted and never changed."""
    return frozenset(
        model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly)
    )


@transaction.atomic
def apply() -> None:
    """Gives every login exactly its rights, whatever it had before. Run as the owner after
    each migration; running it again changes nothing."""
    tables = connection.introspection.table_names()
    frozen = written_once()
    with connection.cursor() as cursor:

        def run(statement: str, *names: str) -> None:
            identifiers = map(sql.Identifier, names)
            cursor.execute(sql.SQL(statement).format(*identifiers))

        for login in (APP, EGRESS, REPORT):
            run("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}", login)
            run("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {}", login)
            run("GRANT USAGE ON SCHEMA public TO {}", login)
        for table in tables:
            if table == "django_migrations":
                run("GRANT SELECT ON {} TO {}", table, APP)
            elif table in frozen:
                run("GRANT SELECT, INSERT ON {} TO {}", table, APP)
            else:
                run("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}", table, APP)
        run("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}", APP)
        for table in SENDER_READS:
            run("GRANT SELECT ON {} TO {}", table, EGRESS)
        run("GRANT SELECT (id, lock) ON disclosure_subject TO {}", EGRESS)
        for table in SENDER_WRITES:
            run("GRANT SELECT, INSERT ON {} TO {}", table, EGRESS)
        for table in SENDER_LOCKS:
            run("GRANT UPDATE (lock) ON {} TO {}", table, EGRESS)
