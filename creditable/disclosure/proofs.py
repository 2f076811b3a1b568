"""A person's proof: their rows, and for each the path to a root that was signed and published."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import connection

from creditable.disclosure import matters, rows, seals
from creditable.disclosure.arrays import array
from creditable.disclosure.models import Leaves, Release, ReleaseEvent, Seal
from creditable.lib import merkle

_TILE = 1 << seals.EVERY


def of(subject_id: UUID) -> dict[str, Any]:
    """All rows about the person that may be shown, and what became of each, with their proofs, as
    JSON. Rows that wait for their seal come without."""
    own = Release.objects.filter(matters.shown(), subject_id=subject_id)
    releases = list(own.values_list("id", "batch"))
    became = ReleaseEvent.objects.filter(batch__in={batch for _, batch in releases})
    found = [
        *_in_order("release", [id for id, _ in releases]),
        *_in_order("event", became.values_list("id", flat=True)),
    ]
    (seal,) = seals.latest(1) or (None,)
    indexes = _indexes(array(row["id"] for row in found), seal.size) if seal is not None else {}
    paths = _paths(sorted(indexes.values()), seal.size) if seal is not None else {}
    return {
        "seal": _said(seal) if seal is not None else None,
        "lines": [
            {"row": row, "index": index, "path": [hash.hex() for hash in paths[index]]}
            if (index := indexes.get(row["id"])) is not None
            else {"row": row, "index": None, "path": None}
            for row in found
        ],
    }


def _in_order(kind: str, ids: Iterable[UUID]) -> list[dict[str, str]]:
    content = (rows.named(row) for _, row in rows.read(kind, array(map(str, ids))))
    return sorted(content, key=itemgetter("at", "id"))


def _indexes(ids: str, size: int) -> dict[str, int]:
    """The places of the rows that have one in the tree of that size."""
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, [ids])
        return {id: index for id, index in cursor.fetchall() if index < size}


_INDEXES = """
SELECT one.id::text, leaves.first + array_position(leaves.lines, one.id) - 1
FROM unnest(%s::uuid[]) AS one (id)
JOIN disclosure_leaves AS leaves
    ON leaves.span @> disclosure_id_time(one.id) AND one.id = ANY(leaves.lines)
"""


def _said(seal: Seal) -> dict[str, Any]:
    return {"line": seals.line(seal), "public_key": bytes(seal.key).hex()}


def _paths(indexes: Sequence[int], size: int) -> Mapping[int, list[bytes]]:
    """The paths of all leaves. What they need is read a kept level at a time."""
    needed: set[tuple[int, int]] = set()

    def note(level: int, index: int) -> bytes:
        base = level - level % seals.EVERY
        first = index << (level - base)
        needed.add((base, first >> seals.EVERY))
        return merkle.EMPTY

    for index in indexes:
        merkle.inclusion(index, size, note)
    kept = _kept(needed)

    def complete(level: int, index: int) -> bytes:
        base = level - level % seals.EVERY
        hashes = [kept[base, place] for place in _below(level - base, index)]
        while len(hashes) > 1:
            hashes = [merkle.node(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
        return hashes[0]

    return {index: merkle.inclusion(index, size, complete) for index in indexes}


def _below(levels: int, index: int) -> range:
    return range(index << levels, (index + 1) << levels)


def _kept(tiles: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """The hashes of whole tiles: 256 neighbors of one kept level."""
    found: dict[tuple[int, int], bytes] = {}
    by_level: dict[int, list[str]] = {}
    for level, tile in sorted(tiles):
        by_level.setdefault(level, []).append(str(tile))
    with connection.cursor() as cursor:
        for level, numbers in by_level.items():
            cursor.execute(
                _LEAVES if level == 0 else _BRANCHES,
                {"tiles": array(numbers), "tile": _TILE, "level": level, "most": Leaves.MOST},
            )
            for first, hashes in cursor.fetchall():
                found |= {
                    (level, first + place): hash for place, hash in enumerate(seals.split(hashes))
                }
    return found


_LEAVES = """
SELECT DISTINCT leaves.first, leaves.hashes FROM unnest(%(tiles)s::bigint[]) AS number
JOIN disclosure_leaves AS leaves
    ON leaves.first > number * %(tile)s - %(most)s AND leaves.first < (number + 1) * %(tile)s
"""
_BRANCHES = """
SELECT branch.index, branch.hash FROM unnest(%(tiles)s::bigint[]) AS number
JOIN disclosure_branch AS branch ON branch.level = %(level)s
    AND branch.index >= number * %(tile)s AND branch.index < (number + 1) * %(tile)s
"""
