"""The facts that requirements are judged by, read from the rows."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from creditable.catalog.models import CourseVersion
from creditable.learning.models import Attempt
from creditable.learning.requirements import (
    Admission,
    Facts,
    LessonFact,
    Tried,
    admission,
    studied,
)
from creditable.learning.study import Study


def of(study: Study, attempts: Sequence[Attempt], counted: Mapping[UUID, int]) -> Facts:
    """`counted` are the seconds of each lesson: the running totals for a page, the evidence
    recounted for a verb."""
    graded = [attempt for attempt in attempts if attempt.percent is not None]
    return Facts(
        lessons=tuple(
            LessonFact(row.title, row.required_seconds, counted[row.id]) for row in study.rows
        ),
        credit_seconds=study.required_seconds,
        attested=bool(attempts),
        best_percent=max((attempt.percent or 0 for attempt in graded), default=None),
        pass_percent=study.version.pass_percent,
    )


def shown(study: Study, attempts: Sequence[Attempt]) -> Facts:
    """The facts for a page, by the running totals."""
    return of(study, attempts, {row.id: row.counted_seconds for row in study.rows})


def admitted(study: Study, attempts: Sequence[Attempt], facts: Facts) -> Admission:
    """Whether an attempt may start at the study's instant."""
    version: CourseVersion = study.version
    return admission(
        complete=study.completion is not None,
        studied=studied(facts).met,
        tried=[Tried(attempt.deadline, attempt.submitted_at) for attempt in attempts],
        attempts=version.exam_attempts,
        delay=timedelta(minutes=version.exam_delay_minutes),
        now=study.now,
    )
