"""Certificates: issued, frozen, signed; corrected by a successor or revoked, never changed; and
what a stranger who checks one may see."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from creditable.audit import prepared, trail
from creditable.audit.clock import Now, now
from creditable.credit import document, issuer, keys, letters, packs, reports
from creditable.credit.deadlines import zone_in_words
from creditable.credit.models import Award, Certificate, Revocation
from creditable.credit.phrases import minutes_in_words
from creditable.credit.releases import CHECK
from creditable.disclosure import gate, subjects
from creditable.jobs import enqueue
from creditable.lib import ids
from creditable.lib import pdf as typesetting
from creditable.lib.actor import Actor
from creditable.lib.dates import local_date
from creditable.lib.refusal import Refused
from creditable.people import licenses, names, texts


class State(StrEnum):
    """What a certificate is worth now."""

    GENUINE = "genuine"
    REPLACED = "replaced"
    REVOKED = "revoked"


class Became(TypedDict):
    """What became of a certificate: its state, the serial of the edition that took its place
    (empty for a current one), when and why it was revoked, and whether its badge is made."""

    state: str
    replaced_by: str
    revoked_at: datetime | None
    revoked_because: str
    has_badge: bool


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    Edition: TypeAlias = WithAnnotations[Certificate, Became]


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check page shows of a certificate: the fields that the policy opens to whoever
    has its serial. A field that it does not open is absent."""

    serial: str
    fields: Mapping[str, Any]


@transaction.atomic
def issue(*, award_id: UUID, by: Actor) -> Certificate:
    """Makes the certificate of an award: rendered, signed, frozen, announced by mail. A second
    call gives back the first. Raises pdf.Unprintable for a name without glyphs, which the
    pages that take names do not let in."""
    award = Award.objects.get(pk=award_id)
    subjects.lock([award.subject_id])  # two workers may hold the same job
    earlier = Certificate.objects.filter(award=award, edition=1).first()
    if earlier:
        return earlier
    taken = award.snapshot
    certificate = _make(
        award,
        holder_name=taken["holder_name"],
        license_number=taken["license"]["number"] if "license" in taken else "",
    )
    _trail("credit.issue", certificate, by)
    letters.certificate_ready(certificate=certificate, by=by)
    return certificate


@transaction.atomic
def correct(
    *, certificate: Certificate, holder_name: str, license_number: str, reason: str, by: Actor
) -> Certificate:
    """Issues the next edition with another name or license number, and tells the holder; the
    earlier edition stays as it was and says what replaced it. A revoked certificate may be
    issued again unchanged. Refused at the field at fault, and when somebody was faster."""
    award = certificate.award
    subjects.lock([award.subject_id])
    before = _still_current(certificate)
    name = names.cleaned(holder_name, field="holder_name")
    strange = typesetting.unprintable(name)
    if strange:
        raise Refused(
            _("A certificate cannot show {shown}.").format(shown=names.shown(strange)),
            field="holder_name",
            code="unprintable",
        )
    number = ""
    if before.content["license_number"]:
        number = licenses.cleaned_number(license_number, field="license_number")
    told = {"holder_name": name, "license_number": number}
    changed = sorted(field for field, value in told.items() if before.content[field] != value)
    if not changed and before.state == State.GENUINE:
        raise Refused(_("Nothing differs from the certificate as it is."), code="unchanged")
    corrected = _make(award, **told, edition=before.edition + 1, reason=_reason(reason))
    _trail("credit.correct", corrected, by, {"fields": changed, "edition": corrected.edition})
    letters.certificate_corrected(certificate=corrected, replaced=before.serial, by=by)
    _end_badge(before)
    reports.amend(award=award, reason=corrected.reason, by=by)
    return corrected


