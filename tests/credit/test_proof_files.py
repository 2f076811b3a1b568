"""What shows a credit from elsewhere: readable by its holder, and gone for good when it is."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from creditable.credit import held, proof_files
from creditable.credit.models import HeldCredit, Proof
from creditable.lib.refusal import Refused
from creditable.people import documents
from tests.factories import pictures
from tests.factories.credit import make_held
from tests.factories.people import BY, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
RunJobs = Callable[[], int]


@pytest.fixture
def credit() -> HeldCredit:
    person = make_person(name="Ruth Alvarado")
    return make_held(person)


def hand_in(credit: HeldCredit, content: bytes = b"") -> Proof:
    return proof_files.hand_in(credit=credit, content=content or pictures.photo(), by=BY)


def test_it_lies_encrypted_and_comes_back_as_its_pixels_alone(credit: HeldCredit) -> None:
    proof = hand_in(credit)
    assert b"JFIF" not in bytes(proof.encrypted)
    shown = proof_files.show(proof)
    assert shown is not None
    assert b"Exif" not in shown
    assert Image.open(io.BytesIO(shown)).size == (560, 900)


def test_another_takes_its_place_and_its_key_goes(credit: HeldCredit, run_jobs: RunJobs) -> None:
    first, second = hand_in(credit), hand_in(credit)
    run_jobs()
    assert Proof.objects.get().pk == second.pk
    kept = proof_files.KEYS.kept()
    assert first.pk not in kept
    assert second.pk in kept


def test_what_is_no_picture_leaves_the_one_that_is_there(credit: HeldCredit) -> None:
    proof = hand_in(credit)
    keys = proof_files.KEYS.kept()
    with pytest.raises(Refused, match="no photo"):
        hand_in(credit, b"%PDF-1.7")
    assert Proof.objects.get().pk == proof.pk
    assert proof_files.KEYS.kept() == keys


def test_it_goes_with_its_credit_and_no_backup_brings_it_back(
    credit: HeldCredit, run_jobs: RunJobs
) -> None:
    proof = hand_in(credit)
    backup = bytes(proof.encrypted)
    held.remove(credit=credit, by=BY)
    run_jobs()
    assert not Proof.objects.exists()
    assert proof.pk not in proof_files.KEYS.kept()
    assert proof_files.show(Proof(id=proof.pk, encrypted=backup)) is None


def test_a_key_without_a_row_is_destroyed_and_no_other(credit: HeldCredit) -> None:
    gone, kept = hand_in(credit), proof_files.KEYS.key(hand_in(credit).pk)
    identity = documents.KEYS.key(gone.pk)
    identity.create()
    assert proof_files.reconcile() >= 1
    assert gone.pk not in proof_files.KEYS.kept()
    assert kept.id in proof_files.KEYS.kept()
    assert identity.id in documents.KEYS.kept()
    documents.reconcile(by=BY)
    assert identity.id not in documents.KEYS.kept()
    assert kept.id in proof_files.KEYS.kept()
