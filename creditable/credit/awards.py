"""Awarding credit: what a completion is worth, for each license it counts for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from creditable.audit import prepared, trail
from creditable.catalog.models import Approval, Course
from creditable.credit import history, issuer, packs, reports
from creditable.credit.appraisal import worth_of_last
from creditable.credit.conversion import in_minutes, pass_mark
from creditable.credit.history import Line
from creditable.credit.models import Award
from creditable.credit.pack import Pack
from creditable.jobs import enqueue
from creditable.lib.actor import Actor
from creditable.lib.dates import local_date
from creditable.people.models import License


@dataclass(frozen=True, slots=True)
class CompletionFact:
    """A completed course as plain values: credit never looks back at the course work."""

    completion_id: UUID
    subject_id: UUID
    holder_name: str
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
    earlier = _earlier(fact.completion_id)
    if earlier:
        return earlier
    awards = [_create(fact, counted=counted) for counted in _counted(fact)] or [
        _create(fact, counted=None)
    ]
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


@prepared.query
def _earlier(completion_id: UUID) -> QuerySet[Award]:
    return Award.objects.filter(completion_id=completion_id).order_by("awarded_at")


@dataclass(frozen=True, slots=True)
class _Counted:
    """An award that a completion earns, and the whole minutes that it is worth."""

    approval: Approval
    license: License
    pack: Pack
    minutes: int


def _counted(fact: CompletionFact) -> list[_Counted]:
    """Every award that the completion earns."""
    approvals = history.approvals(fact.course_id)
    authorities = {row.authority for row in approvals}
    held = history.licenses(fact.subject_id) if approvals else []
    licenses = [license for license in held if license.authority in authorities]
    if not licenses:
        return []
    lines = history.lines(fact.subject_id)
    counted = []
    for approval in approvals:
        pack = packs.find(approval.authority)
        for license in licenses if pack else ():
            if pack and license.authority == pack.id:
                minutes = _minutes(fact, approval, license, pack, lines.get(pack.id, ()))
                if minutes:
                    counted.append(_Counted(approval, license, pack, minutes))
    return counted


def _minutes(
    fact: CompletionFact,
    approval: Approval,
    license: License,
    pack: Pack,
    before: Sequence[Line],
) -> int:
    """What the authority credits for the completion under that approval; 0: nothing."""
    day = local_date(fact.completed_at, pack.time_zone)
    in_force = pack.rules_on(day, license.license_type)
    if in_force is None or not history.approval(approval).covers(day):
        return 0
    if fact.score_percent < pass_mark(in_force, fact.pass_percent).percent:
        return 0
    now = Line(
        approval.number,
        day,
        sum(approval.topic_minutes.values()),
        fact.completed_at,
        approval.topic_minutes,
        history.MODES.get(fact.delivery, ""),
        approved=True,
    )
    stated = history.case(pack, license, [*before, now], day)
    return in_minutes(in_force, worth_of_last(pack, stated))


def _create(fact: CompletionFact, *, counted: _Counted | None) -> Award:
    approval = counted.approval if counted else None
    license = counted.license if counted else None
    pack = counted.pack if counted else None
    return Award.objects.create(
        completion_id=fact.completion_id,
        subject_id=fact.subject_id,
        course=Course(id=fact.course_id),
        approval=approval,
        license_id=license.pk if license else None,
        authority=pack.id if pack else "",
        course_number=approval.number if approval else "",
        minutes=counted.minutes if counted else fact.seat_seconds // 60,
        completed_at=fact.completed_at,
        completed_on=local_date(fact.completed_at, pack.time_zone if pack else settings.TIME_ZONE),
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
        "holder_name": license.name_as_printed if license else fact.holder_name,
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
