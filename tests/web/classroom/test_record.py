"""A learner's record of a course: to read, and to take along as JSON and CSV."""

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from creditable.learning import attempts, evaluation
from creditable.learning.models import Enrollment
from creditable.people.models import Person
from tests.factories.catalog import make_course, survey
from tests.factories.learning import begin_exam, enroll, sit, sit_all, take_exam
from tests.promises import promise

Move = Callable[[timedelta], None]
PAGE = "/learn/judged/record"


@pytest.fixture
def place(ana: Person) -> Enrollment:
    return enroll(ana, make_course(slug="judged", evaluation=survey()))


def rows(browser: Client) -> list[dict[str, str]]:
    answer = browser.get(f"{PAGE}.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="record-judged.csv"'
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def record(browser: Client) -> dict[str, Any]:
    answer = browser.get(f"{PAGE}.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="record-judged.json"'
    found: dict[str, Any] = json.loads(answer.content)
    return found


@promise("A4")
def test_progress_scores_and_completion_are_stored_and_can_be_taken_along(
    browser: Client, ana: Person, place: Enrollment, move_clock: Move
) -> None:
    lesson = place.course_version.lessons.all()[0]
    sit(place, lesson, seconds=70)
    first = record(browser)
    assert [one["counted_seconds"] for one in first["lessons"]] == [70, 0]
    assert (first["attempts"], first["completion"], first["evaluated_at"]) == ([], None, None)
    states = [row["state"] for row in rows(browser) if row["what"] == "lesson"]
    assert states == ["in progress", "not begun"]

    move_clock(timedelta(minutes=10))
    sit_all(place)
    take_exam(ana, place, right=1)
    move_clock(timedelta(minutes=5))
    take_exam(ana, place, right=3)
    said: dict[str, int | str] = {"first": 4, "teacher": 5, "pace": 1, "words": "Longer."}
    done = evaluation.answer(subject_id=ana.pk, slug="judged", answers=said, by=ana.actor)
    assert done

    found = record(browser)
    assert [(one["percent"], one["passed"]) for one in found["attempts"]] == [
        (25, False),
        (75, True),
    ]
    assert found["attempts"][0]["review"]
    assert [one["counted_seconds"] for one in found["lessons"]] == [120, 120]
    assert found["completion"]["score_percent"] == 75
    told = datetime.fromisoformat(found["completion"]["completed_at"])
    assert abs(told - done.completed_at) < timedelta(milliseconds=1)
    assert {one["question"]: one["answer"] for one in found["evaluation"]} == {
        "I can do objective 1.": 4,
        "The instructor was clear.": 5,
        "The pace was": "right",
        "What should we change?": "Longer.",
    }
    lines = rows(browser)
    assert [line["what"] for line in lines] == [
        "course",
        "lesson",
        "lesson",
        "attempt",
        "attempt",
        "evaluation",
        "completion",
    ]
    assert [line["state"] for line in lines] == [
        "completed",
        "done",
        "done",
        "not passed",
        "passed",
        "answered",
        "completed",
    ]
    page = browser.get(f"{PAGE}/").content.decode()
    assert "25%, 1 / 4" in page
    assert "75%, 3 / 4" in page
    assert f'href="{PAGE}.csv"' in page
    assert f'href="{PAGE}/"' in browser.get("/learn/judged/").content.decode()


def test_the_record_gives_no_exam_away(browser: Client, ana: Person, place: Enrollment) -> None:
    sit_all(place)
    begin_exam(ana, place)
    running = record(browser)["attempts"][0]
    assert (running["percent"], running["passed"], running["ended_at"]) == (None, None, None)
    everything = "".join(
        browser.get(address).content.decode()
        for address in (f"{PAGE}/", f"{PAGE}.json", f"{PAGE}.csv")
    )
    for line in attempts.answers(place.attempts.get()):
        assert line.item.question.stem not in everything
        assert line.item.question.explanation not in everything


def test_it_stays_when_the_access_has_ended_and_is_nobody_elses(
    browser: Client, stranger: Client, place: Enrollment
) -> None:
    Enrollment.objects.update(expires_at=place.created_at)
    for address in (f"{PAGE}/", f"{PAGE}.json", f"{PAGE}.csv"):
        assert browser.get(address).status_code == 200
        assert stranger.get(address).status_code == 404


@pytest.mark.parametrize("tries", [1, 3])
def test_the_record_takes_as_many_queries_for_many_attempts_as_for_one(
    browser: Client,
    ana: Person,
    tries: int,
    move_clock: Move,
    django_assert_max_num_queries: Any,
) -> None:
    place = enroll(ana, make_course(slug="judged", attempts=3))
    sit_all(place)
    for _ in range(tries):
        take_exam(ana, place, right=0)
        move_clock(timedelta(minutes=6))
    record(browser)  # after so long the session is noted as seen
    with django_assert_max_num_queries(5):
        assert len(record(browser)["attempts"]) == tries


def test_less_than_a_minute_is_told_in_seconds(browser: Client, place: Enrollment) -> None:
    sit(place, place.course_version.lessons.all()[0], seconds=51)
    page = browser.get(f"{PAGE}/").content.decode()
    assert ">51 s<" in page
    assert ">not begun<" in page
