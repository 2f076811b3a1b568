"""Identity documents, where an authority demands one before it takes a report.

    wanted -> (handed in) at hand -> (a report is due) on its way -> (the authority took it) with it

A report whose authority wants one waits, and says so. The document goes ahead of it as soon as a
report is due, to that authority alone; the report follows when it has arrived. What the authority
accepts a report for, it has acknowledged: then the document is destroyed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit.clock import now
from creditable.credit import packs
from creditable.credit.models import Report
from creditable.credit.pack import IdentityDemand, Pack
from creditable.credit.releases import DOCUMENTS
from creditable.disclosure import alarms, gate
from creditable.disclosure.file_keys import Locked
from creditable.disclosure.models import Alarm
from creditable.jobs import enqueue
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people import documents
from creditable.people.models import IdentityDocument, License

End = IdentityDocument.End
WAITS = "document"
"""The code of a report that waits for an identity document."""


class Stage(StrEnum):
    """How far the document of a license is."""

    WANTED = "wanted"
    AT_HAND = "at hand"
    ON_ITS_WAY = "on its way"
    RETURNED = "returned"
    WITH_IT = "with it"


@dataclass(frozen=True, slots=True)
class Standing:
    """A license whose authority demands an identity document. `document` is the one that we hold
    now (without its picture), if any; `times` is how many were handed in."""

    license: License
    pack: Pack
    demand: IdentityDemand
    document: IdentityDocument | None
    stage: Stage
    times: int

    @property
    def words(self) -> str:
        """What a report that waits for it says."""
        name = self.pack.short_name
        if self.stage == Stage.WANTED:
            words = _("It waits for your identity document. {why}").format(why=self.demand.why)
        elif self.stage == Stage.RETURNED:
            words = _("{board} did not take your identity document. Please hand in another.")
        else:
            words = _("Your identity document goes to {board} first.")
        return words.format(board=name)[:300]


def standings(licenses: Iterable[License]) -> Mapping[UUID, Standing]:
    """Of those licenses that demand a document, by their id."""
    demanding = {}
    for license in licenses:
        pack = packs.find(license.authority)
        demand = pack.layout.identity_demand(license.license_type) if pack else None
        if pack and demand:
            demanding[license.pk] = (license, pack, demand)
    kept: dict[UUID, list[IdentityDocument]] = {id: [] for id in demanding}
    found = IdentityDocument.objects.filter(license_id__in=demanding).defer("encrypted")
    for document in found.order_by("handed_in_at", "id"):
        if document.authority == demanding[document.license_id][0].authority:
            kept[document.license_id].append(document)
    return {
        id: Standing(*asked, *_stage(kept[id]), len(kept[id])) for id, asked in demanding.items()
    }


def hand_in(*, license: License, content: bytes, by: Actor) -> IdentityDocument:
    """Takes a document for a license whose authority demands one; reports that wait for it go on.
    Refused where nobody demands one, and when the file is no picture that we can read."""
    standing = standings([license]).get(license.pk)
    if standing is None:
        raise Refused(
            _("Nobody demands an identity document for this license, so we take none."),
            code="not_wanted",
        )
    document = documents.hand_in(
        license=license, authority_name=standing.pack.name, content=content, by=by
    )
    _go_on(document)
    return document


def release(standing: Standing, *, by: Actor) -> str:
    """Sends the document at hand to the authority, once. Why not, where it cannot leave; nothing
    otherwise."""
    assert standing.document is not None
    document = IdentityDocument.objects.select_for_update().get(pk=standing.document.pk)
    license, pack = standing.license, standing.pack
    try:
        picture = documents.KEYS.key(document.pk).decrypt(bytes(document.encrypted))
    except Locked:
        documents.end(document_id=document.pk, why=End.UNREADABLE, by=by)
        return _("Your identity document can be read no more. Please hand in another.")
    opened = gate.open(template=DOCUMENTS[pack.id], by=by, key=documents.release_key(document.pk))
    opened.add(
        document.subject_id,
        {
            "holder_name": license.name_as_printed,
            "license_type": license.license_type,
            "license_number": license.number,
            "document": picture,
            "document_id": document.pk,
        },
    )
    try:
        opened.commit(reference=str(document.pk))
    except gate.Denied as denied:
        denied.note()
        return str(denied)
    IdentityDocument.objects.filter(pk=document.pk).update(released_at=now())
    return ""


@transaction.atomic
def delivered(*, document_id: UUID) -> None:
    """The authority has it: the reports that wait for it can follow."""
    document = IdentityDocument.objects.select_for_update().filter(pk=document_id).first()
    if document is None:  # its holder was erased meanwhile
        return
    IdentityDocument.objects.filter(pk=document_id).update(delivered_at=now())
    _go_on(document)


@transaction.atomic
def not_delivered(*, document_id: UUID, outcome: str) -> None:
    """It did not arrive, or nobody knows: it is of no use here any more, and another is asked
    for. What was taken back needs no alarm."""
    document = IdentityDocument.objects.select_for_update().filter(pk=document_id).first()
    if document is None:  # its holder was erased meanwhile
        return
    documents.end(document_id=document_id, why=End.RETURNED, by=Actor.outside(document.authority))
    if outcome != "void" and not document.end:
        words = _("{authority}: an identity document was not taken ({outcome}), number {id}")
        alarms.ring(
            kind=Alarm.Kind.IDENTITY,
            found=[
                words.format(authority=document.authority_name, outcome=outcome, id=document_id)
            ],
        )
    _go_on(document)


def acknowledged(*, report: Report, by: Actor) -> None:
    """The authority accepted a report: it needs the document no more, and neither do we."""
    assert report.award.license_id is not None
    taken = IdentityDocument.objects.filter(
        license_id=report.award.license_id, end="", delivered_at__isnull=False
    )
    for document_id in taken.values_list("pk", flat=True):
        documents.end(document_id=document_id, why=End.ACKNOWLEDGED, by=by)


def _stage(kept: list[IdentityDocument]) -> tuple[IdentityDocument | None, Stage]:
    """The document that we hold, and how far it is, of those of a license, the oldest first."""
    last = kept[-1] if kept else None
    if last is None:
        return None, Stage.WANTED
    if not last.end and last.delivered_at is None:
        return last, Stage.ON_ITS_WAY if last.released_at else Stage.AT_HAND
    if last.end == End.RETURNED:
        return None, Stage.RETURNED
    arrived = any(document.delivered_at for document in kept)
    return None if last.end else last, Stage.WITH_IT if arrived else Stage.WANTED


def _go_on(document: IdentityDocument) -> None:
    enqueue("credit.look_again", {"subject_id": str(document.subject_id)})
