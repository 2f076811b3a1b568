"""Captions are read strictly, and the transcript is what they say."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.catalog import captions
from creditable.catalog.captions import Cue

DATA = Path(__file__).parent / "data"
LENGTH = 24_000


def read(body: str) -> captions.Captions:
    return captions.read(f"WEBVTT\n\n{body}", LENGTH)


def test_the_transcript_is_what_the_captions_say() -> None:
    found = captions.read((DATA / "counted.vtt").read_text(), LENGTH)
    assert not found.faults
    assert found.cues[1:4] == [
        Cue(4_000, 8_000, "Narrator: Each second beeps once."),
        Cue(8_500, 14_000, "Half a disc turns once in twelve seconds."),
        Cue(14_000, 19_000, "Ohms & volts stay out of it."),
    ]


def test_lines_may_end_in_any_way_and_hours_may_be_left_out() -> None:
    found = captions.read("\ufeffWEBVTT\r\n\r\n00:00:01.000 --> 00:02.500\r\nHello", LENGTH)
    assert (found.cues, found.faults) == ([Cue(1_000, 2_500, "Hello")], [])


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("00:01.000 --> 00:00.500\nBack", 3, "before it begins"),
        ("00:01 --> 00:02\nShort", 3, "no times"),
        ("00:01.000 -> 00:02.000\nArrow", 4, "no times"),
        ("Hello", 4, "no times"),
        ("00:75.000 --> 00:76.000\nSeconds", 3, "no times"),
        ("00:01.000 --> 00:02.000", 3, "no text"),
        ("00:01.000 --> 00:02.000 line:0\nUp", 3, "position"),
        ("00:01.000 --> 00:12.500\nLong", 3, "10 seconds"),
        ("00:20.000 --> 00:25.000\nLate", 3, "after the video"),
        ("00:01.000 --> 00:03.000\nOne\n\n00:02.000 --> 00:04.000\nTwo", 6, "above it"),
        ("00:01.000 --> 00:02.000\nA <script>x", 4, "tag"),
        ("00:01.000 --> 00:02.000\n" + "x" * 201, 4, "201 characters"),
        ("STYLE\n::cue {color: red}", 3, "STYLE"),
        ("NOTE only this", 1, "nothing"),
    ],
)
def test_a_fault_has_its_line(body: str, line: int, words: str) -> None:
    first = read(body).faults[0]
    assert (first.line, words in first.message) == (line, True), first


def test_what_is_no_webvtt_is_refused() -> None:
    (fault,) = captions.read("1\n00:00:01,000 --> 00:00:02,000\nSubRip", LENGTH).faults
    assert (fault.line, "WEBVTT" in fault.message) == (1, True)


@given(st.text(alphabet="WEBVTT\n0123456789:.-> <v>ab&;/\r"))
def test_whatever_is_read_is_in_order_or_named(text: str) -> None:
    found = captions.read(f"WEBVTT\n{text}", LENGTH)
    assert found.cues or found.faults
    if not found.faults:
        edges = [edge for cue in found.cues for edge in (cue.start, cue.end)]
        assert edges == sorted(edges)
