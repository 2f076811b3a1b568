"""What the README says is where it says."""

import re
from pathlib import Path

from tests.architecture.source import ROOT

ROW = re.compile(r"^\| (?!what|---)(.+?) \| (.+?) \|$", re.MULTILINE)
PLACE = re.compile(r"`([^`]+)`")


def missing(text: str, root: Path) -> list[str]:
    """Places that the table names and that are not there, or are empty."""
    places = [place for _, cell in ROW.findall(text) for place in PLACE.findall(cell)]
    assert len(places) > 10, "the table was not found"
    return [place for place in places if not _holds_something(root / place)]


def _holds_something(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else path.is_file() and path.stat().st_size > 0


def test_every_place_of_the_table_is_there() -> None:
    assert missing((ROOT / "README.md").read_text(encoding="utf-8"), ROOT) == []


def test_a_place_that_moved_is_seen() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    moved = text.replace("creditable/schedule.py", "creditable/timetable.py")
    assert missing(moved, ROOT) == ["creditable/timetable.py"]


def test_the_commands_of_the_readme_are_the_doors() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    door = (ROOT / "do").read_text(encoding="utf-8")
    commands = set(re.findall(r"\./do ([a-z]+)", text)) | set(
        re.findall(r"`(check|run|bench|promises)`", text)
    )
    assert len(commands) >= 6
    for command in commands:
        assert f"./do {command}" in door or f'"{command}"' in door, command
