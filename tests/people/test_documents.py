"""Identity documents: kept for a purpose, seen by few, and gone for good."""

import io
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from PIL import Image

from creditable.audit.models import Event
from creditable.lib.refusal import Refused
from creditable.mail.models import Message
from creditable.people import documents, licenses
from creditable.people.models import IdentityDocument, License
from tests.factories import pictures
from tests.factories.people import BY, make_license, make_person
from tests.promises import promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
RunJobs = Callable[[], int]
End = IdentityDocument.End


@pytest.fixture
def license() -> License:
    return make_license(make_person(name="Ruth Alvarado"))


def hand_in(license: License, content: bytes = b"") -> IdentityDocument:
    return documents.hand_in(
        license=license,
        authority_name="Demo State Board of Electricians",
        content=content or pictures.file(),
        by=BY,
    )


def end(document: IdentityDocument, why: End = End.WITHDRAWN) -> None:
    documents.end(document_id=document.pk, why=why, by=BY)
    document.refresh_from_db()


def dump() -> bytes:
    """The whole table, as a backup of the database holds it."""
    out = io.BytesIO()
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY people_identitydocument TO STDOUT (FORMAT binary)") as copy,
    ):
        for part in copy:
            out.write(part)
    return out.getvalue()


@promise("A12")
def test_a_document_lies_encrypted_and_only_its_key_reads_it(license: License) -> None:
    document = hand_in(license, pictures.photo())
    assert b"JFIF" not in dump()
    plain = documents.KEYS.key(document.pk).decrypt(bytes(document.encrypted))
    assert Image.open(io.BytesIO(plain)).size == (560, 900)
    assert b"Exif" not in plain


@promise("A12")
def test_a_look_is_recorded_and_shows_who_looks(license: License) -> None:
    document = hand_in(license)
    staff = make_person(name="Sam Office", role="reporting")
    plain = documents.KEYS.key(document.pk).decrypt(bytes(document.encrypted))
    shown = documents.view(document=document, viewer=staff, by=staff.staff_actor)
    assert shown != plain
    look = Event.objects.get(verb="view", about=license.subject_id)
    assert (look.noun_id, look.actor_id) == (str(document.pk), staff.pk)
    assert documents.looks(license.subject_id) == [(look.at, "Sam Office")]


@promise("A12")
def test_a_destroyed_document_cannot_be_read_from_a_restored_backup(
    license: License, run_jobs: RunJobs
) -> None:
    """The row comes back as it was the day before; its key does not."""
    document = hand_in(license)
    backup = bytes(document.encrypted)
    end(document)
    run_jobs()
    IdentityDocument.objects.filter(pk=document.pk).update(
        end="", ended_at=None, destroyed_at=None, encrypted=backup
    )
    document.refresh_from_db()
    staff = make_person(name="Sam Office", role="reporting")
    with pytest.raises(Refused, match="read no more"):
        documents.view(document=document, viewer=staff, by=staff.staff_actor)
    assert not Event.objects.filter(verb="view")
    assert documents.reconcile(by=BY) >= 1
    document.refresh_from_db()
    assert (document.end, bytes(document.encrypted)) == (End.UNREADABLE, b"")


@promise("A12")
def test_the_picture_goes_at_once_the_key_next_and_then_comes_the_receipt(
    license: License, run_jobs: RunJobs
) -> None:
    document = hand_in(license)
    end(document)
    assert bytes(document.encrypted) == b""
    assert document.destroyed_at is None
    assert not Message.objects.filter(kind="people.document_destroyed")
    run_jobs()
    document.refresh_from_db()
    assert document.destroyed_at is not None
    assert document.pk not in documents.KEYS.kept()
    receipt = Message.objects.get(kind="people.document_destroyed")
    assert receipt.subject_id == license.subject_id
    assert "Demo State Board of Electricians" in receipt.text
    assert "You took it back." in receipt.text


