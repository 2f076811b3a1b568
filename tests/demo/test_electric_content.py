"""What the electric provider's courses say is true.

The distances and depths are compared with the tables of 29 CFR part 1910, subpart S, as
written down here from the regulation and not from the lessons.
"""

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

PROVIDER = Path(__file__).parents[2] / "demo" / "electric"
FOLDERS = sorted((PROVIDER / "courses").iterdir())
SUBPART_S = PROVIDER / "courses" / "electrical-safety-subpart-s"


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


def test_there_are_three_courses_and_drawings_to_look_at() -> None:
    assert len(FOLDERS) == 3
    assert len(list(PROVIDER.rglob("*.svg"))) >= 20


def test_it_restates_no_private_code(folder: Path) -> None:
    """The National Electrical Code and NFPA 70E are copyrighted; OSHA's rules are public."""
    for path in [*folder.rglob("*.md"), *folder.rglob("*.yaml")]:
        assert not re.search(r"\b(NEC|NFPA|National Electrical Code)\b", path.read_text())


def test_what_an_explanation_cites_stands_in_a_lesson(folder: Path) -> None:
    """The paragraph, without its last step, so that the lesson may cite more closely."""
    questions = _yaml(folder / "bank.yaml")["questions"]
    text = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("lessons/*.md"))
    cited = {
        section
        for question in questions
        for section in re.findall(r"1910\.\d+(?:\([a-z]\))?(?:\(\d\))?", question["explanation"])
    }
    assert cited
    assert not {section for section in cited if section not in text}


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
