"""The evidence of time: recounted from its stretches, and taken over from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import FilteredRelation, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from creditable.audit import prepared, trail
from creditable.audit.clock import now
from creditable.catalog.models import Lesson, Video
from creditable.learning import seattime
from creditable.learning.models import Beat, Enrollment
from creditable.learning.requirements import LessonFact
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused


@dataclass(frozen=True, slots=True)
class Evidence:
    """The lessons in their order with what counts for each, recounted from every stretch by the
    pure rule and not from the running totals; and when the first report came, None before it."""

    lessons: tuple[LessonFact, ...]
    began: datetime | None


def of(enrollment: Enrollment) -> Evidence:
    """The evidence of an enrollment (one query)."""
    rows = _read(enrollment)
    counted = _recounted(rows)
    asked = {row.id: row for row in rows}
    return Evidence(
        lessons=tuple(
            LessonFact(row.title, row.minutes * 60, counted[lesson])
            for lesson, row in asked.items()
        ),
        began=min((row.own__at for row in rows if row.own__at), default=None),
    )


def seconds_by_lesson(enrollment: Enrollment) -> dict[UUID, int]:
    """What counts for each lesson, recounted in the same way (one query)."""
    return _recounted(_read(enrollment))


def _read(enrollment: Enrollment) -> list[Any]:
    return _stretches(enrollment.pk, enrollment.course_version_id)


def _recounted(rows: Sequence[Any]) -> dict[UUID, int]:
    return seattime.by_lesson(
        (
            (
                row.id,
                seattime.Spent(
                    seattime.Span(row.own__span.lower, row.own__span.upper), row.own__played or ()
                ),
            )
            for row in rows
            if row.own__span
        ),
        {row.id: seattime.Worth(row.minutes * 60, row.video_milliseconds) for row in rows},
    )


@prepared.query
def _stretches(enrollment_id: UUID, version_id: UUID) -> QuerySet[Lesson, Any]:
    """Every lesson of the version, with each report of this enrollment, or once without any."""
    return (
        Lesson.objects.filter(version=version_id)
        .annotate(
            video_milliseconds=Coalesce("video__milliseconds", 0),
            own=FilteredRelation("beats", condition=Q(beats__enrollment=enrollment_id)),
        )
        .order_by("position")
        .values_list(
            "id",
            "title",
            "minutes",
            "video_milliseconds",
            "own__at",
            "own__span",
            "own__played",
            named=True,
        )
    )


@transaction.atomic
def carry_over(
    *, enrollment: Enrollment, lesson: Lesson, started: datetime, ended: datetime, by: Actor
) -> None:
    """Takes over a stretch of time that was proved elsewhere, as when a provider moves to this
    program. It counts like any other: once for the person, and for the lesson at most its
    minutes; a video first, from its beginning. Refused when it lies in the future or overlaps
    time that is counted already."""
    enrollment = Enrollment.objects.select_for_update().get(pk=enrollment.pk)
    if lesson.version_id != enrollment.course_version_id or not started < ended <= now():
        raise Refused(_("That is no past time in a lesson of this course."), code="span")
    video = Video.objects.filter(lesson=lesson).first()
    seconds = (ended - started) // timedelta(seconds=1)
    watched = min(seconds, video.milliseconds // 1000) if video else 0
    whole = seattime.Worth(lesson.minutes * 60, video.milliseconds if video else 0)
    try:
        with transaction.atomic():
            if watched:
                until = watched * 1000 if watched == seconds else whole.video
                parts = seattime.union([(0, until)], whole.video)
                _write(enrollment, lesson, whole, started, watched, parts)
            if seconds > watched or not video:
                later = started + timedelta(seconds=watched)
                _write(enrollment, lesson, whole, later, seconds - watched, ())
    except IntegrityError as error:
        raise Refused(_("Part of that time is counted already."), code="overlap") from error
    trail.record(
        verb="learning.carry_over",
        by=by,
        noun="enrollment",
        noun_id=enrollment.id,
        about=enrollment.subject_id,
        detail={"lesson": lesson.slug, "seconds": seconds},
    )


def _write(
    enrollment: Enrollment,
    lesson: Lesson,
    whole: seattime.Worth,
    started: datetime,
    seconds: int,
    played: tuple[seattime.Range, ...],
) -> None:
    """One more stretch of the lesson, with its running totals."""
    spent = seattime.Spent(seattime.Span(started, started + timedelta(seconds=seconds)), played)
    beats = Beat.objects.filter(enrollment=enrollment)
    before = [
        seattime.Spent(seattime.Span(beat.span.lower, beat.span.upper), beat.played or ())
        for beat in beats.filter(lesson=lesson).exclude(span=None)
        if beat.span
    ]
    every = [*before, spent]
    Beat.objects.create(
        enrollment=enrollment,
        subject_id=enrollment.subject_id,
        lesson=lesson,
        sequence=(beats.aggregate(last=Max("sequence"))["last"] or 0) + 1,
        span=DateTimeTZRange(spent.span.start, spent.span.end),
        lesson_seconds=seattime.worth(every, whole),
        played=played or None,
        covered=seattime.union((part for each in every for part in each.played), whole.video)
        if whole.video
        else None,
        watched=sum(each.span.seconds for each in every if each.played) if whole.video else None,
    )
