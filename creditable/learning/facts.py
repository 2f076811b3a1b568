"""The facts that requirements are judged by, read from the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from creditable.credit import marks
from creditable.credit.marks import LicenseMark
from creditable.learning import accommodations
from creditable.learning.models import Attempt
from creditable.learning.requirements import (
    Admission,
    Allowance,
    Facts,
    LessonFact,
    Tried,
    admission,
    studied,
)
from creditable.learning.study import Study


@dataclass(frozen=True, slots=True)
class Entry:
    """The learner's way into the exam: whether an attempt may start, what they have beyond the
    usual, how many attempts that makes and how many minutes each lasts. `short` lists the
    licenses whose mark the best score does not reach, once an attempt has passed."""

    admission: Admission
    allowance: Allowance
    attempts: int
    minutes: int
    short: tuple[LicenseMark, ...]


def of(study: Study, attempts: Sequence[Attempt], lessons: tuple[LessonFact, ...]) -> Facts:
    """`lessons` say what is counted: by the running totals for a page, by the evidence recounted
    for a verb."""
    graded = [attempt for attempt in attempts if attempt.percent is not None]
    asked = study.version.evaluation.get("required", False)
    return Facts(
        lessons=lessons,
        credit_seconds=study.required_seconds,
        attested=bool(attempts),
        best_percent=max((attempt.percent or 0 for attempt in graded), default=None),
        pass_percent=study.version.pass_percent,
        evaluated=study.evaluation is not None if asked else None,
    )


def shown(study: Study, attempts: Sequence[Attempt]) -> Facts:
    """The facts for a page, by the running totals."""
    lessons = (
        LessonFact(row.title, row.required_seconds, row.counted_seconds) for row in study.rows
    )
    return of(study, attempts, tuple(lessons))


def entry(study: Study, attempts: Sequence[Attempt], facts: Facts) -> Entry:
    """Whether an attempt may start at the study's instant (one query, three once an attempt has
    passed)."""
    version = study.version
    allowance = accommodations.allowance(study.enrollment.subject_id, version.course_id)
    allowed = version.exam_attempts + allowance.extra_attempts
    missed = short(study, facts)
    return Entry(
        admission=admission(
            complete=study.completion is not None,
            studied=studied(facts).met,
            passed=facts.passed,
            short=bool(missed),
            tried=[Tried(attempt.deadline, attempt.submitted_at) for attempt in attempts],
            attempts=allowed,
            delay=timedelta(minutes=version.exam_delay_minutes),
            now=study.now,
        ),
        allowance=allowance,
        attempts=allowed,
        minutes=allowance.minutes(version.exam_minutes),
        short=missed,
    )


def short(study: Study, facts: Facts) -> tuple[LicenseMark, ...]:
    """The licenses whose mark the best score does not reach, once an attempt has passed and before
    the course is complete (two queries, none at another time nor where all was right)."""
    best = facts.best_percent or 0
    if not facts.passed or study.completion is not None or best == 100:
        return ()
    return tuple(one for one in license_marks(study) if best < one.mark.percent)


def license_marks(study: Study) -> list[LicenseMark]:
    """The pass mark for each of the learner's licenses that the course counts for (two
    queries)."""
    return marks.of(
        subject_id=study.enrollment.subject_id,
        course=study.version.course,
        own=study.version.pass_percent,
        at=study.now,
    )
