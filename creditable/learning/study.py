"""Where a learner stands, for pages: in few queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db.models import BinaryField, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject, Substr
from django.utils.functional import SimpleLazyObject

from creditable.audit import prepared
from creditable.audit.clock import Now
from creditable.catalog.models import CourseVersion, Lesson, Media, Video
from creditable.learning import access, progress
from creditable.learning.models import Attempt, Beat, Completion, Enrollment, Evaluation
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
    found = _studies(_in_course(subject_id, slug))
    return next((study for study in found if study.open), next(iter(found), None))


def of(enrollment: Enrollment) -> Study:
    """The study of one enrollment (one query, and one when its lessons are asked for)."""
    return _studies(_one(enrollment.pk))[0]


def courses(subject_id: UUID) -> list[Study]:
    """All the person's places, newest first (one query, and one when the lessons of any are
    asked for)."""
    return _studies(_all(subject_id))


@prepared.query
def attempts(enrollment_id: UUID) -> QuerySet[Attempt]:
    """The attempts at the exam, the first first (one query)."""
    return Attempt.objects.filter(enrollment=enrollment_id)


def text(row: Row) -> str:
    """The lesson as HTML (one query)."""
    return _text(row.id)[0]


@prepared.query
def _text(lesson_id: UUID) -> QuerySet[Lesson, str]:
    return Lesson.objects.filter(pk=lesson_id).values_list("html", flat=True)


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


@prepared.query
def _in_course(subject_id: UUID, slug: str) -> QuerySet[Any]:
    return _places().filter(subject=subject_id, course_version__course__slug=slug)


@prepared.query
def _one(enrollment_id: UUID) -> QuerySet[Any]:
    return _places().filter(pk=enrollment_id)


@prepared.query
def _all(subject_id: UUID) -> QuerySet[Any]:
    return _places().filter(subject=subject_id)


def _places() -> QuerySet[Enrollment]:
    """Enrollments with what a study tells of them, newest first."""
    latest = Beat.objects.filter(enrollment=OuterRef("pk")).order_by("-sequence")
    return (
        Enrollment.objects.select_related("course_version__course", "completion", "evaluation")
        .annotate(
            kept=access.is_granted(),
            at=Now(),
            last=Subquery(latest.values(seen=JSONObject(sequence="sequence", lesson="lesson"))[:1]),
        )
        .order_by("-created_at")
    )


def _studies(enrollments: Iterable[Any]) -> list[Study]:
    found = list(enrollments)
    outlines = cast(
        Mapping[UUID, Sequence[Row]],
        SimpleLazyObject(lambda: _outlines([enrollment.pk for enrollment in found])),
    )
    return [
        Study(
            enrollment=enrollment,
            open=enrollment.kept and enrollment.expires_at > enrollment.at,
            kept=enrollment.kept,
            now=enrollment.at,
            last_sequence=enrollment.last["sequence"] if enrollment.last else 0,
            last_lesson=UUID(enrollment.last["lesson"]) if enrollment.last else None,
            outlines=outlines,
            completion=getattr(enrollment, "completion", None),
        )
        for enrollment in found
    ]


_OUTLINES = """
SELECT e.id AS enrollment, l.id, l.slug, l.title, l.module_title, l.position, l.minutes,
    coalesce(b.lesson_seconds, 0) AS counted_seconds, coalesce(b.position, 0) AS seen_position,
    coalesce(film.milliseconds, 0) AS video_milliseconds, coalesce(b.covered, '{}') AS covered,
    coalesce(b.video_position, 0) AS video_position, v.in_order AS locked
FROM learning_enrollment e
JOIN catalog_courseversion v ON v.id = e.course_version_id
JOIN catalog_lesson l ON l.version_id = v.id
LEFT JOIN catalog_video film ON film.lesson_id = l.id
LEFT JOIN LATERAL (
    SELECT lesson_seconds, position, covered, video_position FROM learning_beat
    WHERE enrollment_id = e.id AND lesson_id = l.id ORDER BY sequence DESC LIMIT 1
) b ON true
WHERE e.id = ANY(%s)
ORDER BY l.position
"""


def _outlines(enrollments: list[UUID]) -> dict[UUID, list[Row]]:
    rows: dict[UUID, list[Row]] = {enrollment: [] for enrollment in enrollments}
    with prepared.cursor() as cursor:
        cursor.execute(_OUTLINES, [enrollments])
        names = [column.name for column in cursor.description or ()]
        for found in cursor.fetchall():
            row = dict(zip(names, found, strict=True))
            before = rows[row.pop("enrollment")]
            row["covered"] = tuple((part.lower, part.upper) for part in row["covered"])
            row["locked"] = row["locked"] and not all(other.done for other in before)
            before.append(Row(**row))
    return rows
