"""What shows the credit that people earned elsewhere: a photo, made anew from its pixels and kept
under a key of its own, for its holder alone.

The key goes with the row: by a job after the row is gone, or by the hourly look at keys without a
row, which an erased person and an interrupted hand-in leave.
"""

from uuid import UUID

from django.db import connection, transaction

from creditable.audit import trail
from creditable.credit.models import HeldCredit, Proof
from creditable.disclosure import file_keys
from creditable.disclosure.file_keys import FileKey, Locked
from creditable.jobs import enqueue
from creditable.lib.actor import Actor
from creditable.lib.ids import uuid7
from creditable.people import photos

KEYS = "proof"
LOCK = 2513
"""The advisory lock that keeps keys and rows together."""


def key(proof_id: UUID) -> FileKey:
    return FileKey(KEYS, proof_id)


def hand_in(*, credit: HeldCredit, content: bytes, by: Actor) -> Proof:
    """Keeps a picture for the credit, in the place of one that is there. Refused when the file is
    no picture that we can read; then nothing has changed."""
    made = photos.anew(content)
    id = uuid7()
    try:
        return _keep(id, credit, made, by)
    except BaseException:
        key(id).destroy()
        raise


def show(proof: Proof) -> bytes | None:
    """The picture, a JPEG; None when it can be read no more."""
    try:
        return key(proof.pk).decrypt(bytes(proof.encrypted))
    except Locked:
        return None


@transaction.atomic
def remove(*, credit: HeldCredit, by: Actor) -> None:
    """Destroys what was handed in for the credit, if anything was."""
    for proof in Proof.objects.select_for_update().filter(credit=credit).defer("encrypted"):
        _trail("proofs.remove", proof, credit, by)
        enqueue("credit.destroy_key", {"proof_id": str(proof.pk)})
        proof.delete()


def destroy_key(*, proof_id: UUID) -> None:
    """Makes every copy of a proof that is gone unreadable."""
    assert not Proof.objects.filter(pk=proof_id).exists()
    key(proof_id).destroy()


@transaction.atomic
def reconcile() -> int:
    """Destroys each key that no proof has; says how many."""
    _lock("pg_advisory_xact_lock")
    lost = set(file_keys.kept(KEYS)) - set(Proof.objects.values_list("pk", flat=True))
    for id in lost:
        key(id).destroy()
    return len(lost)


@transaction.atomic
def _keep(id: UUID, credit: HeldCredit, made: bytes, by: Actor) -> Proof:
    _lock("pg_advisory_xact_lock_shared")  # its key is seen with its row, or neither
    held = HeldCredit.objects.select_for_update().get(pk=credit.pk)
    remove(credit=held, by=by)
    key(id).create()
    proof = Proof.objects.create(id=id, credit=held, encrypted=key(id).encrypt(made))
    _trail("proofs.hand_in", proof, held, by)
    return proof


def _lock(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [LOCK])


def _trail(verb: str, proof: Proof, credit: HeldCredit, by: Actor) -> None:
    trail.record(verb=verb, by=by, noun="proof", noun_id=proof.pk, about=credit.subject_id)
