"""Lessons in Markdown become safe HTML; what would be lost on the way is a fault with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.catalog.media import Looked
from creditable.catalog.writing import render

MEDIA = {
    "media/a.svg": Looked("image/svg+xml", 640, 360),
    "media/a.pdf": Looked("application/pdf", 0, 0),
}


def tags(html: str) -> list[str]:
    return [part.split(">")[0].lower() for part in html.split("<")[1:]]


def test_text_lists_tables_and_code_are_taken() -> None:
    written = render(
        "## Dead\n\nTest **live**, *dead*, `live`.\n\n1. One\n2. Two\n\n"
        "| a | b |\n|---|--:|\n| 1 | 2 |\n\n> Mind the gap\n\n```\ncode < 1\n```\n",
        MEDIA,
    )
    assert written.faults == []
    assert '<h2 id="b1">Dead</h2>' in written.html
    assert '<td class="align-right">2</td>' in written.html
    assert "code &lt; 1" in written.html


def test_every_block_has_its_number_so_that_a_place_can_be_found_again() -> None:
    html = render("One\n\nTwo\n\n- a\n- b\n\n---\n\nFive\n", {}).html
    assert [f'id="b{number}"' in html for number in range(1, 7)] == [True] * 5 + [False]


def test_a_picture_alone_is_a_figure_with_its_caption_and_its_size() -> None:
    written = render('![A "bar" chart](media/a.svg "Currents & harm")\n', MEDIA)
    assert written.media == {"media/a.svg"}
    assert '<figure id="b1"><img src="../media/a.svg" alt="A &quot;bar&quot; chart"' in written.html
    assert 'width="640" height="360"' in written.html
    assert "<figcaption>Currents &amp; harm</figcaption>" in written.html


@pytest.mark.parametrize(
    ("markdown", "line", "words"),
    [
        ("Fine\n\n<b>bold\n", 3, "raw HTML"),
        ("Fine\n\n<script>alert(1)</script>\n", 3, "raw HTML"),
        ("Fine\n\n<!-- note -->\n", 3, "raw HTML"),
        ("# Title\n", 1, "level 1"),
        ("Fine\n\n\n##### Deep\n", 4, "level 5"),
        ("[x](javascript:alert(1))\n", 1, "not taken"),
        ("[x](JaVaScRiPt:alert(1))\n", 1, "not taken"),
        ("[x](data:text/html,x)\n", 1, "not taken"),
        ("<vbscript:x>\n", 1, "not taken"),
        ("[x](../../account/)\n", 1, "not taken"),
        ("[x](//elsewhere.example/)\n", 1, "not taken"),
        ("[x](https://[bad)\n", 1, "not taken"),
        ("Fine\n\n![x](media/missing.svg)\n", 3, "no picture"),
        ("![x](https://elsewhere.example/a.png)\n", 1, "no picture"),
        ("![x](media/a.pdf)\n", 1, "not a picture"),
        ("![](media/a.svg)\n", 1, "no description"),
        ("\n", 1, "empty"),
        ("a\x00b", 1, "zero byte"),
    ],
)
def test_what_cannot_be_taken_is_named_with_its_line(markdown: str, line: int, words: str) -> None:
    (fault,) = render(markdown, MEDIA).faults
    assert fault.line == line
    assert words in fault.message


def test_an_ordinary_link_is_kept() -> None:
    html = render("See [the rule](https://www.ecfr.gov/x) or <mailto:a@b.example>.\n", {}).html
    assert '<a href="https://www.ecfr.gov/x">the rule</a>' in html


@given(st.text(max_size=200))
def test_no_text_whatever_becomes_a_script_or_an_event(markdown: str) -> None:
    written = render(markdown, MEDIA)
    assert not any("script" in tag or " on" in tag for tag in tags(written.html))


@pytest.mark.parametrize(
    "attack",
    [
        "<IMG SRC=javascript:alert('XSS')>",
        "<BODY ONLOAD=alert('XSS')>",
        "[a](java\tscript:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a]: javascript:alert(1)\n\n[a]",
        '![a](media/a.svg"onerror=alert(1))',
        "<svg/onload=alert(1)>",
        "```\n</code></pre><script>alert(1)</script>\n```",
        '[a](https://x.example/"onmouseover=alert(1))',
        "`<script>alert(1)</script>`",
        '```x"onload=alert(1)\ncode\n```',
    ],
)
def test_known_attacks_are_refused_or_only_text(attack: str) -> None:
    written = render(attack, MEDIA)
    assert written.faults or written.html
    assert not any(
        "script" in tag or tag.split("=")[0].endswith(" on") for tag in tags(written.html)
    )