@transaction.atomic
def revoke(*, certificate: Certificate, reason: str, by: Actor) -> Revocation:
    """Declares that a certificate counts no more, and tells the holder why. Refused when it is
    revoked already or was replaced."""
    subjects.lock([certificate.award.subject_id])
    before = _still_current(certificate)
    if before.state == State.REVOKED:
        raise Refused(_("This certificate is revoked already."), code="revoked")
    revocation = Revocation.objects.create(
        certificate=before, reason=_reason(reason), revoked_at=now()
    )
    _trail("credit.revoke", before, by)
    letters.certificate_revoked(certificate=before, reason=revocation.reason, by=by)
    _end_badge(before)
    reports.amend(award=before.award, reason=revocation.reason, by=by, withdrawn=True)
    return revocation


def editions(**wanted: Any) -> "QuerySet[Edition]":
    """Certificates with what became of them, without their bytes."""
    later = Certificate.objects.filter(award=OuterRef("award"), replaces=OuterRef("edition"))
    return (
        Certificate.objects.filter(**wanted)
        .defer("pdf")
        .annotate(
            replaced_by=Coalesce(Subquery(later.values("serial")[:1]), Value("")),
            revoked_at=F("revocation__revoked_at"),
            revoked_because=Coalesce(F("revocation__reason"), Value("")),
            has_badge=Q(badge__isnull=False),
            state=Case(
                When(~Q(replaced_by=""), then=Value(State.REPLACED)),
                When(revoked_at__isnull=False, then=Value(State.REVOKED)),
                default=Value(State.GENUINE),
                output_field=CharField(),
            ),
        )
    )


def by_award(*, subject_id: UUID) -> "Mapping[UUID, list[Edition]]":
    """A person's certificates by award, the current edition first (one query)."""
    found: dict[UUID, list[Edition]] = defaultdict(list)
    for certificate in _editions_of(subject_id):
        found[certificate.award_id].append(certificate)
    return found


@prepared.query
def _editions_of(subject_id: UUID) -> "QuerySet[Edition]":
    return editions(award__subject_id=subject_id).order_by("-edition")


def check(*, serial: str, by: Actor) -> Checked | None:
    """What somebody with this serial may see; None when no certificate has it. The first look of
    a day stands in the holder's ledger."""
    known = ids.read_serial(serial)
    found = known and editions(serial=known).select_related("award").annotate(at=Now()).first()
    if not found:
        return None
    award = found.award
    day = local_date(found.at, settings.TIME_ZONE)
    release = gate.open(template=CHECK, by=by, key=f"check:{found.pk}:{found.state}:{day}")
    release.add(award.subject_id, shown(found))
    plan = release.decide()
    if not plan.allowed:
        return Checked(serial=found.serial, fields={})
    release.commit()
    return Checked(serial=found.serial, fields=release.kept(plan.allowed[0]))


def shown(certificate: "Edition") -> dict[str, object]:
    """What the certificate says and what became of it, by the fields of the check page."""
    award, zone = certificate.award, _zone(certificate.award)
    revoked_at = certificate.revoked_at
    return {
        "state": certificate.state,
        "replaced_by": certificate.replaced_by,
        "revoked_on": local_date(revoked_at, zone) if revoked_at else None,
        "holder_name": certificate.content["holder_name"],
        "course_title": certificate.content["course_title"],
        "completed_on": award.completed_on,
        "calendar": calendar(award),
        "hours": hours(award),
        "authority": award.snapshot.get("approval", {}).get("authority_name", ""),
        "course_number": award.course_number,
        "provider_number": award.snapshot["provider"]["number"],
        "issued_on": local_date(certificate.issued_at, zone),
        "sha256": certificate.sha256,
        "fingerprint": certificate.fingerprint,
    }


def calendar(award: Award) -> str:
    """Whose time `completed_on` goes by, in words: the authority's; UTC for the provider's own."""
    return zone_in_words(_zone(award))


def hours(award: Award) -> str:
    """The credit as its authority counts it, in words; the provider's own in hours and minutes."""
    pack = packs.find(award.authority)
    in_force = pack.rules_on(award.completed_on) if pack else None
    if pack and in_force:
        return minutes_in_words(award.minutes, pack, in_force)
    whole, rest = divmod(award.minutes, 60)
    parts = [f"{whole} hour{'s' * (whole != 1)}"] if whole else []
    return " ".join([*parts, f"{rest} minutes"] if rest or not whole else parts)


