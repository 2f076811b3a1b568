"""Exams are drawn evenly and graded exactly."""

import random
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.learning.grading import Drawable, Graded, draw, grade, latest


def answers(right: int, wrong: int, empty: int = 0) -> list[Graded]:
    return (
        [Graded(1, 1, "grounding")] * right
        + [Graded(1, 0, "lockout")] * wrong
        + [Graded(1, None, "tools")] * empty
    )


def test_seventy_of_a_hundred_passes_a_mark_of_seventy() -> None:
    assert grade(answers(70, 30), 70).passed
    assert not grade(answers(69, 31), 70).passed


def test_a_percentage_is_never_rounded_up_to_a_pass() -> None:
    result = grade(answers(209, 90), 70)  # 69.89 percent
    assert result.percent == 69
    assert not result.passed


def test_a_question_without_an_answer_earns_nothing() -> None:
    result = grade(answers(14, 3, 3), 70)
    assert (result.correct, result.total, result.percent, result.passed) == (14, 20, 70, True)


def test_a_failed_exam_names_the_objectives_to_review_once_each() -> None:
    assert grade(answers(1, 2, 2), 70).review == ("lockout", "tools")


def test_an_exam_without_questions_cannot_be_passed() -> None:
    with pytest.raises(ValueError):
        grade([], 70)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 100))
def test_more_right_answers_never_lower_the_score(right: int, wrong: int, mark: int) -> None:
    before = grade(answers(right, wrong + 1), mark)
    after = grade(answers(right + 1, wrong), mark)
    assert after.percent >= before.percent
    assert after.passed or not before.passed
    assert after.passed == (after.correct * 100 >= mark * after.total)


banks = st.lists(
    st.tuples(st.integers(2, 6), st.sampled_from(["a", "b", "c", ""]), st.booleans()),
    min_size=1,
    max_size=40,
)


def bank(entries: list[tuple[int, str, bool]]) -> list[Drawable]:
    return [
        Drawable(UUID(int=number), choices, objective, fixed)
        for number, (choices, objective, fixed) in enumerate(entries, start=1)
    ]


@given(banks, st.data())
def test_a_drawing_holds_different_questions_with_every_choice_once(
    entries: list[tuple[int, str, bool]], data: st.DataObject
) -> None:
    questions = {question.id: question for question in bank(entries)}
    number = data.draw(st.integers(1, len(questions)))
    drawn = draw(list(questions.values()), number, random.Random(data.draw(st.integers())))
    assert len({one.id for one in drawn}) == len(drawn) == number
    for one in drawn:
        assert sorted(one.order) == list(range(questions[one.id].choices))
        if questions[one.id].fixed_order:
            assert list(one.order) == sorted(one.order)


@given(st.integers())
def test_every_objective_is_asked_about_before_any_twice_too_often(seed: int) -> None:
    questions = bank([(4, objective, False) for objective in "aaaaaaaaaabbbccc"])
    drawn = draw(questions, 9, random.Random(seed))
    about = {question.id: question.objective for question in questions}
    assert Counter(about[one.id] for one in drawn) == {"a": 3, "b": 3, "c": 3}


def test_more_questions_than_the_bank_holds_cannot_be_drawn() -> None:
    with pytest.raises(ValueError):
        draw(bank([(4, "a", False)]), 2, random.Random(1))


def test_two_drawings_differ() -> None:
    questions = bank([(4, "a", False)] * 50)
    chance = random.Random(7)
    assert draw(questions, 20, chance) != draw(questions, 20, chance)


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(0, 3)),
        unique_by=lambda e: e[:2],
    )
)
def test_the_highest_version_stands_in_whatever_order_answers_arrive(
    events: list[tuple[int, int, int]],
) -> None:
    saved = [(UUID(int=item), version, choice) for item, version, choice in events]
    stands = latest(saved)
    assert stands == latest(saved[::-1])
    for item, version, choice in saved:
        assert stands[item][0] >= version
        if stands[item][0] == version:
            assert stands[item][1] == choice
