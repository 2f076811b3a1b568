"""The colors of the design can be told apart, in light and in dark (WCAG 2.2, 1.4.3 and 1.4.11)."""

import gzip
import re
from pathlib import Path

import pytest

from creditable.web import ui
from creditable.web.ui.provider import PAPER, contrast

STATIC = Path(ui.__file__).parent / "static" / "ui"
PAIR = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
TOKENS = {
    name: {"light": light, "dark": dark}
    for name, light, dark in PAIR.findall((STATIC / "tokens.css").read_text(encoding="utf-8"))
}
GROUNDS = ("paper", "raised", "sunken")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_is_legible_on_every_ground(mode: str) -> None:
    pairs = [(text, ground) for text in ("ink", "muted", "accent") for ground in GROUNDS]
    pairs += [(text, ground) for text in ("good", "warn", "bad") for ground in GROUNDS]
    pairs += [(state, f"{state}-tint") for state in ("good", "warn", "bad")]
    pairs += [("ink", f"{state}-tint") for state in ("good", "warn", "bad")]
    pairs += [("on-accent", "accent"), ("accent", "tint"), ("ink", "tint")]

    weak = {
        pair: round(contrast(TOKENS[pair[0]][mode], TOKENS[pair[1]][mode]), 2)
        for pair in pairs
        if contrast(TOKENS[pair[0]][mode], TOKENS[pair[1]][mode]) < 4.5
    }
    assert weak == {}


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_edge_of_a_control_is_seen(mode: str) -> None:
    for ground in GROUNDS:
        assert contrast(TOKENS["line-strong"][mode], TOKENS[ground][mode]) >= 3


def test_the_provider_is_checked_against_the_paper_that_is_used() -> None:
    assert TOKENS["paper"] == PAPER


def test_the_design_is_light_enough_to_travel() -> None:
    """A page may weigh 60 KB compressed besides media and fonts; the design leaves most of it."""
    parts = [path for path in STATIC.iterdir() if path.suffix in {".css", ".js"}]

    assert len(parts) >= 6
    assert sum(len(gzip.compress(path.read_bytes())) for path in parts) < 15_000