def describe(
    award: Award, *, serial: str, at: datetime, holder_name: str, license_number: str
) -> document.Certificate:
    """Everything that the award's certificate says, in this name and for this license."""
    provider = issuer.current()
    taken = award.snapshot
    license = taken.get("license")
    return document.Certificate(
        serial=serial,
        holder_name=holder_name,
        license_line=f"{license['type_name']}, license {license_number}" if license else "",
        statement="has completed the continuing-education course",
        course_title=taken["course"]["title"],
        facts=_facts(award),
        issued_on=local_date(at, _zone(award)),
        check_url=f"{settings.BASE_URL}/verify/{serial}/",
        footer=(
            f"Issued {_day(local_date(at, _zone(award)))} and signed electronically by "
            f"{provider.name}. The signature is part of the file and shows any change to it."
        ),
        provider=provider.face,
    )


def _make(
    award: Award, *, holder_name: str, license_number: str, edition: int = 1, reason: str = ""
) -> Certificate:
    at, serial = now(), ids.serial()
    said = describe(
        award, serial=serial, at=at, holder_name=holder_name, license_number=license_number
    )
    pdf, fingerprint = _signed(document.render(said), at)
    certificate = Certificate.objects.create(
        award=award,
        edition=edition,
        reason=reason,
        serial=serial,
        issued_at=at,
        sha256=sha256(pdf).hexdigest(),
        fingerprint=fingerprint,
        pdf=pdf,
        content={
            "holder_name": holder_name,
            "license_number": license_number,
            "license_line": said.license_line,
            "course_title": said.course_title,
            "facts": [list(fact) for fact in said.facts],
        },
    )
    enqueue("credit.issue_badge", {"certificate_id": str(certificate.pk)})
    return certificate


def _end_badge(certificate: Certificate) -> None:
    enqueue("credit.end_badge", {"certificate_id": str(certificate.pk)})


def _still_current(certificate: Certificate) -> "Edition":
    found = editions(pk=certificate.pk).get()
    if found.state == State.REPLACED:
        raise Refused(_("This certificate was replaced meanwhile."), code="replaced")
    return found


def _reason(text: str) -> str:
    reason = texts.line(text, field="reason", longest=300, label=_("Reason"))
    if not reason:
        raise Refused(_("Say why: the holder reads it."), field="reason", code="required")
    return reason


def _trail(
    verb: str, certificate: Certificate, by: Actor, detail: dict[str, Any] | None = None
) -> None:
    trail.record(
        verb=verb,
        by=by,
        noun="certificate",
        noun_id=certificate.pk,
        about=certificate.award.subject_id,
        detail=detail,
    )


def _facts(award: Award) -> tuple[tuple[str, str], ...]:
    taken = award.snapshot
    approval = taken.get("approval", {})
    label = "Continuing-education credit" if approval else "Time in the course"
    authority = approval.get("authority_name", "")
    facts = (
        (label, hours(award)),
        ("Completed on", f"{_day(award.completed_on)} ({calendar(award)})"),
        ("Course number", award.course_number),
        ("Provider number", taken["provider"]["number"]),
        ("Approved by" if _approves(award) else "For a license of", authority),
        ("Instructor", taken["course"]["instructor"]),
    )
    return tuple((name, value) for name, value in facts if value)


def _signed(pdf: bytes, at: datetime) -> tuple[bytes, str]:
    from creditable.credit import signing  # pyHanko is large, and only the worker signs

    identity = signing.identity(issuer.key(keys.Use.DOCUMENTS, at=at))
    signed = signing.sign(
        pdf,
        identity=identity,
        at=at,
        signer=issuer.current().name,
        reason="Certificate of completion",
    )
    return signed, identity.fingerprint


def _approves(award: Award) -> bool:
    pack = packs.find(award.authority)
    return pack is None or pack.approves_courses is not False


def _zone(award: Award) -> str:
    pack = packs.find(award.authority)
    return pack.time_zone if pack else settings.TIME_ZONE


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
