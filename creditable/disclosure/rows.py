"""The rows of the ledger as the bytes that are sealed.

A row is its kind and the columns of that kind in their order, as PostgreSQL's COPY writes them in
UTF-8: a tab between two, \\N for NULL, a backslash before what would be read as something else,
times in UTC. A table that gets another column gets another kind for the rows from then on, so that
the bytes of those that are sealed stay.
"""

from collections.abc import Iterator

from django.db import connection
from psycopg import sql

COLUMNS = {
    "release": (
        "id", "at", "visible_from", "subject_id", "batch", "key", "recipient", "purpose",
        "channel", "template", "fields", "rule", "clause", "policy_version", "policy_sha256",
        "digest", "choices", "contract_id", "matter_id", "actor_kind", "actor_id", "actor_name",
    ),
    "event": ("id", "at", "batch", "status"),
}  # fmt: skip
_TABLES = {"release": "disclosure_release", "event": "disclosure_releaseevent"}
_ID = 36


def read(kind: str, ids: str) -> Iterator[tuple[str, bytes]]:
    """The rows of these ids (an array as PostgreSQL reads it) that are there, in any order: id
    and bytes."""
    return _copied(kind, sql.SQL("{}::uuid[]").format(sql.Literal(ids)))


def waiting(kind: str, portions: str) -> Iterator[tuple[str, bytes]]:
    """The rows in these portions of what waits for its seal, as `read` gives them. Their ids stay
    in the database: to hand them out and back took longer than to find the rows."""
    return _copied(
        kind,
        sql.SQL(
            "ARRAY(SELECT unnest(lines) FROM disclosure_unsealed WHERE id = ANY({}::bigint[]))"
        ).format(sql.Literal(portions)),
    )


def _copied(kind: str, ids: sql.Composable) -> Iterator[tuple[str, bytes]]:
    query = sql.SQL(
        "COPY (SELECT {kind}, {columns} FROM {table} WHERE id = ANY({ids})) TO STDOUT"
    ).format(
        kind=sql.Literal(kind),
        columns=sql.SQL(", ").join(map(sql.Identifier, COLUMNS[kind])),
        table=sql.Identifier(_TABLES[kind]),
        ids=ids,
    )
    start = len(kind) + 1
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for row in copy:
            content = bytes(row[:-1])
            yield content[start : start + _ID].decode(), content


def named(content: bytes) -> dict[str, str]:
    """The columns of a row by their names, in the order in which they were sealed."""
    kind, *values = content.decode().split("\t")
    return dict(zip(("kind", *COLUMNS[kind]), (kind, *values), strict=True))