def test_ending_and_destroying_again_changes_nothing(license: License, run_jobs: RunJobs) -> None:
    document = hand_in(license)
    end(document)
    run_jobs()
    document.refresh_from_db()
    before = (document.end, document.ended_at, document.destroyed_at)
    end(document, End.SCHEDULE)
    documents.destroy(document_id=document.pk, by=BY)
    run_jobs()
    document.refresh_from_db()
    assert (document.end, document.ended_at, document.destroyed_at) == before
    assert Message.objects.filter(kind="people.document_destroyed").count() == 1


@promise("A12")
def test_the_policys_time_ends_it(
    license: License, run_jobs: RunJobs, move_clock: Callable[..., None]
) -> None:
    document = hand_in(license)
    move_clock(timedelta(days=29, hours=23))
    assert documents.end_overdue(by=BY) == 0
    move_clock(timedelta(hours=1))
    assert documents.end_overdue(by=BY) == 1
    run_jobs()
    document.refresh_from_db()
    assert document.end == End.SCHEDULE
    assert document.pk not in documents.KEYS.kept()


def test_another_takes_its_place(license: License, run_jobs: RunJobs) -> None:
    first = hand_in(license)
    second = hand_in(license)
    run_jobs()
    first.refresh_from_db()
    assert first.end == End.REPLACED
    assert first.pk not in documents.KEYS.kept()
    assert second.pk in documents.KEYS.kept()
    with pytest.raises(IntegrityError), transaction.atomic():
        IdentityDocument.objects.create(
            subject_id=license.subject_id,
            license_id=license.pk,
            authority=license.authority,
            authority_name="x",
            encrypted=b"x",
        )


def test_it_goes_with_its_license(license: License, run_jobs: RunJobs) -> None:
    document = hand_in(license)
    licenses.remove(license=license, by=BY)
    run_jobs()
    document.refresh_from_db()
    assert document.end == End.LICENSE_REMOVED
    assert document.pk not in documents.KEYS.kept()


@promise("A12")
def test_it_does_not_go_over_to_another_authority(license: License, run_jobs: RunJobs) -> None:
    document = hand_in(license)
    typed = {
        "license_type": license.license_type,
        "number": license.number,
        "name_as_printed": license.name_as_printed,
        "issued": license.issued,
        "expires": license.expires,
    }
    licenses.change(license=license, authority=license.authority, by=BY, **typed)
    document.refresh_from_db()
    assert document.end == ""
    licenses.change(license=license, authority="another-board", by=BY, **typed)
    run_jobs()
    document.refresh_from_db()
    assert document.end == End.LICENSE_CHANGED
    assert document.pk not in documents.KEYS.kept()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_picture"),
        (pictures.file()[:2000], "broken"),
        (pictures.bomb(), "too_much"),
        (pictures.file(picture=pictures.card(200, 120)), "too_small"),
    ],
)
def test_a_file_that_is_refused_changes_nothing(
    license: License, content: bytes, code: str
) -> None:
    kept = hand_in(license)
    keys = documents.KEYS.kept()
    with pytest.raises(Refused) as refusal:
        hand_in(license, content)
    assert (refusal.value.field, refusal.value.code) == ("file", code)
    kept.refresh_from_db()
    assert kept.end == ""
    assert documents.KEYS.kept() == keys


def test_a_hand_in_that_is_rolled_back_leaves_no_key(
    license: License, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = documents.KEYS.kept()

    def fail(*args: object, **more: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("creditable.people.documents.trail.record", fail)
    with pytest.raises(RuntimeError):
        hand_in(license)
    assert documents.KEYS.kept() == keys
    assert not IdentityDocument.objects.exists()


def test_a_key_without_a_document_is_destroyed(license: License) -> None:
    document = hand_in(license)
    lost = uuid4()
    documents.KEYS.key(lost).create()
    assert documents.reconcile(by=BY) >= 1
    assert lost not in documents.KEYS.kept()
    assert document.pk in documents.KEYS.kept()


def test_what_has_ended_is_empty_and_says_when(license: License) -> None:
    document = hand_in(license)
    rows = IdentityDocument.objects.filter(pk=document.pk)
    for impossible in ({"end": "schedule"}, {"encrypted": b""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**impossible)
