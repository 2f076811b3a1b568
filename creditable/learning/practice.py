"""Practice quizzes: unlimited, never counted, kept nowhere. The server draws the questions and
hands them out in a signed token, so that a page can be marked without a row about it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from creditable.catalog.models import CourseVersion, Question
from creditable.learning import grading
from creditable.lib import tokens
from creditable.lib.refusal import Refused

PURPOSE = "practice"


@dataclass(frozen=True, slots=True)
class Line:
    """A question as shown. `right` and `chosen` are places among the choices; `chosen` is None
    until it is answered."""

    number: int
    question: Question
    choices: tuple[str, ...]
    right: int
    chosen: int | None = None


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz that was drawn; `token` brings it back."""

    token: str
    lines: tuple[Line, ...]

    @property
    def correct(self) -> int:
        return sum(line.chosen == line.right for line in self.lines)


def draw(version: CourseVersion) -> Quiz | None:
    """A new quiz; None when the course has no practice bank (one query)."""
    bank = version.practice_bank_version_id
    if bank is None:
        return None
    questions = {question.pk: question for question in Question.objects.filter(bank_version=bank)}
    drawn = grading.draw(
        [
            grading.Drawable(question.pk, len(question.choices), question.objective)
            for question in questions.values()
        ],
        version.practice_questions,
        secrets.SystemRandom(),
    )
    token = tokens.sign(
        {"v": str(version.pk), "q": [[str(one.id), *one.order] for one in drawn]},
        key=settings.TOKEN_KEY,
        purpose=PURPOSE,
    )
    return Quiz(token, _lines(drawn, questions, {}))


def mark(*, version: CourseVersion, token: str, answers: Mapping[int, int]) -> Quiz:
    """The quiz of the token with these answers, by number of the question (one query). Refused
    when the token is not of this course."""
    try:
        said = tokens.read(token, key=settings.TOKEN_KEY, purpose=PURPOSE)
    except tokens.BadToken:
        said = {}
    if said.get("v") != str(version.pk):
        raise Refused(_("This quiz has grown old. Draw a new one."), code="token")
    drawn = [grading.Drawn(UUID(ref), tuple(order)) for ref, *order in said["q"]]
    questions = Question.objects.in_bulk([one.id for one in drawn])
    return Quiz(token, _lines(drawn, questions, answers))


def _lines(
    drawn: list[grading.Drawn], questions: Mapping[UUID, Question], answers: Mapping[int, int]
) -> tuple[Line, ...]:
    return tuple(
        Line(
            number=number,
            question=questions[one.id],
            choices=tuple(questions[one.id].choices[place] for place in one.order),
            right=one.order.index(questions[one.id].answer),
            chosen=answers.get(number),
        )
        for number, one in enumerate(drawn, start=1)
    )
