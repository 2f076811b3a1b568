"""What the electric provider's courses promise: honest minutes, true figures, fair exams.

The distances and depths are compared with the tables of 29 CFR part 1910, subpart S, as
written down here from the regulation and not from the lessons.
"""

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from creditable.catalog.importing import read_course

PROVIDER = Path(__file__).parents[2] / "demo" / "electric"
FOLDERS = sorted((PROVIDER / "courses").iterdir())
SUBPART_S = PROVIDER / "courses" / "electrical-safety-subpart-s"
DRAWINGS = sorted(PROVIDER.rglob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"
PICTURE = re.compile(r'!\[([^\]]*)\]\((\S+) "([^"]*)"\)')

WORDS_A_MINUTE = (75, 150)  # reading to learn, with figures, exercises and self-checks
LEAST_TEXT = 14
MOST_TRUE_FALSE = 0.15

TABLE_S_1 = {
    "0 to 150 volts": ["3 ft", "3 ft", "3 ft"],
    "151 to 600 volts": ["3 ft", "3 ft 6 in", "4 ft"],
}
TABLE_S_5 = {
    "300 V and less": "avoid contact",
    "Over 300 V, not over 750 V": "1 ft 0 in",
    "Over 750 V, not over 2 kV": "1 ft 6 in",
    "Over 2 kV, not over 15 kV": "2 ft 0 in",
    "Over 15 kV, not over 37 kV": "3 ft 0 in",
    "Over 37 kV, not over 87.5 kV": "3 ft 6 in",
    "Over 87.5 kV, not over 121 kV": "4 ft 0 in",
    "Over 121 kV, not over 140 kV": "4 ft 6 in",
}
GLOVES = {"00": 500, "0": 1_000, "1": 7_500, "2": 17_000, "3": 26_500, "4": 36_000}


def _yaml(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def _lessons(course: dict[str, Any]) -> list[dict[str, Any]]:
    return [lesson for module in course["modules"] for lesson in module["lessons"]]


def _rows(text: str) -> dict[str, list[str]]:
    """First cell -> the other cells, without metric figures and bold, of every table row."""
    rows = {}
    for line in re.findall(r"^\|(.+)\|$", text, re.MULTILINE):
        cells = [re.sub(r" \([\d.]+ c?m\)|\*", "", cell).strip() for cell in line.split("|")]
        rows[cells[0]] = cells[1:]
    return rows


def _clearance(kilovolts: int) -> str:
    """1910.333(c)(3)(i): 10 feet, and 4 inches more for every 10 kV over 50 kV to ground."""
    feet, inches = divmod(10 * 12 + max(0, kilovolts - 50) // 10 * 4, 12)
    return f"{feet} feet {inches} inches" if inches else f"{feet} feet"


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


def test_there_are_three_courses_and_drawings_to_look_at() -> None:
    assert len(FOLDERS) == 3
    assert len(DRAWINGS) >= 20


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
        assert shown == {f"media/{path.name}" for path in (folder / "media").iterdir()}

    def test_it_restates_no_private_code(self, folder: Path) -> None:
        """The National Electrical Code and NFPA 70E are copyrighted; OSHA's rules are public."""
        for path in [*folder.rglob("*.md"), *folder.rglob("*.yaml")]:
            assert not re.search(r"\b(NEC|NFPA|National Electrical Code)\b", path.read_text())


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

    def test_what_an_explanation_cites_stands_in_a_lesson(
        self, folder: Path, questions: list[dict[str, Any]]
    ) -> None:
        """The paragraph, without its last step, so that the lesson may cite more closely."""
        text = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("lessons/*.md"))
        cited = {
            section
            for question in questions
            for section in re.findall(
                r"1910\.\d+(?:\([a-z]\))?(?:\(\d\))?", question["explanation"]
            )
        }
        assert cited
        assert not {section for section in cited if section not in text}


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


class TestFiguresOfTheRule:
    def test_working_space(self) -> None:
        rows = _rows((SUBPART_S / "lessons/03-space-and-guarding.md").read_text())
        assert {name: rows[name] for name in TABLE_S_1} == TABLE_S_1

    def test_approach_distances(self) -> None:
        rows = _rows((SUBPART_S / "lessons/08-near-energized-parts.md").read_text())
        assert {name: rows[name][0] for name in TABLE_S_5} == TABLE_S_5

    def test_glove_classes(self) -> None:
        rows = _rows((SUBPART_S / "lessons/09-tools-and-protection.md").read_text())
        assert {name: rows[name][0] for name in GLOVES} == {
            name: f"{volts:,} V" for name, volts in GLOVES.items()
        }

    @pytest.mark.parametrize(
        ("file", "kilovolts"),
        [
            ("electrical-safety-subpart-s/lessons/08-near-energized-parts.md", 70),
            ("electrical-safety-subpart-s/lessons/08-near-energized-parts.md", 80),
            ("electrical-safety-subpart-s/lessons/08-near-energized-parts.md", 90),
            ("electrical-safety-subpart-s/lessons/08-near-energized-parts.md", 100),
            ("ladder-and-lift-safety/lessons/03-lifts-and-lines.md", 70),
            ("ladder-and-lift-safety/lessons/03-lifts-and-lines.md", 80),
        ],
    )
    def test_overhead_lines(self, file: str, kilovolts: int) -> None:
        text = (PROVIDER / "courses" / file).read_text()
        assert re.search(rf"\b{kilovolts}\b", text)
        assert re.search(rf"\b{_clearance(kilovolts)}\b", text)

    @pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
    def test_overhead_lines_in_exams(self, folder: Path) -> None:
        for question in _yaml(folder / "bank.yaml")["questions"]:
            asked = re.search(r"clearance must .* line of (\d+) kilovolts", question["stem"])
            if asked:
                assert question["choices"][question["answer"]] == _clearance(int(asked[1]))

    def test_main_course_is_two_hours_of_prose_and_sixty_questions(self) -> None:
        words = sum(len(path.read_text().split()) for path in SUBPART_S.glob("lessons/*.md"))
        assert 14_000 <= words <= 18_000
        assert len(_yaml(SUBPART_S / "bank.yaml")["questions"]) >= 60
        assert _yaml(SUBPART_S / "course.yaml")["credit_minutes"] == 120


class TestProvider:
    def test_it_cannot_be_mistaken_for_a_real_company(self) -> None:
        provider = _yaml(PROVIDER / "provider.yaml")
        assert "fictional" in provider["legal_name"]
        for part in (provider, provider["privacy_contact"]):
            assert part["email"].endswith((".example.com", ".test"))
            assert re.fullmatch(r"\+1 \d{3} 555 01\d\d", part["phone"])
        for number in provider["provider_numbers"]:
            assert "Demo" in number["note"]

    def test_one_course_has_no_approval_from_texas(self) -> None:
        texas = "us-tx-tdlr-electricians"
        approved = {
            folder.name: any(
                approval["authority"] == texas
                for approval in _yaml(folder / "course.yaml")["approvals"]
            )
            for folder in FOLDERS
        }
        assert Counter(approved.values()) == {True: 2, False: 1}

    def test_the_foreign_bank_is_unchanged_and_names_its_source(self) -> None:
        bank = PROVIDER / "banks" / "technician-2026-2030.json"
        source = (PROVIDER / "banks" / "SOURCE.txt").read_text()
        assert hashlib.sha256(bank.read_bytes()).hexdigest() in source
        assert "Apache License 2.0" in source
        assert "public domain" in source
