"""Awarding credit: what a completion is worth, for each license it counts for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from creditable.audit import trail
from creditable.catalog.models import Approval, Course
from creditable.credit import history, issuer, packs, reports, rules
from creditable.credit.models import Award
from creditable.credit.pack import Pack
from creditable.jobs import enqueue
from creditable.lib.actor import Actor
from creditable.lib.dates import local_date
from creditable.people.models import License, Person


@dataclass(frozen=True, slots=True)
class CompletionFact:
    """A completed course as plain values: credit never looks back at the course work."""

    completion_id: UUID
    subject_id: UUID
    course_id: UUID
    course_slug: str
    course_title: str
    course_version_number: int
    delivery: str
    started_at: datetime
    completed_at: datetime
    seat_seconds: int
    score_percent: int
    pass_percent: int
    instructor: str


@transaction.atomic
def award(*, fact: CompletionFact, by: Actor) -> list[Award]:
    """Awards a completion: once for each license under each approval in force on the day of
    completion in the authority's time zone; a course that the authority does not credit again is
    left out, and one whose exam was passed below the authority's own mark. Where nothing is left,
    one award of the provider's own, for its certificate. Each is certified, and reported where
    an authority wants it. A second call changes nothing."""
    earlier = list(Award.objects.filter(completion_id=fact.completion_id).order_by("awarded_at"))
    if earlier:
        return earlier
    awards = [
        _create(fact, approval=approval, license=license, pack=pack)
        for approval, license, pack in _counted(fact)
    ] or [_create(fact, approval=None, license=None, pack=None)]
    for made in awards:
        trail.record(
            verb="credit.award",
            by=by,
            noun="award",
            noun_id=made.pk,
            about=made.subject_id,
            detail={"authority": made.authority, "minutes": made.minutes},
        )
        enqueue(
            "credit.issue_certificate", {"award_id": str(made.pk)}, key=f"certificate:{made.pk}"
        )
        if made.authority:
            reports.prepare(award=made, by=by)
    return awards


def _counted(fact: CompletionFact) -> list[tuple[Approval, License, Pack]]:
    """Approval and license of every award that the completion earns."""
    approvals = list(Approval.objects.filter(course_id=fact.course_id))
    held = License.objects.filter(
        subject_id=fact.subject_id, authority__in={row.authority for row in approvals}
    )
    licenses = list(held.order_by("created_at", "id"))
    lines = history.lines(fact.subject_id)
    counted: list[tuple[Approval, License, Pack]] = []
    for approval in approvals:
        pack = packs.find(approval.authority)
        if pack is None:
            continue
        day = local_date(fact.completed_at, pack.time_zone)
        in_force = pack.rules_on(day)
        if in_force is None or not history.approval(approval).covers(day):
            continue
        if not rules.credited(in_force, approval.topic_minutes):
            continue
        if fact.score_percent < rules.pass_mark(in_force, fact.pass_percent).percent:
            continue
        before = lines.get(pack.id, ())
        counted += [
            (approval, license, pack)
            for license in licenses
            if license.authority == pack.id
            and not rules.repeats(in_force, history.license(license), approval.number, before, day)
        ]
    return counted


def _create(
    fact: CompletionFact,
    *,
    approval: Approval | None,
    license: License | None,
    pack: Pack | None,
) -> Award:
    day = local_date(fact.completed_at, pack.time_zone if pack else settings.TIME_ZONE)
    in_force = pack.rules_on(day) if pack else None
    minutes = fact.seat_seconds // 60
    if approval is not None and in_force is not None:
        minutes = rules.credited(in_force, approval.topic_minutes)
    return Award.objects.create(
        completion_id=fact.completion_id,
        subject_id=fact.subject_id,
        course=Course(id=fact.course_id),
        approval=approval,
        license_id=license.pk if license else None,
        authority=pack.id if pack else "",
        course_number=approval.number if approval else "",
        minutes=minutes,
        completed_at=fact.completed_at,
        completed_on=day,
        snapshot=_snapshot(fact, approval, license, pack),
    )


def _snapshot(
    fact: CompletionFact, approval: Approval | None, license: License | None, pack: Pack | None
) -> dict[str, Any]:
    provider = issuer.current()
    taken: dict[str, Any] = {
        "course": {
            "slug": fact.course_slug,
            "title": fact.course_title,
            "version": fact.course_version_number,
            "delivery": fact.delivery,
            "instructor": fact.instructor,
            "started_at": fact.started_at.isoformat(),
        },
        "seat_minutes": fact.seat_seconds // 60,
        "score_percent": fact.score_percent,
        "holder_name": license.name_as_printed if license else _account_name(fact.subject_id),
        "provider": {
            "name": provider.name,
            "number": provider.number(pack.id) if pack else "",
        },
    }
    if approval is not None and license is not None and pack is not None:
        kind = pack.license_type(license.license_type)
        taken["approval"] = {
            "number": approval.number,
            "authority_name": pack.name,
            "topic_minutes": approval.topic_minutes,
            "valid_from": approval.valid_from.isoformat(),
            "valid_to": approval.valid_to.isoformat(),
        }
        taken["license"] = {
            "type": license.license_type,
            "type_name": kind.name if kind else license.license_type,
            "number": license.number,
            "expires": license.expires.isoformat() if license.expires else None,
        }
    return taken


def _account_name(subject_id: UUID) -> str:
    return Person.objects.values_list("name", flat=True).get(pk=subject_id)
