"""What shows the credit that people earned elsewhere: a photo, made anew from its pixels and kept
under a key of its own, for its holder alone.

The key goes with the row: by a job after the row is gone, or by the hourly look at keys without a
row, which an erased person and an interrupted hand-in leave.
"""

from uuid import UUID

from django.db import transaction

from creditable.audit import trail
from creditable.credit.models import HeldCredit, Proof
from creditable.disclosure.file_keys import Keyring, Locked
from creditable.jobs import enqueue
from creditable.lib.actor import Actor
from creditable.people import photos

KEYS = Keyring("proof", lock=2513)


def hand_in(*, credit: HeldCredit, content: bytes, by: Actor) -> Proof:
    """Keeps a picture for the credit, in the place of one that is there. Refused when the file is
    no picture that we can read; then nothing has changed."""
    made = photos.anew(content)
    with KEYS.new() as key:
        held = HeldCredit.objects.select_for_update().get(pk=credit.pk)
        remove(credit=held, by=by)
        proof = Proof.objects.create(id=key.id, credit=held, encrypted=key.encrypt(made))
        _trail("proofs.hand_in", proof, held, by)
    return proof


def show(proof: Proof) -> bytes | None:
    """The picture, a JPEG; None when it can be read no more."""
    try:
        return KEYS.key(proof.pk).decrypt(bytes(proof.encrypted))
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
    KEYS.key(proof_id).destroy()


@transaction.atomic
def reconcile() -> int:
    """Destroys each key that no proof has; says how many."""
    KEYS.hold()
    lost = KEYS.kept() - set(Proof.objects.values_list("pk", flat=True))
    for id in lost:
        KEYS.key(id).destroy()
    return len(lost)


def _trail(verb: str, proof: Proof, credit: HeldCredit, by: Actor) -> None:
    trail.record(verb=verb, by=by, noun="proof", noun_id=proof.pk, about=credit.subject_id)
