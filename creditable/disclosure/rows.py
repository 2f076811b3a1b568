"""The rows of the ledger as the bytes that are sealed.

A row is its columns by name as JSON, those that are NULL left out, with `kind` for the table: times
in UTC, keys sorted, nothing between the signs, UTF-8. So a column that comes later, NULL in the
rows that were there, leaves their bytes as they were sealed.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from creditable.disclosure.arrays import array

Row = Mapping[str, Any]

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode

_READ = """
SELECT id, jsonb_strip_nulls(to_jsonb(line) || '{"kind": "release"}')::text
FROM disclosure_release AS line WHERE id = ANY(%(ids)s::uuid[])
UNION ALL
SELECT id, jsonb_strip_nulls(to_jsonb(event) || '{"kind": "event"}')::text
FROM disclosure_releaseevent AS event WHERE id = ANY(%(ids)s::uuid[])
"""


def read(ids: Iterable[UUID]) -> dict[UUID, Row]:
    """Those of the rows that are there."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"ids": array(ids)})
        return {id: json.loads(text) for id, text in cursor.fetchall()}


def canonical(row: Row) -> bytes:
    return _encode(row).encode()
