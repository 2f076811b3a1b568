"""Learners for tests: enrolled, with time on record, with attempts taken."""

from datetime import datetime, timedelta
from itertools import count

from creditable.audit.clock import now
from creditable.catalog.models import CourseVersion, Lesson
from creditable.learning import attempts, enrollment, evidence
from creditable.learning.attempts import Line, Saved
from creditable.learning.models import Attempt, Enrollment
from creditable.lib.actor import Actor
from creditable.people.models import Person
from tests.factories.people import sign_in

BY = Actor.system("tests")
_orders = count(1)


def enroll(person: Person, version: CourseVersion) -> Enrollment:
    """The person's place in the course, as after buying it."""
    return enrollment.grant(
        subject_id=person.pk,
        course_version=version,
        source="tests",
        source_id=str(next(_orders)),
        by=BY,
    )


def sit(place: Enrollment, lesson: Lesson, *, seconds: int, until: datetime | None = None) -> None:
    """Time on record in a lesson, ending at `until` or just now."""
    ended = until or now()
    evidence.carry_over(
        enrollment=place,
        lesson=lesson,
        started=ended - timedelta(seconds=seconds),
        ended=ended,
        by=BY,
    )


def sit_all(place: Enrollment) -> None:
    """The whole time of every lesson on record, one after the other, ending just now."""
    ended = now()
    for lesson in reversed(place.course_version.lessons.all()):
        sit(place, lesson, seconds=lesson.minutes * 60, until=ended)
        ended -= timedelta(minutes=lesson.minutes)


def begin_exam(person: Person, place: Enrollment) -> Attempt:
    """An attempt just started and signed."""
    return attempts.start(
        subject_id=person.pk,
        slug=place.course_version.course.slug,
        signature=person.name,
        by=person.actor,
    )


def save(person: Person, line: Line, choice: int, version: int = 1) -> Saved:
    """An answer as a browser of the person sends it."""
    session = sign_in(person)
    return attempts.save(
        token=attempts.token(attempt=line.item.attempt, subject_id=person.pk, session=session),
        session=session,
        place=line.item.position,
        version=version,
        choice=choice,
    )


def answer(person: Person, attempt: Attempt, *, right: int) -> None:
    """Answers every question, the first `right` of them correctly."""
    for number, line in enumerate(attempts.answers(attempt)):
        choice = line.right if number < right else (line.right + 1) % len(line.choices)
        save(person, line, choice)


def take_exam(person: Person, place: Enrollment, *, right: int) -> Attempt:
    """A submitted attempt with that many right answers."""
    attempt = begin_exam(person, place)
    answer(person, attempt, right=right)
    return hand_in(person, attempt)


def hand_in(person: Person, attempt: Attempt, *, whole: bool = False) -> Attempt:
    return attempts.submit(
        subject_id=person.pk,
        slug=attempt.enrollment.course_version.course.slug,
        number=attempt.number,
        whole=whole,
        by=person.actor,
    )
