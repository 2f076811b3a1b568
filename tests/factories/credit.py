"""Courses with approvals, and completions of them, for tests about credit."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from creditable.audit.clock import now
from creditable.catalog.models import Approval, Course
from creditable.credit import awards, held, reviews
from creditable.credit.awards import CompletionFact
from creditable.credit.models import Award, HeldCredit, Review
from creditable.lib.actor import Actor
from creditable.people.models import Person

TEXAS = "us-tx-tdlr-electricians"
BOARD = "demo-state-board"
BY = Actor.system("tests")
_numbers = count(1)


def make_course(*authorities: str, minutes: int = 120) -> Course:
    """A course that these authorities have approved for years."""
    number = next(_numbers)
    course = Course.objects.create(slug=f"course-{number}")
    for authority in authorities:
        make_approval(course, authority, minutes=minutes)
    return course


def make_approval(
    course: Course,
    authority: str,
    *,
    minutes: int = 120,
    valid_from: date = date(2020, 1, 1),
    valid_to: date = date(2040, 1, 1),
) -> Approval:
    prefix = "DSB" if authority == BOARD else "TX"
    return Approval.objects.create(
        course=course,
        authority=authority,
        number=f"{prefix}-{next(_numbers)}",
        topic_minutes={"safety": minutes},
        valid_from=valid_from,
        valid_to=valid_to,
    )


def fact_of(
    subject_id: UUID, course: Course, *, completed_at: datetime | None = None, score: int = 85
) -> CompletionFact:
    """The completion of a course by a person."""
    at = completed_at or datetime(2026, 12, 28, 18, 0, tzinfo=UTC)
    return CompletionFact(
        completion_id=uuid4(),
        subject_id=subject_id,
        holder_name=Person.objects.values_list("name", flat=True).get(pk=subject_id),
        course_id=course.pk,
        course_slug=course.slug,
        course_title="Electrical safety on the job",
        course_version_number=1,
        delivery="self_paced_online",
        started_at=at - timedelta(days=2),
        completed_at=at,
        seat_seconds=7260,
        score_percent=score,
        pass_percent=70,
        instructor="Dolores Tran-Whitfield",
    )


def make_award(
    subject_id: UUID, course: Course, *, completed_at: datetime | None = None
) -> list[Award]:
    return awards.award(fact=fact_of(subject_id, course, completed_at=completed_at), by=BY)


def make_held(person: Person, **told: Any) -> HeldCredit:
    """An hour of the board that somebody earned elsewhere."""
    known: dict[str, Any] = {
        "authority": BOARD,
        "course_title": "Code update",
        "course_number": "DSB-1",
        "completed_on": date(2026, 1, 2),
        "minutes": 50,
    }
    return held.add(subject_id=person.pk, by=person.actor, **known | told)


def make_review(reviewer: Person) -> Review:
    """A week in which somebody of the board may look at a year's completions."""
    year = reviews.scope(authority=BOARD, courses=[], first=date(2026, 1, 1), last=date(2027, 1, 1))
    return reviews.give(
        subject_id=reviewer.pk, scope=year, expires_at=now() + timedelta(days=7), by=BY
    )
