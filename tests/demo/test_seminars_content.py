"""What the seminars' courses promise beyond what every course does: an hour of ethics that is one,
and law that a lesson names before an exam asks about it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from creditable.catalog.importing import read_course

COURSES = Path(__file__).parents[2] / "demo" / "seminars" / "courses"
ETHICS = COURSES / "ethics-between-sessions"
SECTION = re.compile(r"\b(?:160|164|2)\.\d+(?:\([a-z]\))?(?:\(\d\))?")
STATES = {"California": "43.92", "Florida": "491.0147", "Texas": "chapter 611"}


def _yaml(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def _text(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("lessons/*.md")))


def test_the_hour_of_ethics_is_one() -> None:
    draft = read_course(ETHICS)
    (film,) = (lesson.video for lesson in draft.lessons if lesson.video)
    spoken = sum(len(cue.text.split()) for cue in film.transcript)
    assert 180_000 <= film.milliseconds <= 360_000
    assert 7_500 <= len(_text(ETHICS).split()) + spoken <= 9_000
    assert draft.credit_minutes == 60
    assert len(draft.bank.questions) >= 24
    assert draft.evaluation
    assert draft.evaluation.required


@pytest.mark.parametrize("folder", sorted(COURSES.iterdir()), ids=lambda folder: folder.name)
def test_a_section_that_an_explanation_cites_stands_in_a_lesson(folder: Path) -> None:
    text = _text(folder)
    questions = _yaml(folder / "bank.yaml")["questions"]
    cited = {found for q in questions for found in SECTION.findall(q["explanation"])}
    assert not {section for section in cited if section not in text}


def test_the_states_are_told_apart_each_with_its_law() -> None:
    text = (ETHICS / "lessons" / "05-must-may-must-not.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\w+), ([^|]+) \|", text, re.MULTILINE))
    assert rows.keys() == STATES.keys()
    for state, law in STATES.items():
        assert law in rows[state]


@pytest.mark.parametrize("folder", sorted(COURSES.iterdir()), ids=lambda folder: folder.name)
def test_who_teaches_says_what_they_are_paid_for(folder: Path) -> None:
    bio = _yaml(folder / "course.yaml")["instructor"]["bio"]
    assert "(fictional)" in bio
    assert "Disclosure: " in bio
