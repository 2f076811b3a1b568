"""Mail about credit, queued with the deed that it tells of. The deed stands also where the
policy does not let the mail leave."""

from uuid import UUID

from creditable.credit import packs, rosters
from creditable.credit.identification import Stage, Standing
from creditable.credit.models import Certificate, Report
from creditable.credit.releases import (
    AGREEMENT_NEEDED,
    CERTIFICATE_CORRECTED,
    CERTIFICATE_READY,
    CERTIFICATE_REVOKED,
    DOCUMENT_NEEDED,
    REPORT_ANSWERED,
)
from creditable.disclosure import gate
from creditable.lib.actor import Actor
from creditable.mail import post
from creditable.mail.kinds import Kind
from creditable.people.models import Person


def certificate_ready(*, certificate: Certificate, by: Actor) -> None:
    """Tells the holder where the certificate is and how others check it."""
    _send_about(CERTIFICATE_READY, certificate, {}, by)


def certificate_corrected(*, certificate: Certificate, replaced: str, by: Actor) -> None:
    """Tells the holder that a new certificate took the place of the one with serial `replaced`,
    and why."""
    more = {"reason": certificate.reason, "replaced": replaced}
    _send_about(CERTIFICATE_CORRECTED, certificate, more, by)


def certificate_revoked(*, certificate: Certificate, reason: str, by: Actor) -> None:
    """Tells the holder that the certificate counts no more, and why."""
    _send_about(CERTIFICATE_REVOKED, certificate, {"reason": reason}, by)


def report_answered(*, report: Report, by: Actor) -> None:
    """Tells the holder what the authority answered, and what to do when it said no."""
    pack = packs.find(report.authority)
    values: dict[str, object] = {
        "report": {
            "accepted": report.state == Report.State.ACCEPTED,
            "authority": pack.name if pack else report.authority,
            "course": report.award.snapshot["course"]["title"],
            "confirmation": report.confirmation,
            "message": report.message,
        }
    }
    person = Person.objects.filter(pk=report.subject_id).first()
    _send(REPORT_ANSWERED, person, values, by, f"report:{report.pk}:{report.state}")


def agreement_needed(*, report_id: UUID, by: Actor) -> None:
    """Tells the holder, once, that a report waits for a yes, where a yes is all it waits for."""
    report = Report.objects.select_related("award").get(pk=report_id)
    if not rosters.to_agree(subject_id=report.subject_id, authority=report.authority):
        return
    pack = packs.get(report.authority)
    values: dict[str, object] = {
        "report": {
            "authority": pack.name,
            "course": report.award.snapshot["course"]["title"],
            "due_on": report.due_on.isoformat() if report.due_on else "",
        }
    }
    person = Person.objects.filter(pk=report.subject_id).first()
    _send(AGREEMENT_NEEDED, person, values, by, f"agreement_needed:{report.pk}")


def document_needed(*, report_id: UUID, standing: Standing, by: Actor) -> None:
    """Tells the holder that a report waits for an identity document, and why; once for each time
    that it is wanted."""
    report = Report.objects.select_related("award").get(pk=report_id)
    values: dict[str, object] = {
        "report": {
            "authority": standing.pack.name,
            "course": report.award.snapshot["course"]["title"],
            "returned": standing.stage == Stage.RETURNED,
            "why": standing.demand.why,
        }
    }
    person = Person.objects.filter(pk=report.subject_id).first()
    key = f"document_needed:{report.pk}:{standing.times}"
    _send(DOCUMENT_NEEDED, person, values, by, key)


def _send_about(kind: Kind, certificate: Certificate, more: dict[str, str], by: Actor) -> None:
    award = certificate.award
    values: dict[str, object] = {
        "certificate": {
            "serial": certificate.serial,
            "course": award.snapshot["course"]["title"],
            "authority": award.snapshot.get("approval", {}).get("authority_name", ""),
            **more,
        }
    }
    person = Person.objects.filter(pk=award.subject_id).first()
    _send(kind, person, values, by, f"{kind.name}:{certificate.pk}")


def _send(
    kind: Kind, person: Person | None, values: dict[str, object], by: Actor, key: str
) -> None:
    if person is None:
        return
    try:
        post.send(
            kind=kind,
            subject_id=person.pk,
            to=person.email,
            values={"name": person.name, **values},
            by=by,
            key=key,
        )
    except gate.Denied as denied:
        denied.note()
