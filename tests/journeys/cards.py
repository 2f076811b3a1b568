"""A detector of card numbers, and where it looks: every column of every table, every log, and what
was sent over the wire."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

# Unspaced, or spaced as cards are printed: 4-4-4-4, 4-4-4-4-3, 4-6-5 (American Express), 4-6-4.
_UNSPACED = r"[2-6]\d{12,18}"
_SPACED = (
    r"[2-6]\d{3}(?P<gap>[ -])"
    r"(?:\d{4}(?P=gap)\d{4}(?P=gap)\d{4}(?:(?P=gap)\d{3})?|\d{6}(?P=gap)\d{4,5})"
)
_NUMBER = re.compile(rf"(?<![0-9A-Za-z])(?<!\d\.)(?:{_UNSPACED}|{_SPACED})(?![0-9A-Za-z]|\.\d)")
# Random ids, and the boundaries between the parts of a mail, are digits by chance.
_RANDOM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|={15}\d+==", re.IGNORECASE)

_COLUMNS = """
    SELECT n.nspname, c.relname, a.attname, t.typname = 'bytea'
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relkind IN ('r', 'p', 'm') AND a.attnum > 0 AND NOT a.attisdropped
        AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'
    ORDER BY 1, 2, 3
"""


@dataclass
class Scan:
    """What was looked at, and the places in which a card number stood."""

    places: int = 0
    signs: int = 0
    found: list[str] = field(default_factory=list)

    def look(self, place: str, texts: Iterable[str]) -> None:
        self.places += 1
        for text in texts:
            self.signs += len(text)
            self.found += [place for _ in numbers(text)]


def numbers(text: str) -> Iterator[str]:
    """The card numbers in a text: 13 to 19 digits with a valid check digit (ISO/IEC 7812-1)."""
    for match in _NUMBER.finditer(_RANDOM.sub("·", text)):
        digits = re.sub(r"\D", "", match[0])
        if is_valid(digits):
            yield digits


def is_valid(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it (Luhn)."""
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def in_rows(database: psycopg.Connection[Any]) -> Scan:
    """Every column of every table."""
    scan = Scan()
    for schema, table, column, is_bytes in database.execute(_COLUMNS).fetchall():
        name = sql.Identifier(column)
        value = name if is_bytes else sql.SQL("{}::text").format(name)
        query = sql.SQL("SELECT {} FROM {} WHERE {} IS NOT NULL").format(
            value, sql.Identifier(schema, table), name
        )
        rows = database.execute(query).fetchall()
        texts = (v.decode("latin-1") if isinstance(v, bytes) else str(v) for (v,) in rows)
        scan.look(f"{table}.{column}", texts)
    return scan


def in_files(folder: Path) -> Scan:
    """Every file below a folder."""
    scan = Scan()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        scan.look(file.name, [file.read_text(errors="replace")])
    return scan


def in_traffic(entries: Iterable[Mapping[str, Any]]) -> Scan:
    """Every message that was sent or received."""
    scan = Scan()
    for number, entry in enumerate(entries):
        scan.look(f"message {number}", map(str, _leaves(entry)))
    return scan


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value
