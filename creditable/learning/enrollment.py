"""Enrolling: a reason for access becomes a place in a course."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from creditable.audit import trail
from creditable.audit.clock import Now, now
from creditable.catalog.models import CourseVersion
from creditable.disclosure import subjects
from creditable.learning import access, letters
from creditable.learning.models import Enrollment, Grant
from creditable.lib.actor import Actor


@transaction.atomic
def grant(
    *, subject_id: UUID, course_version: CourseVersion, source: str, source_id: str, by: Actor
) -> Enrollment:
    """Opens the course to the person for the version's days of access. The same source again
    changes nothing. Someone who is already in the course and has not completed it keeps their
    place, with another reason for it and no less time; otherwise a new turn begins."""
    subjects.lock([subject_id])
    earlier = Grant.objects.filter(source=source, source_id=str(source_id)).first()
    if earlier:
        return Enrollment.objects.get(pk=earlier.enrollment_id)
    ends = now() + timedelta(days=course_version.access_days)
    enrollment = (
        access.under_way(subject_id)
        .filter(course_version__course=course_version.course_id)
        .order_by("-created_at")
        .first()
    )
    if enrollment is None:
        enrollment = _enroll(subject_id, course_version, ends)
    elif enrollment.expires_at < ends:
        enrollment.expires_at = ends
        enrollment.save(update_fields=["expires_at"])
    reason = Grant.objects.create(enrollment=enrollment, source=source, source_id=str(source_id))
    trail.record(
        verb="learning.grant",
        by=by,
        noun="enrollment",
        noun_id=enrollment.id,
        about=subject_id,
        detail={"source": source, "source_id": str(source_id)},
    )
    letters.enrolled(enrollment=enrollment, grant=reason, by=by)
    return enrollment


def _enroll(subject_id: UUID, version: CourseVersion, ends: datetime) -> Enrollment:
    turns = Enrollment.objects.filter(subject_id=subject_id, course_version=version)
    last = turns.aggregate(last=Max("cycle"))["last"] or 0
    return Enrollment.objects.create(
        subject_id=subject_id, course_version=version, cycle=last + 1, expires_at=ends
    )


@transaction.atomic
def withdraw(*, source: str, source_id: str, by: Actor) -> None:
    """Takes this reason for access back, and no other. What was learned stays on record."""
    reason = (
        Grant.objects.select_for_update()
        .select_related("enrollment")
        .filter(source=source, source_id=str(source_id), withdrawn_at=None)
        .first()
    )
    if reason is None:
        return
    Grant.objects.filter(pk=reason.pk).update(withdrawn_at=Now())
    trail.record(
        verb="learning.withdraw",
        by=by,
        noun="enrollment",
        noun_id=reason.enrollment_id,
        about=reason.enrollment.subject_id,
        detail={"source": source, "source_id": str(source_id)},
    )
