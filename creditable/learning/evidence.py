"""The evidence of time: recounted from its stretches, and taken over from elsewhere."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Max

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.catalog.models import Lesson
from creditable.learning import seattime
from creditable.learning.models import Beat, Enrollment
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused


def seconds_by_lesson(enrollment: Enrollment) -> dict[UUID, int]:
    """What counts for each lesson, recounted from every stretch by the pure rule and not from
    the running totals (two queries)."""
    caps = {
        lesson.id: lesson.minutes * 60
        for lesson in Lesson.objects.filter(version=enrollment.course_version_id).only("minutes")
    }
    spans = Beat.objects.filter(enrollment=enrollment).exclude(span=None)
    return seattime.by_lesson(
        (
            (lesson, seattime.Span(span.lower, span.upper))
            for lesson, span in spans.values_list("lesson_id", "span")
            if span
        ),
        caps,
    )


@transaction.atomic
def carry_over(
    *, enrollment: Enrollment, lesson: Lesson, started: datetime, ended: datetime, by: Actor
) -> None:
    """Takes over a stretch of time that was proved elsewhere, as when a provider moves to this
    program. It counts like any other: once for the person, and for the lesson at most its
    minutes. Refused when it lies in the future or overlaps time that is counted already."""
    enrollment = Enrollment.objects.select_for_update().get(pk=enrollment.pk)
    if lesson.version_id != enrollment.course_version_id or not started < ended <= now():
        raise Refused("That is no past time in a lesson of this course.", code="span")
    counted = Beat.objects.filter(enrollment=enrollment)
    before = counted.filter(lesson=lesson).order_by("-sequence").first()
    seconds = (ended - started) // timedelta(seconds=1)
    try:
        with transaction.atomic():
            Beat.objects.create(
                enrollment=enrollment,
                subject_id=enrollment.subject_id,
                lesson=lesson,
                sequence=(counted.aggregate(last=Max("sequence"))["last"] or 0) + 1,
                span=DateTimeTZRange(started, started + timedelta(seconds=seconds)),
                lesson_seconds=min(
                    lesson.minutes * 60, (before.lesson_seconds if before else 0) + seconds
                ),
            )
    except IntegrityError as error:
        raise Refused("Part of that time is counted already.", code="overlap") from error
    trail.record(
        verb="learning.carry_over",
        by=by,
        noun="enrollment",
        noun_id=enrollment.id,
        about=enrollment.subject_id,
        detail={"lesson": lesson.slug, "seconds": seconds},
    )
