"""No template carries what the policy of content security would refuse."""

import re
from pathlib import Path

import pytest

import creditable

ROOT = Path(creditable.__file__).parent
REFUSED = re.compile(
    r"""<style|\sstyle\s*=|\son[a-z]+\s*=\s*["']|<script(?![^>]*\ssrc=)|javascript:""",
    re.IGNORECASE,
)
OUTSIDE = re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE)


def pages() -> list[Path]:
    """The templates of pages. Letters are read by mail programs, which know no style sheets."""
    return [
        path
        for path in ROOT.glob("**/templates/**/*")
        if path.suffix in {".html", ".svg"} and "mail" not in path.parts
    ]


def test_templates_hold_no_style_and_no_script() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in pages()
        for match in REFUSED.finditer(path.read_text(encoding="utf-8"))
    }

    assert len(pages()) > 20
    assert found == set()


def test_templates_load_nothing_from_elsewhere() -> None:
    assert [path for path in pages() if OUTSIDE.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "planted",
    [
        '<p style="color: red">',
        "<style>p {}</style>",
        "<script>alert(1)</script>",
        '<script type="module">import "x"</script>',
        '<button onclick="go()">',
        '<a href="javascript:go()">',
    ],
)
def test_the_guard_bites(planted: str) -> None:
    assert REFUSED.search(planted)


def test_the_guard_lets_a_module_pass() -> None:
    assert not REFUSED.search('<script type="module" src="/static/ui/ui.js"></script>')
