"""`./do verdict`: a case in, the verdict out, and no traceback whatever is put in."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from creditable.credit import atlas
from creditable.ops import verdict
from creditable.ops.processes import ROOT

CASE = {
    "authority": "US-TX-TDLR-ELEC",
    "license": {
        "type": "journeyman electrician",
        "issued": "2025-06-16",
        "expires": "2026-06-15",
        "roles": [],
    },
    "renewal_date": "2026-06-10",
    "completions": [
        {
            "course": "TX-1001",
            "approval": "TX-1001",
            "finished": "2025-07-20",
            "units": 4,
            "topics": {"NEC": 2, "law": 1, "safety": 1},
            "mode": "self_paced",
            "provider": "Somebody",
        }
    ],
    "facts": {},
}


def run(*words: str, given: bytes = b"") -> Any:
    return subprocess.run(
        [sys.executable, "-m", "creditable.ops.verdict", *words],
        cwd=ROOT,
        input=given,
        capture_output=True,
        check=False,
    )


def test_the_verdict_is_json() -> None:
    done = run(given=json.dumps(CASE).encode())
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)
    assert (found["verdict"], found["required"], found["counted"]) == ("met", 4, 4)
    assert found["lines"][0]["completion"] == 0


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (b"", "line 1"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"authority": "US-TX-TDLR"}', "authority"),
        (json.dumps({**CASE, "renewal_date": "2026-02-30"}).encode(), "renewal_date"),
    ],
)
def test_what_cannot_be_judged_says_why_and_fails(given: bytes, place: str) -> None:
    done = run(given=given)
    assert done.returncode == 2
    assert done.stdout == b""
    assert place in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_the_words_of_an_authority_are_described() -> None:
    told = json.loads(run("--describe", "US-TX-BHEC-LPC").stdout)
    assert set(told["topics"]) == {"ethics", "cultural", "supervision"}
    assert "lpc" in told["license_types"]
    assert "supervisor" in told["roles"]
    assert "jurisprudence_exam" in told["facts"]
    done = run("--describe", "US-XX")
    assert (done.returncode, done.stdout) == (2, b"")


def test_a_pack_that_contradicts_itself_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "us-me-elec"
    shutil.copytree(atlas.SHIPPED / folder.name, folder)
    path = folder / "rules.yaml"
    text = path.read_text().replace("term_months: {value: 24", "term_months: {value: -24")
    path.write_text(text)
    line = text[: text.index("term_months")].count("\n") + 1
    monkeypatch.setattr(atlas, "SHIPPED", tmp_path)
    forget()
    try:
        assert verdict.main(["--describe", "US-ME-ELEC"]) == 2
    finally:
        monkeypatch.undo()
        forget()
    assert f"rules.yaml:{line}: versions[0].facts.term_months" in capsys.readouterr().err


def forget() -> None:
    """The packs that were read before."""
    atlas.folders.cache_clear()
    atlas.find.cache_clear()


def test_all_authorities_are_listed() -> None:
    assert run("--list").stdout.decode().split() == atlas.rows()


def test_it_starts_without_the_framework() -> None:
    """So that it answers at once, and needs no settings and no database."""
    loads = "import sys, creditable.ops.verdict; print('django' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", loads], cwd=ROOT, capture_output=True, check=True, env={}
    )
    assert done.stdout.strip() == b"False"
