"""Completing a course: once, with the credit that it earns."""

from django.db import transaction
from django.db.models import Min

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.credit import awards
from creditable.learning import evidence, facts, letters, requirements, study
from creditable.learning.models import Attempt, Completion
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused


@transaction.atomic
def complete(*, attempt: Attempt, by: Actor) -> Completion:
    """Records the completion that this passed attempt earns, and awards its credit. A second
    call changes nothing. Refused when a requirement of the course is not met, judged by the
    evidence recounted."""
    enrollment = attempt.enrollment
    earlier = Completion.objects.filter(enrollment=enrollment).first()
    if earlier:
        return earlier
    place = study.of(enrollment)
    counted = evidence.seconds_by_lesson(enrollment)
    known = facts.of(place, list(enrollment.attempts.all()), counted)
    checklist = requirements.met(known)
    if not checklist.met:
        missing = ", ".join(item.words for item in checklist.missing)
        raise Refused(f"The course is not complete yet. Missing: {missing}.", code="incomplete")
    completion = Completion.objects.create(
        enrollment=enrollment,
        subject_id=enrollment.subject_id,
        attempt=attempt,
        started_at=enrollment.beats.aggregate(first=Min("at"))["first"] or enrollment.created_at,
        completed_at=attempt.submitted_at or now(),
        seat_seconds=known.counted_seconds,
        score_percent=attempt.percent or 0,
        checklist=[
            {"name": item.name, "words": item.words, "status": item.status}
            for item in checklist.items
        ],
    )
    trail.record(
        verb="learning.complete",
        by=by,
        noun="completion",
        noun_id=completion.pk,
        about=completion.subject_id,
        detail={"attempt": attempt.number},
    )
    letters.completed(completion=completion, by=by)
    awards.award(fact=_fact(completion), by=by)
    return completion


def _fact(completion: Completion) -> awards.CompletionFact:
    version = completion.enrollment.course_version
    return awards.CompletionFact(
        completion_id=completion.pk,
        subject_id=completion.subject_id,
        course_slug=version.course.slug,
        course_title=version.title,
        course_version_number=version.number,
        course_id=version.course_id,
        delivery=version.delivery,
        started_at=completion.started_at,
        completed_at=completion.completed_at,
        seat_seconds=completion.seat_seconds,
        score_percent=completion.score_percent,
        instructor=version.detail["instructor"]["name"],
    )
