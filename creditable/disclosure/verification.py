"""Whether the ledger is as it was sealed: every row, every seal, and what was published outside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import connection

from creditable.disclosure import rows, seals
from creditable.disclosure.models import Leaf, Seal
from creditable.lib import merkle

AT_ONCE = 10_000
LATEST = timedelta(hours=1)
"""A row may wait so long for its seal: no transaction lasts longer."""


@dataclass
class Findings:
    """What was inspected, and what was wrong, first things first."""

    rows: int = 0
    seals: int = 0
    published: int = 0
    waiting: int = 0
    wrong: list[str] = field(default_factory=list)


def verify(*, published: Sequence[str]) -> Findings:
    """Reads the whole ledger. `published` are the lines that were published outside; at the first
    thing that is wrong in the rows or the seals nothing more of them is read, since all that
    follows is wrong, too."""
    found = Findings(published=len(published))
    found.wrong += _rows_and_seals(found)
    if not found.wrong:
        found.wrong += _unsealed(found)
    found.wrong += _outside(published)
    return found


def _rows_and_seals(found: Findings) -> Iterator[str]:
    tree = merkle.Tree()
    key = seals.public_key()
    before: Seal | None = None
    coming = list(Seal.objects.order_by("size"))
    for leaves in _leaves():
        content = rows.read(id for _, id, _ in leaves)
        for index, id, hash in leaves:
            if index != tree.size:
                yield f"leaf {tree.size} is missing: leaf {index} comes in its place"
                return
            row = content.get(id)
            if row is None:
                yield f"row {id} is missing, which was sealed as leaf {index}"
                return
            if merkle.leaf(rows.canonical(row)) != hash:
                yield f"{row['kind']} {id} (leaf {index}, {row['at']}) was altered"
                return
            tree.append(hash)
            found.rows += 1
            if coming and coming[0].size == tree.size:
                before = coming.pop(0)
                if wrong := _wrong(before, tree, key):
                    yield wrong
                    return
                found.seals += 1
    if coming:
        yield f"the seal of {coming[0].size} rows covers more than the {tree.size} that are there"
    elif tree.size and (before is None or before.size != tree.size):
        yield f"the last leaves (of {tree.size}) stand under no seal"


def _wrong(seal: Seal, tree: merkle.Tree, key: bytes) -> str:
    if bytes(seal.root) != tree.root:
        return f"the seal of {seal.size} rows has another root than its rows: order or rows changed"
    if bytes(seal.edge) != b"".join(tree.edge):
        return f"the seal of {seal.size} rows has another edge than its rows"
    if bytes(seal.key) != key or not seals.is_genuine(seal, key):
        return f"the seal of {seal.size} rows is not signed by our key"
    return ""


def _leaves() -> Iterator[list[tuple[int, UUID, bytes]]]:
    index = -1
    while True:
        after = Leaf.objects.filter(index__gt=index).order_by("index")
        portion = [
            (index, id, bytes(hash))
            for index, id, hash in after.values_list("index", "line", "hash")[:AT_ONCE]
        ]
        if not portion:
            return
        yield portion
        index = portion[-1][0]


_WITHOUT_SEAL = """
WITH line AS (
    SELECT id, at FROM disclosure_release UNION ALL SELECT id, at FROM disclosure_releaseevent
)
SELECT line.id, waiting.line IS NOT NULL, line.at < creditable_now() - %s * interval '1 second'
FROM line
LEFT JOIN disclosure_leaf AS leaf ON leaf.line = line.id
LEFT JOIN disclosure_unsealed AS waiting ON waiting.line = line.id
WHERE leaf.line IS NULL ORDER BY line.at
"""


def _unsealed(found: Findings) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT_SEAL, [LATEST.total_seconds()])
        for id, waits, old in cursor.fetchall():
            if not waits:
                yield f"row {id} stands under no seal and does not wait for one"
                return
            if old:
                yield f"row {id} has waited for its seal longer than {LATEST}"
                return
            found.waiting += 1


def _outside(published: Sequence[str]) -> Iterator[str]:
    ours = {seal.size: seals.line(seal) for seal in Seal.objects.order_by("size")}
    for line in published:
        size = line.split()[1] if len(line.split()) == 4 else ""
        if not size.isdecimal() or int(size) not in ours:
            yield f"a seal that was published is not in the ledger: {line[:120]}"
            return
        if ours.pop(int(size)) != line:
            yield f"the seal of {size} rows is another than the one that was published"
            return
    if ours:
        yield f"the seal of {min(ours)} rows was never published"
