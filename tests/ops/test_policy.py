"""What `./do policy` tells whoever writes a policy."""

import json
import shutil
from pathlib import Path

import pytest

from creditable.disclosure import policies
from creditable.lib.actor import Actor
from creditable.ops import policy as command
from creditable.policy import document, notice
from creditable.policy.compare import Widening
from creditable.policy.contents import Cell
from tests.ops.conftest import ROOT
from tests.policy import example

ELECTRIC = ROOT / "demo" / "electric" / "policy" / "1"


@pytest.fixture
def electric(tmp_path: Path) -> Path:
    """A copy to write in."""
    copy = tmp_path / "electric"
    shutil.copytree(ELECTRIC, copy)
    return copy


def rewrite(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    words = path.read_text(encoding="utf-8")
    assert old in words
    path.write_text(words.replace(old, new), encoding="utf-8")


def versions(folder: Path, *changes: tuple[str, str]) -> tuple[Path, Path]:
    """The example, and the version after it with pieces of its text exchanged."""
    old, new = folder / "old", folder / "new"
    old.mkdir()
    new.mkdir()
    return example.write(old), example.write(
        new, ("version: 2\n  supersedes: 1", "version: 3\n  supersedes: 2"), *changes
    )


def test_a_sound_version_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["check", str(ELECTRIC)]) == 0
    policy = document.load(ELECTRIC)
    said = capsys.readouterr().out
    assert f"{policy.id} version 1 is sound: {len(policy.clauses)} clauses" in said
    assert policy.sha256 in said


def test_every_fault_is_told_with_its_line_and_a_cure(
    electric: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(electric, "rules.yaml", "purpose: refund\n", "purpose: refunds\n")
    rewrite(electric, "policy.yaml", "basis: legal_obligation", "basis: habit")
    assert command.main(["check", str(electric)]) == 1
    faults = capsys.readouterr().err.splitlines()
    assert len(faults) == 2
    for fault, file in zip(sorted(faults), ("policy.yaml", "rules.yaml"), strict=True):
        place, _, told = fault.partition(": ")
        path, _, line = place.rpartition(":")
        assert Path(path).name == file
        assert "habit" in fault or "refunds" in fault
        words = Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert "habit" in words or "refunds" in words
        assert ". Use one of: " in told


def test_a_version_without_the_words_of_the_data_maps_does_not_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["check", str(example.write(tmp_path))]) == 1
    faults = capsys.readouterr().err.splitlines()
    assert all("data_map.yaml:" in fault for fault in faults)
    assert any("people_license.number: 'user.government_id.ce_license'" in one for one in faults)


@pytest.mark.parametrize("whose", ["electric", "example"])
def test_the_text_is_shown_whole_and_below_each_clause_what_keeps_it(
    whose: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ELECTRIC if whose == "electric" else example.write(tmp_path)
    policy = document.load(folder)
    assert command.main(["show", str(folder), "--rules"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    references = 0
    for section in notice.sections(policy):
        assert section.title in shown
        for paragraph in section.paragraphs:
            assert paragraph.text in shown
            for reference in paragraph.binds:
                assert f"- {reference}: {notice.binding(policy, reference)}" in shown
                references += 1
            for row in paragraph.table.rows if paragraph.table else ():
                assert all(cell in shown for cell in row)
    assert references == sum(len(clause.binds) for clause in policy.clauses) > 5
    assert command.main(["show", str(folder)]) == 0
    assert "measure." not in capsys.readouterr().out


def test_a_new_version_is_told_by_sentences_cells_and_bounds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = versions(
        tmp_path,
        ("unless: [offers.others]", "unless: []"),
        ("We may rent", "We do rent"),
        ("keep: P7Y", "keep: P10Y"),
    )
    assert command.main(["diff", str(old), str(new)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "version 2 -> version 3" in shown
    assert "We [-may-] {+do+} rent" in shown
    assert notice.because(["choice lost"]) in shown
    assert "retention.order: 7 years -> 10 years (weaker)" in shown
    assert command.main(["diff", str(new), str(old)]) == 0
    back = " ".join(capsys.readouterr().out.split())
    assert "Cells that let out more: 0" in back
    assert "(stronger)" in back


def test_machines_get_the_same_in_the_shape_that_is_written_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = versions(
        tmp_path,
        ("unless: [offers.others]", "unless: []"),
        ("purpose: licensure, channel: https", "purpose: licensure, channel: manual"),
        ("P7Y", "P10Y"),
    )
    assert command.main(["diff", str(old), str(new), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["old"]) == set(found["new"]) == {"id", "version", "sha256"}
    cell = {"category", "recipient", "purpose", "channel", "group"}
    shapes = {
        "sentences": {"clause", "old", "new", "words"},
        "widened": {*cell, "was", "reasons", "columns"},
        "narrowed": cell,
        "bounds": {"what", "old", "new", "weaker"},
    }
    assert set(found) == {"old", "new", *shapes}
    for name, keys in shapes.items():
        assert found[name], name
        assert all(set(entry) == keys for entry in found[name]), name
    written = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    for keys in shapes.values():
        assert all(f"`{key}`" in written for key in keys)


def test_a_block_of_cells_says_of_each_group_no_more_than_is_so() -> None:
    """Names of customers and visitors, addresses of customers alone: two sentences."""
    cells = [
        ("user.name", "customer"),
        ("user.name", "visitor"),
        ("user.contact.address.city", "customer"),
    ]
    made = [Cell(category, "self", "order", "smtp", group) for category, group in cells]
    blocks = command.blocks(Widening(cell, cell, ("new",)) for cell in made)
    assert [{widening.cell for widening in block} for block in blocks] == [
        {made[0], made[2]},
        {made[1]},
    ]


@pytest.mark.django_db
def test_published_versions_are_named_by_their_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = versions(tmp_path, ("unless: [offers.others]", "unless: []"))
    for folder in (old, new):
        policies.publish(policy=document.load(folder), by=Actor.system("tests"))
    monkeypatch.setattr(command, "_enter", lambda data: None)
    assert command.main(["diff", str(old), str(new), "--json", "--data", "x"]) == 0
    by_folder = capsys.readouterr().out
    for words in (["2", "3"], ["2", str(new)]):
        assert command.main(["diff", *words, "--json", "--data", "x"]) == 0
        assert capsys.readouterr().out == by_folder
    assert command.main(["diff", "2", "4", "--data", "x"]) == 1
    assert "Version 4 is not published there (2, 3 is)" in capsys.readouterr().err
    assert command.main(["diff", "2", "3"]) == 1
    assert "of which installation" in capsys.readouterr().err
