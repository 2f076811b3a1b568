"""Many lines of the ledger at once, in the binary form of PostgreSQL's COPY.

Lines of one release differ in id, person and digest. These come first, and all the rest of a line
is written once for each decision of the policy. PostgreSQL takes lines in while others are made.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import connection

from creditable.lib.ids import uuid7s

AT_ONCE = 256
"""So many lines are handed over together: fewer bytes than a socket holds, so that nobody waits."""

_OWN = ("id", "subject_id", "digest")
_SHARED = (
    "at", "visible_from", "batch", "key", "recipient", "purpose", "channel", "template", "fields",
    "rule", "clause", "policy_version", "policy_sha256", "choices", "contract_id", "matter_id",
    "actor_kind", "actor_id", "actor_name",
)  # fmt: skip
_COPY = f"COPY disclosure_release ({', '.join(_OWN + _SHARED)}) FROM STDIN (FORMAT binary)"
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = struct.pack("!h", -1)
_LINE = struct.Struct("!hi16si16si64s")
_FIELDS = len(_OWN + _SHARED)
_SIZE = struct.Struct("!i")
_NULL = _SIZE.pack(-1)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_VARCHAR = 1043


def rest(values: Mapping[str, object]) -> bytes:
    """What lines share, by the names of the columns; other names are left out."""
    return b"".join(_field(values[name]) for name in _SHARED)


def write(lines: Iterable[tuple[UUID, str, bytes]]) -> None:
    """Writes lines: the person, the digest and the rest."""
    lines = iter(lines)
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write(_HEAD)
        while portion := list(islice(lines, AT_ONCE)):
            ids = uuid7s(len(portion))
            copy.write(
                b"".join(
                    _LINE.pack(_FIELDS, 16, id, 16, person.bytes, 64, digest.encode()) + rest
                    for id, (person, digest, rest) in zip(ids, portion, strict=True)
                )
            )
        copy.write(_END)


def _field(value: object) -> bytes:
    """A value behind its length, as PostgreSQL sends it."""
    match value:
        case None:
            return _NULL
        case str():
            content = value.encode()
        case int():
            content = _SIZE.pack(value)
        case UUID():
            content = value.bytes
        case datetime():
            content = struct.pack("!q", (value - _EPOCH) // timedelta(microseconds=1))
        case tuple():
            content = _array(value)
        case _:
            raise TypeError(f"no column of the ledger holds {value!r}")
    return _SIZE.pack(len(content)) + content


def _array(values: Sequence[object]) -> bytes:
    if not values:
        return struct.pack("!iii", 0, 0, _VARCHAR)
    fields = b"".join(map(_field, values))
    return struct.pack("!iiiii", 1, 0, _VARCHAR, len(values), 1) + fields
