"""Exams: drawing the questions and grading the answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class Chance(Protocol):
    """The randomness that a drawing uses; the server's own in earnest, a seed in tests."""

    def shuffle(self, x: list[int], /) -> None: ...


@dataclass(frozen=True, slots=True)
class Drawable:
    """A question that may be drawn: how many choices it has and what it is about. True-or-false
    questions keep the order of their choices."""

    id: UUID
    choices: int
    objective: str
    fixed_order: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn question: `order` says which of its choices stands in which place."""

    id: UUID
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Graded:
    """One question of an attempt: the place that was right, the place chosen (None when it was
    not answered), and the objective it tests."""

    right: int
    chosen: int | None
    objective: str


@dataclass(frozen=True, slots=True)
class Grade:
    """The result of an attempt. `review` names the objectives in which a question was missed, in
    the order of the exam."""

    correct: int
    total: int
    percent: int
    passed: bool
    review: tuple[str, ...]


def draw(questions: Sequence[Drawable], number: int, chance: Chance) -> list[Drawn]:
    """`number` different questions in random order. Objectives take turns, so that each is asked
    about as evenly as the bank allows."""
    if not 0 < number <= len(questions):
        raise ValueError(f"cannot draw {number} of {len(questions)} questions")
    waiting: dict[str, list[int]] = {}
    for place in _shuffled(len(questions), chance):
        waiting.setdefault(questions[place].objective, []).append(place)
    drawn: list[int] = []
    while len(drawn) < number:
        for group in waiting.values():
            if group and len(drawn) < number:
                drawn.append(group.pop())
    return [
        Drawn(questions[drawn[turn]].id, _order(questions[drawn[turn]], chance))
        for turn in _shuffled(number, chance)
    ]


def grade(answers: Sequence[Graded], pass_percent: int) -> Grade:
    """One point a question; one without an answer earns none. The percentage is rounded down, so
    that 69.9 never passes a mark of 70."""
    if not answers:
        raise ValueError("an exam without questions cannot be graded")
    correct = sum(answer.chosen == answer.right for answer in answers)
    percent = correct * 100 // len(answers)
    missed = [answer.objective for answer in answers if answer.chosen != answer.right]
    return Grade(
        correct=correct,
        total=len(answers),
        percent=percent,
        passed=percent >= pass_percent,
        review=tuple(dict.fromkeys(objective for objective in missed if objective)),
    )


def latest(answers: Sequence[tuple[UUID, int, int]]) -> Mapping[UUID, tuple[int, int]]:
    """Of all saved (question, version, choice), the choice of the highest version for each
    question, with that version."""
    last: dict[UUID, tuple[int, int]] = {}
    for question, version, choice in answers:
        if question not in last or version > last[question][0]:
            last[question] = (version, choice)
    return last


def _shuffled(number: int, chance: Chance) -> list[int]:
    places = list(range(number))
    chance.shuffle(places)
    return places


def _order(question: Drawable, chance: Chance) -> tuple[int, ...]:
    if question.fixed_order:
        return tuple(range(question.choices))
    return tuple(_shuffled(question.choices, chance))
