"""Whether the ledger is as it was sealed: every row, every seal, and what was published outside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection

from creditable.audit import trail
from creditable.disclosure import alarms, rows, seals
from creditable.disclosure.arrays import array
from creditable.disclosure.models import Alarm, Leaves, Seal
from creditable.lib import merkle
from creditable.lib.actor import Actor

AT_ONCE = 20
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


def watch(*, by: Actor) -> Findings:
    """The nightly look: what is wrong rings an alarm in the office, and so does a look that saw
    nothing although there is something to see."""
    file = seals.published()
    found = verify(published=file.read_text(encoding="utf-8").splitlines() if file.exists() else [])
    if not found.rows and not found.wrong and Seal.objects.exists():
        found.wrong.append("there are seals and no row was inspected")
    new = alarms.ring(kind=Alarm.Kind.LEDGER, found=found.wrong)
    trail.record(
        verb="ledger.verify",
        by=by,
        noun="ledger",
        noun_id=found.rows,
        detail={
            "rows": found.rows,
            "seals": found.seals,
            "published": found.published,
            "wrong": len(found.wrong),
            "alarms": new,
        },
    )
    return found


def _rows_and_seals(found: Findings) -> Iterator[str]:
    tree = merkle.Tree()
    key = seals.public_key()
    before: Seal | None = None
    coming = list(Seal.objects.order_by("size"))
    for leaves in Leaves.objects.order_by("first").iterator(chunk_size=AT_ONCE):
        content = dict(rows.read(leaves.kind, array(map(str, leaves.lines))))
        hashes = seals.split(leaves.hashes)
        if wrong := _out_of_place(leaves, len(hashes), tree.size):
            yield wrong
            return
        for id, hash in zip(map(str, leaves.lines), hashes, strict=True):
            if wrong := _altered(leaves.kind, id, content.get(id), hash, tree.size):
                yield wrong
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


def _out_of_place(leaves: Leaves, hashes: int, size: int) -> str:
    if leaves.first != size:
        return f"leaf {size} is missing: leaf {leaves.first} comes in its place"
    if hashes != len(leaves.lines):
        return f"of the leaves from {size} on, {len(leaves.lines)} rows have {hashes} hashes"
    return ""


def _altered(kind: str, id: str, row: bytes | None, hash: bytes, index: int) -> str:
    if row is None:
        return f"row {id} is missing, which was sealed as leaf {index}"
    if merkle.leaf(row) != hash:
        return f"{kind} {id} (leaf {index}, {rows.named(row)['at']}) was altered"
    return ""


def _wrong(seal: Seal, tree: merkle.Tree, key: bytes) -> str:
    if bytes(seal.root) != tree.root:
        return f"the seal of {seal.size} rows has another root than its rows: order or rows changed"
    if bytes(seal.edge) != b"".join(tree.edge):
        return f"the seal of {seal.size} rows has another edge than its rows"
    if bytes(seal.key) != key or not seals.is_genuine(seal, key):
        return f"the seal of {seal.size} rows is not signed by our key"
    return ""


_WITHOUT_SEAL = """
WITH line AS (
    SELECT id, at FROM disclosure_release UNION ALL SELECT id, at FROM disclosure_releaseevent
)
SELECT line.id, waiting.id IS NOT NULL, line.at < creditable_now() - %s * interval '1 second'
FROM line
LEFT JOIN (SELECT unnest(lines) AS id FROM disclosure_leaves) AS sealed ON sealed.id = line.id
LEFT JOIN (SELECT unnest(lines) AS id FROM disclosure_unsealed) AS waiting ON waiting.id = line.id
WHERE sealed.id IS NULL ORDER BY line.at
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
