"""Practice: as often as one likes, by the server's draw, and nothing of it is kept."""

import re

import pytest
from django.test import Client

from creditable.learning import practice
from creditable.learning.models import AnswerEvent, Attempt, Enrollment
from tests.factories.catalog import make_course

PRACTICE = "/learn/grounding/practice/"


def draw(browser: Client) -> tuple[str, str]:
    page = browser.get(PRACTICE).content.decode()
    return page, re.findall(r'name="token" value="([^"]+)"', page)[0]


def test_a_quiz_is_drawn_and_marked_with_its_explanations(
    browser: Client, place: Enrollment
) -> None:
    page, token = draw(browser)
    assert page.count("<fieldset") == 2
    assert "right answer" not in page
    quiz = practice.mark(version=place.course_version, token=token, answers={})
    right, wrong = quiz.lines[0].right, (quiz.lines[1].right + 1) % 3
    answers = {"token": token, "answer-1": right, "answer-2": wrong}
    marked = browser.post(PRACTICE, answers).content.decode()
    assert "1 of 2 right" in marked
    assert all(line.question.explanation in marked for line in quiz.lines)
    assert "Your answer" in marked


def test_nothing_is_counted_or_kept(browser: Client, place: Enrollment) -> None:
    for _ in range(3):
        _, token = draw(browser)
        browser.post(PRACTICE, {"token": token, "answer-1": "0"})
    assert Attempt.objects.count() == AnswerEvent.objects.count() == 0


@pytest.mark.parametrize("given", ["", "9", "-1", "a", "9" * 400, "²"])
def test_an_answer_that_is_none_is_simply_wrong(
    browser: Client, place: Enrollment, given: str
) -> None:
    _, token = draw(browser)
    page = browser.post(PRACTICE, {"token": token, "answer-1": given})
    assert page.status_code == 200
    assert "0 of 2 right" in page.content.decode()


@pytest.mark.parametrize("token", ["", "x", "a.b", "\x00"])
def test_a_quiz_that_we_did_not_draw_is_refused(
    browser: Client, place: Enrollment, token: str
) -> None:
    answer = browser.post(PRACTICE, {"token": token})
    assert answer.status_code == 422
    assert "grown old" in answer.content.decode()


def test_a_quiz_of_another_course_is_refused(browser: Client, place: Enrollment) -> None:
    foreign = practice.draw(make_course())
    assert foreign
    assert browser.post(PRACTICE, {"token": foreign.token}).status_code == 422


def test_who_is_not_enrolled_does_not_practice(stranger: Client, place: Enrollment) -> None:
    assert stranger.get(PRACTICE).status_code == 404
