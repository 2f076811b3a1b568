"""Where a learner stands, for pages: in few queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db.models import (
    BinaryField,
    BooleanField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce, JSONObject, Substr
from django.utils.functional import SimpleLazyObject

from creditable.audit.clock import Now
from creditable.catalog.models import CourseVersion, Lesson, Media, Video
from creditable.learning import access, progress
from creditable.learning.models import Beat, Completion, Enrollment, Evaluation
from creditable.learning.seattime import Range


@dataclass(frozen=True, slots=True)
class Row:
    """A lesson of the outline with the seconds counted for it and the place last seen in it.

    `video_milliseconds` is the length of its video, 0 when it has none; `covered` are the parts
    of it that were played, `video_position` is where it stood. `locked` says that the course
    asks for the lessons before it first."""

    id: UUID
    slug: str
    title: str
    module_title: str
    position: int
    minutes: int
    counted_seconds: int
    seen_position: int
    video_milliseconds: int = 0
    covered: tuple[Range, ...] = ()
    video_position: int = 0
    locked: bool = False

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
    def video_seconds(self) -> int:
        return self.video_milliseconds // 1000

    @property
    def seen_block(self) -> int:
        """The number of the block that was at the top of the window."""
        return self.seen_position // 1000


@dataclass(frozen=True, slots=True)
class Study:
    """A person's place in a course. `open` says whether it may be entered at `now`, `kept`
    whether a reason for it still stands, also when the access has run out. `outlines` has the
    lessons of this place, and of those that were found with it, once they are asked for;
    `last_lesson` is the one last seen, None before the first."""

    enrollment: Enrollment
    open: bool
    kept: bool
    now: datetime
    last_sequence: int
    last_lesson: UUID | None
    outlines: Mapping[UUID, Sequence[Row]]
    completion: Completion | None

    @property
    def rows(self) -> Sequence[Row]:
        """The lessons in their order."""
        return self.outlines[self.enrollment.pk]

    @property
    def last(self) -> Row | None:
        """The lesson last seen."""
        return next((row for row in self.rows if row.id == self.last_lesson), None)

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
    """The person's place in the course: the newest that may be entered, else the newest (one
    query, and one when its lessons are asked for)."""
    chosen = (
        _annotated(subject_id)
        .filter(course_version__course__slug=slug)
        .order_by(F("open").desc(), "-created_at")
        .first()
    )
    return _studies([chosen])[0] if chosen else None


def of(enrollment: Enrollment) -> Study:
    """The study of one enrollment (one query, and one when its lessons are asked for)."""
    return _studies([_annotated(enrollment.subject_id).get(pk=enrollment.pk)])[0]


def courses(subject_id: UUID) -> list[Study]:
    """All the person's places, newest first (one query, and one when the lessons of any are
    asked for)."""
    return _studies(list(_annotated(subject_id).order_by("-created_at")))


def text(row: Row) -> str:
    """The lesson as HTML (one query)."""
    return Lesson.objects.values_list("html", flat=True).get(pk=row.id)


def video(row: Row) -> Video:
    """The lesson's video with its file and captions, without their content (one query)."""
    return (
        Video.objects.select_related("file", "captions")
        .defer("file__content", "captions__content")
        .get(pk=row.id)
    )


@dataclass(frozen=True, slots=True)
class File:
    """A file of a course of `size` bytes; its content is read by `part`."""

    id: UUID
    content_type: str
    sha256: str
    size: int


def file(subject_id: UUID, slug: str, path: str) -> File | None:
    """A file of the course, for someone who may enter a version that uses it (one query)."""
    found = (
        Media.objects.filter(
            version__course__slug=slug, path=path, version__enrollments__in=access.of(subject_id)
        )
        .order_by("-version__number")
        .annotate(size=Func("content", function="octet_length", output_field=IntegerField()))
        .values_list("id", "content_type", "sha256", "size")
        .first()
    )
    return File(*found) if found else None


def part(file: File, start: int, length: int) -> bytes:
    """`length` bytes of the file from `start` on; nothing else of it is loaded (one query)."""
    return bytes(
        Media.objects.values_list(
            Substr("content", start + 1, length, output_field=BinaryField()), flat=True
        ).get(pk=file.id)
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
    outlines = cast(Mapping[UUID, Sequence[Row]], SimpleLazyObject(lambda: _outlines(enrollments)))
    return [
        Study(
            enrollment=enrollment,
            open=enrollment.open,
            kept=enrollment.kept,
            now=enrollment.at,
            last_sequence=enrollment.last_sequence,
            last_lesson=enrollment.last_lesson,
            outlines=outlines,
            completion=getattr(enrollment, "completion", None),
        )
        for enrollment in enrollments
    ]


def _outlines(enrollments: list[Any]) -> dict[UUID, list[Row]]:
    latest = Beat.objects.filter(
        enrollment=OuterRef("version__enrollments"), lesson=OuterRef("pk")
    ).order_by("-sequence")
    numbers = JSONObject(seconds="lesson_seconds", place="position", video="video_position")
    lessons = (
        Lesson.objects.filter(version__enrollments__in=enrollments)
        .annotate(
            place=F("version__enrollments"),
            reported=Subquery(latest.values_list(numbers)[:1]),
            video_milliseconds=Coalesce("video__milliseconds", 0),
            covered=Subquery(latest.values("covered")[:1]),
            in_order=F("version__in_order"),
        )
        .order_by("position")
        .defer("html")
    )
    rows: dict[UUID, list[Row]] = {enrollment.pk: [] for enrollment in enrollments}
    for lesson in lessons:
        before = rows[lesson.place]
        reported = lesson.reported or {"seconds": 0, "place": 0, "video": 0}
        before.append(
            Row(
                id=lesson.pk,
                slug=lesson.slug,
                title=lesson.title,
                module_title=lesson.module_title,
                position=lesson.position,
                minutes=lesson.minutes,
                counted_seconds=reported["seconds"],
                seen_position=reported["place"],
                video_milliseconds=lesson.video_milliseconds,
                covered=lesson.covered or (),
                video_position=reported["video"] or 0,
                locked=lesson.in_order and not all(row.done for row in before),
            )
        )
    return rows
