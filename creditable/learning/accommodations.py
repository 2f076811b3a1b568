"""Accommodations: more time or more attempts in exams, for a reason, approved by somebody."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from creditable.audit import prepared, trail
from creditable.audit.clock import now
from creditable.catalog.models import Course
from creditable.disclosure import subjects
from creditable.learning.models import Accommodation
from creditable.learning.requirements import Allowance, together
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused

LONGEST_REASON = 2000


@transaction.atomic
def give(
    *,
    subject_id: UUID,
    course: Course | None,
    allowance: Allowance,
    reason: str,
    by: Actor,
) -> Accommodation:
    """Gives the person more time or attempts in the exams of the course, or of all courses where
    it is None, for attempts that start from now on. `by` approves it. Refused without a reason
    or a person who approves, when it gives nothing, and while one for the same is not ended."""
    if by.subject_id is None:
        raise Refused(_("A person has to approve this."), code="approver")
    if not reason.strip():
        raise Refused(_("Write down the reason."), field="reason")
    if allowance == Allowance():
        raise Refused(_("Give more time or more attempts."), field="extra_minutes")
    subjects.lock([subject_id])
    if _active(subject_id).filter(course=course).exists():
        raise Refused(
            _("There is one for this already. End it first; nothing was changed."),
            field="course",
            code="active",
        )
    given = Accommodation.objects.create(
        subject_id=subject_id,
        course=course,
        time_percent=allowance.time_percent,
        extra_minutes=allowance.extra_minutes,
        extra_attempts=allowance.extra_attempts,
        reason=reason.strip()[:LONGEST_REASON],
        approved_by=by.subject_id,
        approved_at=now(),
    )
    trail.record(
        verb="learning.accommodate",
        by=by,
        noun="accommodation",
        noun_id=given.pk,
        about=subject_id,
        detail={
            "course": course.slug if course else "all",
            "time_percent": given.time_percent,
            "extra_minutes": given.extra_minutes,
            "extra_attempts": given.extra_attempts,
        },
    )
    return given


@transaction.atomic
def end(*, subject_id: UUID, accommodation_id: UUID, by: Actor) -> None:
    """Ends it for attempts that start from now on; the row stays. Ending it again changes
    nothing. Refused when the person has no such accommodation."""
    given = (
        Accommodation.objects.select_for_update()
        .filter(pk=accommodation_id, subject_id=subject_id)
        .first()
    )
    if given is None:
        raise Refused(_("There is no such accommodation."), code="missing")
    if given.ended_at is not None:
        return
    given.ended_by, given.ended_at = by.subject_id, now()
    given.save(update_fields=["ended_by", "ended_at"])
    trail.record(
        verb="learning.end_accommodation",
        by=by,
        noun="accommodation",
        noun_id=given.pk,
        about=subject_id,
    )


def allowance(subject_id: UUID, course_id: UUID) -> Allowance:
    """What the person has now in the exams of the course (one query)."""
    return together(Allowance(*row) for row in _given(subject_id, course_id))


@prepared.query
def _given(subject_id: UUID, course_id: UUID) -> QuerySet[Accommodation, Any]:
    given = _active(subject_id).filter(Q(course=course_id) | Q(course=None))
    return given.order_by().values_list("time_percent", "extra_minutes", "extra_attempts")


def of(subject_id: UUID) -> Sequence[Accommodation]:
    """All that the person was ever given, newest first, with reasons: for those who may decide
    about it (one query)."""
    return list(Accommodation.objects.filter(subject_id=subject_id).select_related("course"))


def _active(subject_id: UUID) -> QuerySet[Accommodation]:
    return Accommodation.objects.filter(subject_id=subject_id, ended_at=None)
