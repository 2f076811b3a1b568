"""What the demo providers' courses promise: honest minutes, fair exams, drawings for everybody."""

import hashlib
import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from creditable.catalog.importing import read_course
from creditable.ops.demonstration import providers

DEMO = Path(__file__).parents[2] / "demo"
PROVIDERS = [DEMO / name for name in providers()]
FOLDERS = [path for provider in PROVIDERS for path in sorted((provider / "courses").iterdir())]
DRAWINGS = sorted(DEMO.rglob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"
PICTURE = re.compile(r'!\[([^\]]*)\]\((\S+) "([^"]*)"\)')

WORDS_A_MINUTE = (75, 150)  # reading to learn, with figures, exercises and self-checks
LEAST_TEXT = 14
MOST_TRUE_FALSE = 0.15


def _yaml(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def _lessons(course: dict[str, Any]) -> list[dict[str, Any]]:
    return [lesson for module in course["modules"] for lesson in module["lessons"]]


def _films(course: dict[str, Any]) -> list[dict[str, str]]:
    return [lesson["video"] for lesson in _lessons(course) if "video" in lesson]


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture
def course(folder: Path) -> dict[str, Any]:
    return _yaml(folder / "course.yaml")


@pytest.fixture
def questions(folder: Path, course: dict[str, Any]) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = _yaml(folder / course["exam"]["bank"])["questions"]
    return read


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
class TestProvider:
    def test_it_has_one_full_course_and_drawings_to_look_at(self, provider: Path) -> None:
        courses = [_yaml(path) for path in provider.glob("courses/*/course.yaml")]
        assert max(course["credit_minutes"] for course in courses) >= 60
        assert len(list(provider.rglob("*.svg"))) >= 5

    def test_it_cannot_be_mistaken_for_a_real_company(self, provider: Path) -> None:
        told = _yaml(provider / "provider.yaml")
        assert "fictional" in told["legal_name"]
        for part in (told, told["privacy_contact"]):
            assert part["email"].endswith((".example.com", ".test"))
            assert re.fullmatch(r"\+1 \d{3} 555 01\d\d", part["phone"])
        for number in told["provider_numbers"]:
            assert "Demo" in number["note"]


class TestCourse:
    def test_the_importer_takes_it_whole(self, folder: Path, course: dict[str, Any]) -> None:
        draft = read_course(folder)
        assert (draft.slug, len(draft.lessons)) == (folder.name, len(_lessons(course)))
        assert {medium.path for medium in draft.media} == {
            f"media/{path.name}" for path in (folder / "media").iterdir()
        }

    def test_the_lessons_take_as_long_as_the_credit(self, course: dict[str, Any]) -> None:
        assert sum(lesson["minutes"] for lesson in _lessons(course)) == course["credit_minutes"]

    def test_no_approval_counts_more_than_the_course(self, course: dict[str, Any]) -> None:
        assert course["approvals"]
        for approval in course["approvals"]:
            assert sum(approval["minutes"].values()) <= course["credit_minutes"]

    def test_a_lesson_holds_enough_to_fill_its_minutes(
        self, folder: Path, course: dict[str, Any]
    ) -> None:
        for lesson in _lessons(course):
            words = len((folder / lesson["file"]).read_text(encoding="utf-8").split())
            assert WORDS_A_MINUTE[0] <= words / lesson["minutes"] <= WORDS_A_MINUTE[1], lesson

    def test_every_lesson_ends_with_questions_and_as_many_answers(
        self, folder: Path, course: dict[str, Any]
    ) -> None:
        for lesson in _lessons(course):
            text = (folder / lesson["file"]).read_text(encoding="utf-8")
            asked, answered = text.split("### Check yourself")[1].split("#### Answers")
            count = len(re.findall(r"^\d\. ", asked, re.MULTILINE))
            assert count >= 3
            assert len(re.findall(r"^\d\. ", answered, re.MULTILINE)) == count, lesson["slug"]

    def test_every_picture_is_there_and_described_and_every_drawing_is_used(
        self, folder: Path, course: dict[str, Any]
    ) -> None:
        shown = {course["picture"]}
        for lesson in _lessons(course):
            for description, path, caption in PICTURE.findall(
                (folder / lesson["file"]).read_text(encoding="utf-8")
            ):
                assert len(description) > 40, (lesson["slug"], path)
                assert caption.endswith((".", "?")), (lesson["slug"], path)
                assert (folder / path).is_file()
                shown.add(path)
        shown |= {path for film in _films(course) for path in film.values()}
        assert shown == {f"media/{path.name}" for path in (folder / "media").iterdir()}

    def test_it_names_its_sources_with_the_day_they_were_read(self, course: dict[str, Any]) -> None:
        assert course["sources"]
        for source in course["sources"]:
            assert source["url"].startswith(("https://", "http://"))
            assert date(2026, 1, 1) <= source["checked"] <= date(2026, 12, 31)

    def test_an_evaluation_judges_every_objective_and_the_instructor(
        self, course: dict[str, Any]
    ) -> None:
        asked = course.get("evaluation", {"questions": []})["questions"]
        judged = {question["objective"] for question in asked if "objective" in question}
        assert judged == (set(range(1, len(course["objectives"]) + 1)) if asked else set())
        assert any(question.get("instructor") for question in asked) == bool(asked)


class TestFilm:
    def test_every_word_is_captioned_and_no_silence_is_long(self) -> None:
        films = [
            lesson.video
            for folder in FOLDERS
            for lesson in read_course(folder).lessons
            if lesson.video
        ]
        assert films
        for film in films:
            assert film.transcript[0].start < 3_000
            assert film.milliseconds - film.transcript[-1].end < 5_000
            gaps = [after.start - before.end for before, after in pairwise(film.transcript)]
            assert max(gaps) < 6_000
            for cue in film.transcript:
                words = len(cue.text.split()) / (cue.end - cue.start) * 60_000
                assert words < 260, cue.text

    def test_it_is_small_and_says_how_it_was_made(self) -> None:
        films = sorted(DEMO.rglob("*.webm"))
        assert films
        for film in films:
            assert film.stat().st_size < 6_000_000
            (source,) = (path for path in film.parents if (path / "SOURCE.txt").exists())
            told = (source / "SOURCE.txt").read_text(encoding="utf-8")
            assert film.relative_to(source).as_posix() in told
            assert hashlib.sha256(film.read_bytes()).hexdigest() in told


class TestExam:
    def test_every_question_has_one_right_answer_and_says_why(
        self, questions: list[dict[str, Any]]
    ) -> None:
        for question in questions:
            choices = [choice.strip().casefold() for choice in question["choices"]]
            assert (
                len(set(choices))
                == len(choices)
                == {"single": 4, "true_false": 2}[question["kind"]]
            ), question["ref"]
            assert type(question["answer"]) is int
            assert 0 <= question["answer"] < len(choices), question["ref"]
            assert len(question["explanation"]) > 20, question["ref"]

    def test_no_question_stands_twice(self, questions: list[dict[str, Any]]) -> None:
        for key in ("ref", "stem"):
            twice = [word for word, n in Counter(q[key] for q in questions).items() if n > 1]
            assert not twice

    def test_the_bank_is_at_least_twice_the_exam(
        self, course: dict[str, Any], questions: list[dict[str, Any]]
    ) -> None:
        assert len(questions) >= 2 * course["exam"]["questions"]

    def test_few_questions_can_be_tossed_for(self, questions: list[dict[str, Any]]) -> None:
        tossed = sum(question["kind"] == "true_false" for question in questions)
        assert tossed / len(questions) <= MOST_TRUE_FALSE

    def test_the_place_of_the_right_answer_gives_nothing_away(
        self, questions: list[dict[str, Any]]
    ) -> None:
        places = Counter(q["answer"] for q in questions if q["kind"] == "single")
        assert max(places.values()) - min(places.values()) <= 1
        assert set(places) == {0, 1, 2, 3}

    def test_the_longest_answer_is_no_hint(self, questions: list[dict[str, Any]]) -> None:
        single = [q for q in questions if q["kind"] == "single"]
        longest = sum(len(q["choices"][q["answer"]]) > max(map(len, _wrong(q))) for q in single)
        assert longest / len(single) <= 0.5

    def test_every_lesson_and_objective_is_asked_about_and_no_other(
        self, course: dict[str, Any], questions: list[dict[str, Any]]
    ) -> None:
        assert {q["lesson"] for q in questions} == {lesson["slug"] for lesson in _lessons(course)}
        assert {q["objective"] for q in questions} == set(range(1, len(course["objectives"]) + 1))


def _wrong(question: dict[str, Any]) -> list[str]:
    choices: list[str] = list(question["choices"])
    del choices[question["answer"]]
    return choices


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.name)
class TestDrawing:
    def test_it_says_what_it_shows(self, path: Path) -> None:
        root = ET.parse(path).getroot()
        assert root.tag == f"{SVG}svg"
        assert root.get("viewBox")
        assert root.get("role") == "img"
        labels = [root.find(f"{SVG}{part}") for part in ("title", "desc")]
        assert root.get("aria-labelledby") == " ".join(
            label.get("id", "") for label in labels if label is not None
        )
        assert all(label is not None and (label.text or "").strip() for label in labels)

    def test_it_runs_and_loads_nothing_and_brings_its_own_colors(self, path: Path) -> None:
        for element in ET.parse(path).iter():
            assert element.tag.removeprefix(SVG) not in {
                "script",
                "style",
                "foreignObject",
                "image",
                "use",
                "a",
            }
            for name, value in element.attrib.items():
                assert not name.startswith("on")
                assert not name.endswith("href")
                assert "url(" not in value
                assert value != "currentColor"

    def test_its_words_are_large_enough(self, path: Path) -> None:
        for text in ET.parse(path).iter(f"{SVG}text"):
            assert float(text.get("font-size", "0")) >= LEAST_TEXT, text.text
