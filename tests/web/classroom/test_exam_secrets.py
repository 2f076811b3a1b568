"""Nothing that the server sends while an exam runs, or after it was failed, tells a right answer
from a wrong one: not the page, not its source, not what a script is told, not a header."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from creditable.learning import attempts, study
from creditable.learning.attempts import Line
from creditable.learning.models import Enrollment
from creditable.people.models import Person
from tests.factories.learning import begin_exam, sit_all, take_exam
from tests.web.classroom.answering import give_json

EXAM = "/learn/grounding/exam/"
LABEL = re.compile(r"<label.*?</label>", re.DOTALL)
CHANGES = {"version", "choice", "at", "now", "seconds_left"}
OFTEN = {"Content-Length", "Set-Cookie", "X-Request-Id"}


def told(page: str, lines: Sequence[Line]) -> list[str]:
    """What in a page tells a right answer: words that only the marked exam has, rows' names, and
    any difference in the markup of a question's choices but their words and places."""
    found = []
    for line in lines:
        question = line.item.question
        secrets = (escape(question.explanation), str(question.pk), f'"{question.ref}"')
        found += [secret for secret in secrets if secret in page]
        shapes = set()
        for label in LABEL.findall(page):
            said = [f">{escape(choice)}<" for choice in line.choices]
            if words := next((one for one in said if one in label), ""):
                plain = re.sub(r'value="\d+"|"q\d+"| checked', "", label)
                shapes.add(plain.replace(words, "><"))
        if len(shapes) > 1:
            found.append(f"choices of {question.ref} are not alike")
    return found


def plain(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in CHANGES}


def headers(answer: HttpResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in OFTEN}


@pytest.fixture
def ready(place: Enrollment) -> Enrollment:
    sit_all(place)
    return place


@pytest.fixture
def lines(ana: Person, ready: Enrollment) -> list[Line]:
    return attempts.answers(begin_exam(ana, ready))


def test_the_page_of_a_running_exam_holds_no_key(browser: Client, lines: list[Line]) -> None:
    page = browser.get(EXAM).content.decode()
    assert page.count('type="radio"') == 12
    assert told(page, lines) == []


def test_what_a_script_is_told_is_the_same_for_right_and_wrong(
    browser: Client, lines: list[Line]
) -> None:
    answers = []
    for number, line in enumerate(lines[:2]):
        choice = line.right if number else (line.right + 1) % 3
        answers.append(give_json(browser, line, choice))
    wrong, right = answers
    assert plain(wrong.json()) == plain(right.json()) == {"state": "saved", "message": "Saved."}
    assert headers(wrong) == headers(right)
    assert told(browser.get(EXAM).content.decode(), lines) == []
    assert set(browser.get(f"{EXAM}clock/").json()) == {"state", "now", "seconds_left"}


def test_a_failed_exam_gives_the_score_and_objectives_and_no_question_of_it(
    browser: Client, ana: Person, ready: Enrollment
) -> None:
    attempt = take_exam(ana, ready, right=1)
    lines = attempts.answers(attempt)
    for address in (f"{EXAM}1/", EXAM, "/learn/grounding/", "/learn/grounding/record.json"):
        page = browser.get(address).content.decode()
        assert told(page, lines) == [], address
        assert not any(line.item.question.stem in page for line in lines), address
        assert not any(line.choices[line.right] in page for line in lines), address


def test_the_lessons_to_review_are_those_of_the_objective_and_not_of_the_question(
    browser: Client, ana: Person, ready: Enrollment
) -> None:
    attempt = take_exam(ana, ready, right=0)
    found = attempts.review(attempt, study.of(ready))
    assert [one.objective for one in found] == attempt.review
    assert all([row.slug for row in one.lessons] == ["lesson-1"] for one in found)
    page = browser.get(f"{EXAM}1/").content.decode()
    assert page.count('href="/learn/grounding/lesson-1/"') == len(found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<label>", "<label data-right>"),
        ('<input type="radio"', '<input data-points="1" type="radio"'),
        ("</label>", "<!-- right --></label>"),
    ],
)
def test_a_planted_key_is_seen(browser: Client, lines: list[Line], old: str, new: str) -> None:
    page = browser.get(EXAM).content.decode()
    right = escape(lines[1].choices[lines[1].right])
    label = next(one for one in LABEL.findall(page) if f">{right}</label>" in one)
    assert told(page.replace(label, label.replace(old, new)), lines)
    explained = page.replace("</main>", f"{escape(lines[0].item.question.explanation)}</main>")
    assert told(explained, lines)
