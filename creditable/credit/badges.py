"""Badges: made with each certificate, signed, frozen; and the lists of those that count no more."""

from datetime import datetime
from fractions import Fraction
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.credit import certificates, issuer, keys, openbadge, packs, proofs
from creditable.credit.certificates import State
from creditable.credit.models import Award, Badge, Certificate, StatusList
from creditable.credit.openbadge import PLACES, Earned, Site
from creditable.disclosure import subjects
from creditable.jobs import enqueue
from creditable.lib.actor import Actor


@transaction.atomic
def issue(*, certificate_id: UUID, by: Actor) -> Badge:
    """Makes the badge of a certificate. A second call gives back the first."""
    certificate = Certificate.objects.select_related("award").defer("pdf").get(pk=certificate_id)
    subjects.lock([certificate.award.subject_id])  # two workers may hold the same job
    earlier = Badge.objects.filter(certificate=certificate).first()
    if earlier is not None:
        return earlier
    place, at = _next_place(), now()
    unsigned = openbadge.credential(_earned(certificate, place), site())
    documents = issuer.key(keys.Use.DOCUMENTS, at=at)
    badge = Badge.objects.create(
        certificate=certificate,
        place=place,
        credential=_proved(unsigned, at),
        token=proofs.token(
            unsigned, key=documents, method=site().key(documents.public.fingerprint)
        ),
        issued_at=at,
    )
    number = place // PLACES
    ended = certificates.editions(pk=certificate.pk).get().state != State.GENUINE
    if ended or not StatusList.objects.filter(pk=number).exists():
        enqueue("credit.publish_list", {"number": number})
    trail.record(
        verb="credit.issue_badge",
        by=by,
        noun="certificate",
        noun_id=certificate.pk,
        about=certificate.award.subject_id,
    )
    return badge


@transaction.atomic
def publish_list(*, number: int, by: Actor) -> StatusList:
    """Makes the list of that number say what is true now of each badge in it."""
    StatusList.objects.bulk_create([StatusList(number=number)], ignore_conflicts=True)
    list = StatusList.objects.select_for_update().get(pk=number)
    first = number * PLACES
    places = (
        certificates.editions(badge__place__gte=first, badge__place__lt=first + PLACES)
        .exclude(state=State.GENUINE)
        .values_list("badge__place", flat=True)
    )
    at = now()
    list.credential = _proved(openbadge.status_list(number, places, site(), at), at)
    list.published_at = at
    list.save()
    trail.record(verb="credit.publish_list", by=by, noun="status_list", noun_id=number)
    return list


def publish_anew(*, certificate_id: UUID, by: Actor) -> None:
    """Publishes the list that the badge of a certificate stands in, once it has one."""
    badge = Badge.objects.filter(certificate=certificate_id).first()
    if badge is not None:
        publish_list(number=badge.place // PLACES, by=by)


def site() -> Site:
    """Where this installation publishes."""
    return Site(settings.BASE_URL, issuer.current().name)


def _proved(unsigned: dict[str, object], at: datetime) -> dict[str, object]:
    key = issuer.key(keys.Use.BADGES, at=at)
    method = site().key(key.public.fingerprint)
    return proofs.with_proof(unsigned, key=key, method=method, at=at)


def _earned(certificate: Certificate, place: int) -> Earned:
    award = certificate.award
    return Earned(
        serial=certificate.serial,
        holder_name=certificate.content["holder_name"],
        course_slug=award.snapshot["course"]["slug"],
        course_title=certificate.content["course_title"],
        course_number=award.course_number,
        authority=award.snapshot.get("approval", {}).get("authority_name", ""),
        hours=_hours(award),
        hours_text=certificates.hours(award),
        completed=award.completed_at,
        issued=certificate.issued_at,
        place=place,
    )


def _hours(award: Award) -> Fraction:
    pack = packs.find(award.authority)
    in_force = pack.rules_on(award.completed_on) if pack else None
    each = in_force.minutes_per_hour.value if in_force else None
    return Fraction(award.minutes, each or 60)


def _next_place() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('credit_badge_place')")
        (place,) = cursor.fetchone()
    return int(place)
