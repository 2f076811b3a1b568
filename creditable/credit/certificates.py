"""Certificates: issued once, frozen, signed; and what a stranger who checks one may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.credit import document, issuer, letters, packs, rules
from creditable.credit.deadlines import zone_in_words
from creditable.credit.models import Award, Certificate
from creditable.credit.releases import CHECK
from creditable.disclosure import gate, subjects
from creditable.lib import ids
from creditable.lib.actor import Actor
from creditable.lib.dates import local_date


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
    list(subjects.lock([award.subject_id]))  # two workers may hold the same job
    earlier = Certificate.objects.filter(award=award).first()
    if earlier:
        return earlier
    at = now()
    serial = ids.serial()
    content = describe(award, serial=serial, at=at)
    pdf, fingerprint = _signed(document.render(content), at)
    certificate = Certificate.objects.create(
        award=award,
        serial=serial,
        issued_at=at,
        sha256=sha256(pdf).hexdigest(),
        fingerprint=fingerprint,
        pdf=pdf,
        content={
            "holder_name": content.holder_name,
            "license_line": content.license_line,
            "course_title": content.course_title,
            "facts": [list(fact) for fact in content.facts],
        },
    )
    trail.record(
        verb="credit.issue",
        by=by,
        noun="certificate",
        noun_id=certificate.pk,
        about=award.subject_id,
    )
    letters.certificate_ready(certificate=certificate, by=by)
    return certificate


@transaction.atomic
def check(*, serial: str, by: Actor) -> Checked | None:
    """What somebody with this serial may see; None when no certificate has it. The first look of
    a day stands in the holder's ledger."""
    known = ids.read_serial(serial)
    if known is None:
        return None
    found = Certificate.objects.select_related("award").defer("pdf").filter(serial=known).first()
    if found is None:
        return None
    award = found.award
    day = local_date(now(), settings.TIME_ZONE)
    release = gate.open(template=CHECK, by=by, key=f"check:{found.pk}:{day}")
    release.add(award.subject_id, shown(found))
    plan = release.decide()
    if not plan.allowed:
        return Checked(serial=found.serial, fields={})
    release.commit()
    return Checked(serial=found.serial, fields=release.kept(plan.allowed[0]))


def is_genuine(*, serial: str, pdf: bytes) -> bool:
    """Whether the file is byte for byte the certificate of that serial."""
    digest = sha256(pdf).hexdigest()
    return Certificate.objects.filter(serial=serial, sha256=digest).exists()


def shown(certificate: Certificate) -> dict[str, object]:
    """What the certificate says, by the fields of the check page."""
    award = certificate.award
    return {
        "holder_name": award.snapshot["holder_name"],
        "course_title": award.snapshot["course"]["title"],
        "completed_on": award.completed_on,
        "calendar": calendar(award),
        "hours": hours(award),
        "authority": award.snapshot.get("approval", {}).get("authority_name", ""),
        "course_number": award.course_number,
        "issued_on": local_date(certificate.issued_at, _zone(award)),
    }


def calendar(award: Award) -> str:
    """Whose time `completed_on` goes by, in words: the authority's; UTC for the provider's own."""
    return zone_in_words(_zone(award))


def hours(award: Award) -> str:
    """The credit as its authority counts it, in words; the provider's own in hours and minutes."""
    pack = packs.find(award.authority)
    in_force = pack.rules_on(award.completed_on) if pack else None
    if in_force is not None:
        return rules.hours_phrase(award.minutes, in_force)
    whole, rest = divmod(award.minutes, 60)
    parts = [f"{whole} hour{'s' * (whole != 1)}"] if whole else []
    return " ".join([*parts, f"{rest} minutes"] if rest or not whole else parts)


def describe(award: Award, *, serial: str, at: datetime) -> document.Certificate:
    """Everything that the award's certificate says."""
    provider = issuer.current()
    taken = award.snapshot
    license = taken.get("license")
    return document.Certificate(
        serial=serial,
        holder_name=taken["holder_name"],
        license_line=f"{license['type_name']}, license {license['number']}" if license else "",
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


def _facts(award: Award) -> tuple[tuple[str, str], ...]:
    taken = award.snapshot
    approval = taken.get("approval", {})
    label = "Continuing-education credit" if approval else "Time in the course"
    facts = (
        (label, hours(award)),
        ("Completed on", f"{_day(award.completed_on)} ({calendar(award)})"),
        ("Course number", award.course_number),
        ("Provider number", taken["provider"]["number"]),
        ("Approved by", approval.get("authority_name", "")),
        ("Instructor", taken["course"]["instructor"]),
    )
    return tuple((name, value) for name, value in facts if value)


def _signed(pdf: bytes, at: datetime) -> tuple[bytes, str]:
    from creditable.credit import signing

    name = issuer.current().name
    identity = signing.identity(
        settings.DATA / "keys" / "certificates.pem", organization=name, at=at
    )
    signed = signing.sign(
        pdf, identity=identity, at=at, signer=name, reason="Certificate of completion"
    )
    return signed, identity.fingerprint


def _zone(award: Award) -> str:
    pack = packs.find(award.authority)
    return pack.time_zone if pack else settings.TIME_ZONE


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
