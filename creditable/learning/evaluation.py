"""The evaluation: what learners say about a course, once each, and what all of them said."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.catalog.models import CourseVersion
from creditable.learning import completion, study
from creditable.learning.models import Completion, Enrollment, Evaluation, EvaluationAnswer
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused

SCALE = range(1, 6)
"""From strongly disagree to strongly agree."""
LONGEST_TEXT = 4000
STEP = 5
"""Results grow by the answers of so many people at a time: among fewer, what one of them said
could be traced, and whoever looked after each answer would read the newest as the difference."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a version's evaluation, as `catalog.drafts.EvaluationQuestionDraft` says."""

    ref: str
    kind: str
    words: str
    required: bool
    choices: tuple[str, ...]
    objective: str
    instructor: bool

    @property
    def places(self) -> range:
        """The values that an answer may have; none for one in the learner's own words."""
        if self.kind == "scale":
            return SCALE
        return range(len(self.choices))


def questions(version: CourseVersion) -> tuple[Question, ...]:
    """What the version asks; nothing where it asks for no evaluation."""
    return tuple(
        Question(**asked | {"choices": tuple(asked["choices"])})
        for asked in version.evaluation.get("questions", ())
    )


@transaction.atomic
def answer(
    *, subject_id: UUID, slug: str, answers: Mapping[str, int | str], by: Actor
) -> Completion | None:
    """Stores the answers, by the question's ref, and completes the course where nothing else is
    missing. Answering a second time changes nothing. Refused before the exam is passed, when a
    question that must be answered is not, and when an answer is none of the question's. It
    needs no open access: who has passed may finish."""
    place = study.find(subject_id, slug)
    if place is None or not place.kept or not place.version.evaluation:
        raise Refused(_("This course asks for no evaluation."), code="none")
    enrollment = Enrollment.objects.select_for_update(no_key=True).get(pk=place.enrollment.pk)
    if not enrollment.attempts.filter(passed=True).exists():
        raise Refused(_("The evaluation opens when you have passed the exam."), code="early")
    given = [
        said
        for question in questions(place.version)
        if (said := _said(question, answers.get(question.ref))) is not None
    ]
    instant = now()
    if not Evaluation.objects.filter(enrollment=enrollment).exists():
        evaluation = Evaluation.objects.create(enrollment=enrollment, at=instant)
        for said in given:
            said.evaluation = evaluation
        EvaluationAnswer.objects.bulk_create(given)
        trail.record(
            verb="learning.evaluate",
            by=by,
            noun="evaluation",
            noun_id=evaluation.pk,
            about=subject_id,
            detail={"answers": len(given)},
        )
    return completion.settle(enrollment=enrollment, at=instant, by=by)


def _said(question: Question, given: int | str | None) -> EvaluationAnswer | None:
    """The answer as a row; None where one may be left out and is."""
    text = " ".join(given.split()) if isinstance(given, str) else ""
    if given is None or (isinstance(given, str) and not text):
        if question.required:
            raise Refused(_("Answer this question."), field=question.ref)
        return None
    if question.kind == "text":
        if not text or len(text) > LONGEST_TEXT:
            raise Refused(
                _("Write words, {longest_text} characters at most.").format(
                    longest_text=LONGEST_TEXT
                ),
                field=question.ref,
            )
        return EvaluationAnswer(ref=question.ref, text=text)
    if not isinstance(given, int) or given not in question.places:
        raise Refused(_("Choose one of the answers."), field=question.ref)
    return EvaluationAnswer(ref=question.ref, value=given)


@dataclass(frozen=True, slots=True)
class Result:
    """What all learners of a version said to one question: how many chose each of its places, or
    their words in alphabetical order. Nobody's answers stand together."""

    question: Question
    counts: tuple[int, ...]
    texts: tuple[str, ...]

    @property
    def answered(self) -> int:
        return sum(self.counts) + len(self.texts)

    @property
    def average_hundredths(self) -> int | None:
        """The average on a scale, in hundredths, rounded down; None without an answer or for
        another kind."""
        if self.question.kind != "scale" or not self.answered:
            return None
        total = sum(
            place * count for place, count in zip(self.question.places, self.counts, strict=True)
        )
        return total * 100 // self.answered


@dataclass(frozen=True, slots=True)
class Results:
    """What the first `people` to answer said, question by question."""

    people: int
    questions: tuple[Result, ...]


def results(version: CourseVersion) -> Results | None:
    """What was said about the version, in whole steps of `STEP` people; None before the first is
    full (three queries)."""
    evaluations = Evaluation.objects.filter(enrollment__course_version=version)
    people = evaluations.count() // STEP * STEP
    if not people:
        return None
    first = evaluations.order_by("at", "pk")[:people]
    said = EvaluationAnswer.objects.filter(evaluation__in=first.values("pk"))
    chosen: dict[str, Counter[int]] = defaultdict(Counter)
    counted = said.exclude(value=None).values_list("ref", "value").annotate(number=Count("pk"))
    for ref, value, number in counted.order_by():
        chosen[ref][value] = number
    written: dict[str, list[str]] = defaultdict(list)
    for ref, text in said.filter(value=None).order_by("text").values_list("ref", "text"):
        written[ref].append(text)
    return Results(
        people,
        tuple(
            Result(
                question,
                tuple(chosen[question.ref][place] for place in question.places),
                tuple(written[question.ref]),
            )
            for question in questions(version)
        ),
    )


def evaluated() -> Sequence[CourseVersion]:
    """The versions that somebody has evaluated, newest first, each with `evaluations`, their
    number (one query)."""
    return list(
        CourseVersion.objects.annotate(evaluations=Count("enrollments__evaluation"))
        .filter(evaluations__gt=0)
        .select_related("course")
        .order_by("-published_at", "title")
    )
