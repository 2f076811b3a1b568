"""docs/how-to/write-a-course.md says what the importer takes."""

import re
from pathlib import Path

import pytest

from creditable.catalog import importing
from creditable.catalog.importing import ImportRefused

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs" / "how-to" / "write-a-course.md").read_text(encoding="utf-8")
FILE = re.compile(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The course of the guide."""
    for name, content in FILE.findall(GUIDE):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


def test_the_example_is_a_course(folder: Path) -> None:
    draft = importing.read_course(folder)
    assert draft.slug == "ladder-check"
    assert len(draft.lessons) == 1
    assert len(draft.bank.questions) == 2
    assert draft.evaluation
    assert len(draft.evaluation.questions) == 4
    assert draft.in_order


def test_a_file_that_nothing_names_is_refused_as_the_guide_says(folder: Path) -> None:
    (folder / "notes.txt").write_text("later")
    with pytest.raises(ImportRefused, match="does not name this file"):
        importing.read_course(folder)


def test_every_key_that_the_importer_takes_stands_in_the_guide() -> None:
    source = (ROOT / "creditable" / "catalog" / "importing.py").read_text(encoding="utf-8")
    keys = set(re.findall(r'entries(?:\.get\("|\[")(\w+)"', source))
    assert len(keys) > 30
    assert {key for key in keys if not re.search(rf"\b{key}\b", GUIDE)} == set()
