"""What we hold about a person, read by the data maps: no table is named here, so none is forgotten.

Files (columns of bytes) stay behind.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import sql

from creditable.disclosure import policies
from creditable.policy.datamap import ColumnAnswer

Found = list[dict[str, Any]]
"""Rows as {place: value}; a place is `table.column`."""


def read(subject_id: UUID, categories: Collection[str]) -> Mapping[str, Found]:
    """The values of these categories that a rule may let out, by category; those of which we hold
    nothing are left out (one query a table)."""
    wanted: defaultdict[tuple[str, str], list[ColumnAnswer]] = defaultdict(list)
    for answer in policies.data_map().leaves():
        if answer.category in categories and answer.disclosure == "by rule" and answer.subject_path:
            wanted[answer.table, answer.subject_path].append(answer)
    found: defaultdict[str, Found] = defaultdict(list)
    for (table, path), answers in sorted(wanted.items()):
        for row in _rows(table, path, subject_id):
            for category in sorted({str(answer.category) for answer in answers}):
                held = {
                    f"{table}.{answer.column}": value
                    for answer in answers
                    if answer.category == category
                    and (value := _value(row, answer.column)) not in (None, "", [], {})
                }
                if held:
                    found[category].append(held)
    return found


def _value(row: Mapping[str, Any], place: str) -> Any:
    """What the row holds there; `column.key` is a key of a JSON column, `*` all of them."""
    value: Any = row
    for step in place.split("."):
        if step == "*":
            return value
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _rows(table: str, path: str, subject_id: UUID) -> list[dict[str, Any]]:
    """The rows of the table that belong to the person, along the keys of the path."""
    *steps, last = path.split(".")
    joins, at = [], table
    for depth, step in enumerate(steps):
        at, key = _leads_to()[at, step]
        joins.append(
            sql.SQL(" JOIN {table} AS {here} ON {here}.{key} = {before}.{step}").format(
                table=sql.Identifier(at),
                here=sql.Identifier(f"t{depth + 1}"),
                key=sql.Identifier(key),
                before=sql.Identifier(f"t{depth}"),
                step=sql.Identifier(step),
            )
        )
    query = sql.SQL(
        "SELECT (to_jsonb(t0) - %s::text[])::text FROM {table} AS t0{joins} WHERE {end}.{last} = %s"
        " ORDER BY 1"
    ).format(
        table=sql.Identifier(table),
        joins=sql.SQL("").join(joins),
        end=sql.Identifier(f"t{len(steps)}"),
        last=sql.Identifier(last),
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [list(_bytes().get(table, ())), subject_id])
        return [json.loads(row) for (row,) in cursor.fetchall()]


@cache
def _leads_to() -> Mapping[tuple[str, str], tuple[str, str]]:
    """Where each foreign key of one column leads."""
    with connection.cursor() as cursor:
        cursor.execute(_KEYS)
        return {(table, column): (other, key) for table, column, other, key in cursor.fetchall()}


@cache
def _bytes() -> Mapping[str, frozenset[str]]:
    """The columns of bytes of each table."""
    columns: defaultdict[str, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_OF_BYTES)
        for table, column in cursor.fetchall():
            columns[table].add(column)
    return {table: frozenset(names) for table, names in columns.items()}


_KEYS = """
SELECT one.relname, a.attname, other.relname, b.attname
FROM pg_catalog.pg_constraint AS c
JOIN pg_catalog.pg_class AS one ON one.oid = c.conrelid
JOIN pg_catalog.pg_class AS other ON other.oid = c.confrelid
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
JOIN pg_catalog.pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
WHERE c.contype = 'f' AND cardinality(c.conkey) = 1
"""
_OF_BYTES = """
SELECT c.relname, a.attname
FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
WHERE a.atttypid = 'bytea'::regtype AND c.relnamespace = 'public'::regnamespace
"""
