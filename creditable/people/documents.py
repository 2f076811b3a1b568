"""Identity documents: handed in, looked at, ended and destroyed.

A document ends when the authority has acknowledged what it was for, when the policy's time is over,
or when its holder takes it back, hands in another or removes the license. The picture is gone from
the row in the same transaction; a job then destroys the key, which makes every copy unreadable, and
sends the receipt.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.audit.models import Event
from creditable.disclosure import gate, policies, recall, subjects
from creditable.disclosure.file_keys import Keyring, Locked
from creditable.jobs import enqueue
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.mail import post
from creditable.people import photos, picture
from creditable.people.models import IdentityDocument, License, Person
from creditable.people.releases import DOCUMENT_DESTROYED

End = IdentityDocument.End
RETENTION = "identity_document"
"""The class of the policy that says how long one is kept at most."""
VIEWED = "identity document"
"""What the trail calls a look at one."""
KEYS = Keyring("identity", lock=2512)


def hand_in(
    *, license: License, authority_name: str, content: bytes, by: Actor
) -> IdentityDocument:
    """Keeps a picture for the license, in the place of one that is there. Refused when the file
    is no picture that we can read; then nothing has changed."""
    made = photos.anew(content)
    with KEYS.new() as key:
        License.objects.select_for_update().get(pk=license.pk)
        end_all(license_id=license.pk, why=End.REPLACED, by=by)
        document = IdentityDocument.objects.create(
            id=key.id,
            subject_id=license.subject_id,
            license_id=license.pk,
            authority=license.authority,
            authority_name=authority_name,
            encrypted=key.encrypt(made),
        )
        _trail("documents.hand_in", document, by)
    return document


def view(*, document: IdentityDocument, viewer: Person, by: Actor) -> bytes:
    """The picture for a member of staff, with their name and the time across it. The look is on
    record before it is shown. Refused when the document has ended."""
    at = now()
    try:
        plain = KEYS.key(document.pk).decrypt(bytes(document.encrypted))
    except Locked as locked:
        raise Refused(_("This document can be read no more."), code="ended") from locked
    trail.record(verb="view", by=by, noun=VIEWED, noun_id=document.pk, about=document.subject_id)
    return picture.marked(plain, f"{viewer.name}, {at:%B} {at.day}, {at:%Y, %H:%M} UTC")


def of(subject_id: UUID) -> QuerySet[IdentityDocument]:
    """The documents of a person without their pictures, the newest first."""
    mine = IdentityDocument.objects.filter(subject_id=subject_id).defer("encrypted")
    return mine.order_by("-handed_in_at", "-id")


def looks(subject_id: UUID) -> list[tuple[datetime, str]]:
    """When staff looked at documents of a person, and who, the newest first."""
    seen = Event.objects.filter(about=subject_id, verb="view", noun=VIEWED).order_by("-at", "-id")
    found = list(seen.values_list("at", "actor_id"))
    names = dict(
        Person.objects.filter(pk__in={who for _, who in found if who}).values_list("pk", "name")
    )
    return [(at, names.get(who, "") if who else "") for at, who in found]


def release_key(document_id: UUID) -> str:
    """The name of the one release of a document."""
    return f"identity_document:{document_id}"


@transaction.atomic
def end(*, document_id: UUID, why: End, by: Actor) -> None:
    """Takes the picture away and has its key destroyed. Ending it again changes nothing."""
    document = IdentityDocument.objects.select_for_update().get(pk=document_id)
    if document.end:
        return
    subjects.lock([document.subject_id])
    recall.named(release_key(document.pk), why="the document ended before it left")
    document.end, document.ended_at, document.encrypted = why, now(), b""
    document.save(update_fields=["end", "ended_at", "encrypted"])
    _trail("documents.end", document, by, why=why)
    enqueue("people.destroy_document", {"document_id": str(document.pk)})


def end_all(*, license_id: UUID, why: End, by: Actor) -> None:
    """Ends what was handed in for a license."""
    _end_each(IdentityDocument.objects.filter(license_id=license_id, end=""), why, by)


def destroy(*, document_id: UUID, by: Actor) -> None:
    """Destroys the key of a document that has ended, and tells its holder that it is done."""
    document = IdentityDocument.objects.get(pk=document_id)
    assert document.end
    KEYS.key(document.pk).destroy()
    with transaction.atomic():
        document = IdentityDocument.objects.select_for_update().get(pk=document_id)
        if document.destroyed_at is None:
            document.destroyed_at = now()
            document.save(update_fields=["destroyed_at"])
            _trail("documents.destroy", document, by)
            _send_receipt(document, by)


def end_overdue(*, by: Actor) -> int:
    """Ends what the policy lets us keep no longer; says how many there were."""
    keep = policies.current().retention[RETENTION].keep
    assert keep is not None
    latest = now() - timedelta(seconds=keep.seconds_about)
    overdue = IdentityDocument.objects.filter(end="", handed_in_at__lte=latest)
    return _end_each(overdue, End.SCHEDULE, by)


@transaction.atomic
def reconcile(*, by: Actor) -> int:
    """Destroys each key that no document has, left by somebody who was interrupted or by a database
    put back to an earlier day, and ends each document whose key is gone; says how many."""
    KEYS.hold()
    keys = KEYS.kept()
    live = set(IdentityDocument.objects.filter(end="").values_list("pk", flat=True))
    for id in keys - live:
        KEYS.key(id).destroy()
    lost = IdentityDocument.objects.filter(pk__in=live - keys)
    return len(keys - live) + _end_each(lost, End.UNREADABLE, by)


def _end_each(documents: QuerySet[IdentityDocument], why: End, by: Actor) -> int:
    found = list(documents.values_list("pk", flat=True))
    for id in found:
        end(document_id=id, why=why, by=by)
    return len(found)


def _send_receipt(document: IdentityDocument, by: Actor) -> None:
    person = Person.objects.filter(pk=document.subject_id).first()
    if person is None:
        return
    told = {
        "authority": document.authority_name,
        "handed_in_at": document.handed_in_at,
        "destroyed_at": document.destroyed_at,
        "why": document.get_end_display(),
    }
    try:
        post.send(
            kind=DOCUMENT_DESTROYED,
            subject_id=person.pk,
            to=person.email,
            values={"name": person.name, "document": told},
            by=by,
            key=f"document_destroyed:{document.pk}",
        )
    except gate.Denied as denied:
        denied.note()


def _trail(verb: str, document: IdentityDocument, by: Actor, **detail: str) -> None:
    trail.record(
        verb=verb,
        by=by,
        noun="identity_document",
        noun_id=document.pk,
        about=document.subject_id,
        detail={"authority": document.authority, **detail},
    )
