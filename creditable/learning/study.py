"""Where a learner stands, for pages: in few queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from creditable.audit.clock import Now
from creditable.catalog.models import CourseVersion, Lesson, Media
from creditable.learning import access, progress
from creditable.learning.models import Beat, Completion, Enrollment, Evaluation


@dataclass(frozen=True, slots=True)
class Row:
    """A lesson of the outline with the seconds counted for it and the place last seen in it."""

    id: UUID
    slug: str
    title: str
    module_title: str
    position: int
    minutes: int
    counted_seconds: int
    seen_position: int

    @property
    def required_seconds(self) -> int:
        return self.minutes * 60

    @property
    def left_seconds(self) -> int:
        return max(0, self.required_seconds - self.counted_seconds)

    @property
    def done(self) -> bool:
        return not self.left_seconds

    @property
    def seen_block(self) -> int:
        """The number of the block that was at the top of the window."""
        return self.seen_position // 1000


@dataclass(frozen=True, slots=True)
class Study:
    """A person's place in a course. `open` says whether it may be entered at `now`, `kept`
    whether a reason for it still stands, also when the access has run out; `last` is the lesson
    last seen, None before the first."""

    enrollment: Enrollment
    open: bool
    kept: bool
    now: datetime
    last_sequence: int
    rows: tuple[Row, ...]
    last: Row | None
    completion: Completion | None

    @property
    def version(self) -> CourseVersion:
        return self.enrollment.course_version

    @property
    def evaluation(self) -> Evaluation | None:
        """What the learner said about the course, None before."""
        return getattr(self.enrollment, "evaluation", None)

    @property
    def slug(self) -> str:
        return self.version.course.slug

    @property
    def counted_seconds(self) -> int:
        return sum(row.counted_seconds for row in self.rows)

    @property
    def required_seconds(self) -> int:
        return self.version.credit_minutes * 60

    @property
    def content_seconds(self) -> int:
        """What all lessons together can count; the credit may ask for less."""
        return sum(row.required_seconds for row in self.rows)

    @property
    def lessons_done(self) -> int:
        return sum(row.done for row in self.rows)

    @property
    def all_done(self) -> bool:
        """Whether the time of every lesson is counted."""
        return all(row.done for row in self.rows)

    @property
    def next_row(self) -> Row | None:
        """Where to go on: the lesson last seen, or when that is done the first that is not."""
        if self.last and not self.last.done:
            return self.last
        return next((row for row in self.rows if not row.done), self.last)

    def row(self, slug: str) -> Row | None:
        return next((row for row in self.rows if row.slug == slug), None)


def find(subject_id: UUID, slug: str) -> Study | None:
    """The person's place in the course: the newest that may be entered, else the newest (two
    queries)."""
    chosen = (
        _annotated(subject_id)
        .filter(course_version__course__slug=slug)
        .order_by(F("open").desc(), "-created_at")
        .first()
    )
    return _studies([chosen])[0] if chosen else None


def of(enrollment: Enrollment) -> Study:
    """The study of one enrollment (two queries)."""
    return _studies([_annotated(enrollment.subject_id).get(pk=enrollment.pk)])[0]


def courses(subject_id: UUID) -> list[Study]:
    """All the person's places, newest first (two queries)."""
    return _studies(list(_annotated(subject_id).order_by("-created_at")))


def text(row: Row) -> str:
    """The lesson as HTML (one query)."""
    return Lesson.objects.values_list("html", flat=True).get(pk=row.id)


def media(subject_id: UUID, slug: str, path: str) -> Media | None:
    """A file of the course, for someone who may enter a version that uses it. Its content is
    loaded when it is read."""
    return (
        Media.objects.filter(
            version__course__slug=slug, path=path, version__enrollments__in=access.of(subject_id)
        )
        .order_by("-version__number")
        .defer("content")
        .first()
    )


def token(study: Study, row: Row, session: str) -> str:
    """The token with which the lesson's page reports first."""
    return progress.token(
        enrollment_id=study.enrollment.pk,
        lesson_id=row.id,
        subject_id=study.enrollment.subject_id,
        session=session,
        sequence=study.last_sequence + 1,
        opened=study.now,
    )


def _annotated(subject_id: UUID) -> QuerySet[Enrollment]:
    latest = Beat.objects.filter(enrollment=OuterRef("pk")).order_by("-sequence")
    return (
        Enrollment.objects.filter(subject_id=subject_id)
        .select_related("course_version__course", "completion", "evaluation")
        .annotate(
            open=ExpressionWrapper(access.is_open(), output_field=BooleanField()),
            kept=access.is_granted(),
            at=Now(),
            last_sequence=Coalesce(Subquery(latest.values("sequence")[:1]), 0),
            last_lesson=Subquery(latest.values("lesson")[:1]),
        )
    )


def _studies(enrollments: list[Any]) -> list[Study]:
    latest = Beat.objects.filter(
        enrollment=OuterRef("version__enrollments"), lesson=OuterRef("pk")
    ).order_by("-sequence")
    lessons = (
        Lesson.objects.filter(version__enrollments__in=enrollments)
        .annotate(
            place=F("version__enrollments"),
            counted=Coalesce(Subquery(latest.values("lesson_seconds")[:1]), 0),
            seen=Coalesce(Subquery(latest.values("position")[:1]), 0),
        )
        .order_by("position")
        .defer("html")
    )
    rows: dict[UUID, list[Row]] = {enrollment.pk: [] for enrollment in enrollments}
    for lesson in lessons:
        rows[lesson.place].append(
            Row(
                id=lesson.pk,
                slug=lesson.slug,
                title=lesson.title,
                module_title=lesson.module_title,
                position=lesson.position,
                minutes=lesson.minutes,
                counted_seconds=lesson.counted,
                seen_position=lesson.seen,
            )
        )
    return [_study(enrollment, tuple(rows[enrollment.pk])) for enrollment in enrollments]


def _study(enrollment: Any, rows: tuple[Row, ...]) -> Study:
    return Study(
        enrollment=enrollment,
        open=enrollment.open,
        kept=enrollment.kept,
        now=enrollment.at,
        last_sequence=enrollment.last_sequence,
        rows=rows,
        last=next((row for row in rows if row.id == enrollment.last_lesson), None),
        completion=getattr(enrollment, "completion", None),
    )
