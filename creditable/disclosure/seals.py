"""Sealing the ledger: its new rows become leaves of a tree whose root is signed and published.

One sealer at a time. It takes the rows that no seal covers and grows the tree from the edge of the
last seal, so that a seal costs what is new and not what is there.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import connection, transaction

from creditable.audit import clock
from creditable.disclosure import gate, rows
from creditable.disclosure.arrays import array
from creditable.disclosure.models import Branch, Leaves, Seal
from creditable.disclosure.releases import ROOT
from creditable.lib import merkle
from creditable.lib.actor import Actor

AT_ONCE = 20_000
"""With so many rows a seal is full; the next takes the rest. A list is sealed whole."""
EVERY = 8
"""Of the subtrees, those of every eighth level are kept."""
_LOCK = 6962
_HASH = 32


def seal() -> list[Seal]:
    """Seals what is new, in as many seals as it takes. Nothing while another sealer is at work."""
    made = []
    while (one := _seal()) is not None:
        made.append(one)
    return made


def publish() -> int:
    """Adds the seals that are not there yet to the file that is published outside; says how many.
    The file is written to its end and never changed."""
    path = published()
    with transaction.atomic():
        if not _turn():
            return 0
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        whole = text[: text.rfind("\n") + 1]  # the last line was cut short if we were
        last = int(whole.splitlines()[-1].split()[1]) if whole else 0
        new = Seal.objects.filter(size__gt=last).order_by("size")
        with path.open("r+" if path.exists() else "x", encoding="utf-8") as file:
            file.seek(len(whole.encode()))
            file.truncate()
            for one in new:
                file.write(f"{line(one)}\n")
        return len(new)


def published() -> Path:
    return Path(settings.DATA) / "published" / "ledger.txt"


def line(one: Seal) -> str:
    """A seal as it is published: time, size, root, signature."""
    return f"{_text(one.at)} {one.size} {one.root.hex()} {one.signature.hex()}"


def tell_auditor(*, by: Actor) -> None:
    """Sends the newest root to the auditor, where one is named: each root once."""
    newest = Seal.objects.order_by("-size").first()
    if newest is None or not settings.AUDITOR:
        return
    release = gate.open(template=ROOT, by=by, key=f"ledger.root:{newest.size}")
    release.add(None, {"seal": line(newest), "public_key": bytes(newest.key).hex()})
    release.commit()


def latest(most: int) -> Sequence[Seal]:
    return list(Seal.objects.order_by("-size")[:most])


def public_key() -> bytes:
    """The key by which the signatures of this installation are checked."""
    return _key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def signed(at: datetime, size: int, root: bytes) -> bytes:
    """What is signed: the line that is published, without its signature."""
    return f"{_text(at)} {size} {root.hex()}".encode()


def is_genuine(one: Seal, key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(
            bytes(one.signature), signed(one.at, one.size, bytes(one.root))
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def tree_of(one: Seal | None) -> merkle.Tree:
    """The tree as it stood at the seal, ready to grow."""
    if one is None:
        return merkle.Tree()
    return merkle.Tree(one.size, split(one.edge))


def split(hashes: bytes | memoryview) -> list[bytes]:
    """The hashes that are kept one after the other."""
    whole = bytes(hashes)
    return [whole[start : start + _HASH] for start in range(0, len(whole), _HASH)]


@transaction.atomic
def _seal() -> Seal | None:
    if not _turn():
        return None
    waiting = _waiting()
    if not waiting:
        return None
    tree = tree_of(Seal.objects.order_by("-size").first())
    for kind, portions, number in waiting:
        lines, hashes = [], []
        for id, content in rows.waiting(kind, portions):
            lines.append(id)
            hashes.append(merkle.leaf(content))
        if len(lines) != number:
            raise LookupError(f"a row that waits for its seal is gone ({kind})")
        _keep(kind, tree.size, lines, hashes)
        Branch.objects.bulk_create(
            Branch(level=level, index=index, hash=hash)
            for level, first, closed in tree.extend(hashes)
            if level % EVERY == 0
            for index, hash in enumerate(closed, start=first)
        )
        _no_longer(portions)
    at, root = clock.now(), tree.root
    return Seal.objects.create(
        size=tree.size,
        at=at,
        root=root,
        edge=b"".join(tree.edge),
        signature=_key().sign(signed(at, tree.size, root)),
        key=public_key(),
    )


def _waiting() -> list[tuple[str, str, int]]:
    """What waits, by kind: the portions in which it was noted, as an array, and how many rows they
    are."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [AT_ONCE, AT_ONCE])
        waiting: list[tuple[str, str, int]] = cursor.fetchall()
    return waiting


_WAITING = """
SELECT kind, array_agg(id)::text, sum(number)::int FROM (
    SELECT id, kind, number, sum(number) OVER (ORDER BY id) - number AS before FROM (
        SELECT id, kind, cardinality(lines) AS number FROM disclosure_unsealed ORDER BY id LIMIT %s
    ) AS longest
) AS waiting
WHERE before < %s
GROUP BY kind ORDER BY kind
"""


def _no_longer(portions: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM disclosure_unsealed WHERE id = ANY(%s::bigint[])", [portions])


def _keep(kind: str, first: int, lines: Sequence[str], hashes: Sequence[bytes]) -> None:
    portions = [slice(start, start + Leaves.MOST) for start in range(0, len(lines), Leaves.MOST)]
    with connection.cursor() as cursor:
        cursor.executemany(
            _KEEP,
            [
                {
                    "first": first + portion.start,
                    "kind": kind,
                    "lines": array(lines[portion]),
                    "hashes": b"".join(hashes[portion]),
                    "earliest": min(lines[portion]),
                    "latest": max(lines[portion]),
                }
                for portion in portions
            ],
        )


_KEEP = """
INSERT INTO disclosure_leaves (first, kind, lines, hashes, span) VALUES (
    %(first)s, %(kind)s, %(lines)s, %(hashes)s,
    int8range(disclosure_id_time(%(earliest)s), disclosure_id_time(%(latest)s), '[]')
)
"""


def _turn() -> bool:
    """Whether it is ours to seal or to publish, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        (ours,) = cursor.fetchone()
    return bool(ours)


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(settings.LEDGER_KEY)


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"
