"""A learner's record of a course: what is stored of their work, for them to read and to take
along. It holds scores and no questions, so that it gives no exam away."""

from dataclasses import dataclass
from datetime import datetime

from creditable.learning.models import EvaluationAnswer
from creditable.learning.study import Study


@dataclass(frozen=True, slots=True)
class LessonLine:
    """The time of a lesson: seconds counted, seconds asked for."""

    module: str
    title: str
    counted_seconds: int
    required_seconds: int
    begun: bool

    @property
    def state(self) -> str:
        if self.counted_seconds >= self.required_seconds:
            return "done"
        return "in progress" if self.begun else "not begun"


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """An attempt. What a grading gives is None while it is running; `review` names the objectives
    in which a question was missed."""

    number: int
    started_at: datetime
    deadline: datetime
    ended_at: datetime | None
    correct: int | None
    questions: int
    percent: int | None
    passed: bool | None
    review: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvaluationLine:
    """An answer to the evaluation: the question's words and what was said."""

    question: str
    answer: str | int


@dataclass(frozen=True, slots=True)
class CompletionLine:
    """The completion: when, the score and the seat time with which it stands."""

    completed_at: datetime
    score_percent: int
    seat_seconds: int


@dataclass(frozen=True, slots=True)
class Record:
    """Everything stored of one person's work in one course."""

    course: str
    version: int
    enrolled_at: datetime
    access_until: datetime
    counted_seconds: int
    required_seconds: int
    pass_percent: int
    lessons: tuple[LessonLine, ...]
    attempts: tuple[AttemptLine, ...]
    evaluated_at: datetime | None
    evaluation: tuple[EvaluationLine, ...]
    completion: CompletionLine | None


def of(study: Study) -> Record:
    """The record of a place in a course (one query, two once it is evaluated)."""
    version = study.version
    done = study.completion
    return Record(
        course=version.title,
        version=version.number,
        enrolled_at=study.enrollment.created_at,
        access_until=study.enrollment.expires_at,
        counted_seconds=study.counted_seconds,
        required_seconds=study.required_seconds,
        pass_percent=version.pass_percent,
        lessons=tuple(
            LessonLine(
                module=row.module_title,
                title=row.title,
                counted_seconds=row.counted_seconds,
                required_seconds=row.required_seconds,
                begun=row == study.last or bool(row.counted_seconds or row.seen_position),
            )
            for row in study.rows
        ),
        attempts=tuple(
            AttemptLine(
                number=attempt.number,
                started_at=attempt.started_at,
                deadline=attempt.deadline,
                ended_at=attempt.submitted_at,
                correct=attempt.correct,
                questions=version.exam_questions,
                percent=attempt.percent,
                passed=attempt.passed,
                review=tuple(attempt.review),
            )
            for attempt in study.enrollment.attempts.all()
        ),
        evaluated_at=study.evaluation.at if study.evaluation else None,
        evaluation=_evaluation(study),
        completion=(
            CompletionLine(done.completed_at, done.score_percent, done.seat_seconds)
            if done
            else None
        ),
    )


def _evaluation(study: Study) -> tuple[EvaluationLine, ...]:
    if study.evaluation is None:
        return ()
    asked = study.version.evaluation["questions"]
    said = {
        answer.ref: answer
        for answer in EvaluationAnswer.objects.filter(evaluation=study.evaluation)
    }
    lines = []
    for question in asked:
        answer = said.get(question["ref"])
        if answer is None:
            continue
        value: str | int = answer.text
        if answer.value is not None:
            value = question["choices"][answer.value] if question["choices"] else answer.value
        lines.append(EvaluationLine(question["words"], value))
    return tuple(lines)
