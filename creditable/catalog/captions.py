"""Captions (WebVTT) read strictly; the transcript is made from them, so the two cannot part.

Taken is what captions need: cues with plain text, whose order is that of the video. Voices
(`<v Name>`) become part of the text; `<i>`, `<b>` and `<u>` are allowed; style, regions and
positions are not, because the player has its own look.
"""

import html
import re
from dataclasses import dataclass, field

from creditable.catalog.media import Fault

STAMP = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
TIMING = re.compile(rf"{STAMP}[ \t]+-->[ \t]+{STAMP}")
TAG = re.compile(r"</?[ibu]>|</v>")
VOICE = re.compile(r"<v ([^<>]{1,60})>")
LONGEST_CUE = 10_000
LONGEST_TEXT = 200
LATEST = 500  # how far the last cue may outlast the video: players round


@dataclass(frozen=True, slots=True)
class Cue:
    """A line of the transcript: from `start` up to `end`, in milliseconds of the video."""

    start: int
    end: int
    text: str


@dataclass
class Captions:
    """What was read, and what is wrong with it."""

    cues: list[Cue] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, message: str, cure: str) -> None:
        self.faults.append(Fault(line, message, cure))


def read(text: str, length: int) -> Captions:
    """Reads the text of a WebVTT file that belongs to a video of `length` milliseconds."""
    found = Captions()
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        found.fault(1, "the captions do not begin with WEBVTT", "Begin with it.")
        return found
    block: list[str] = []
    for number, line in enumerate([*lines[1:], ""], start=2):
        if line.strip():
            block.append(line)
        elif block:
            if not re.match(r"NOTE\b", block[0]):
                _block(block, number - len(block), length, found)
            block = []
    if not found.cues and not found.faults:
        found.fault(1, "the captions say nothing", "Write what is said and heard.")
    return found


def _block(block: list[str], line: int, length: int, found: Captions) -> None:
    if re.fullmatch(r"(STYLE|REGION)[ \t]*", block[0]):
        found.fault(
            line, f"{block[0].strip()} is not taken", "Remove it: the player has its own look."
        )
        return
    if "-->" not in block[0]:  # the name of a cue
        block, line = block[1:], line + 1
    times = TIMING.match(block[0].strip()) if block else None
    if not times:
        found.fault(line, "no times that can be read", "Write them as 00:01.000 --> 00:04.500.")
        return
    if times.end() < len(block[0].strip()):
        found.fault(line, "a position stands behind the times", "Remove it.")
    start, end = _milliseconds(*times.groups()[:4]), _milliseconds(*times.groups()[4:])
    _in_order(start, end, line, length, found)
    found.cues.append(Cue(start, end, _words(block[1:], line + 1, found)))


def _in_order(start: int, end: int, line: int, length: int, found: Captions) -> None:
    if end <= start:
        found.fault(line, "the cue ends before it begins", "Exchange the times.")
    elif end - start > LONGEST_CUE:
        found.fault(line, "the cue stands for more than 10 seconds", "Split it.")
    elif end > length + LATEST:
        found.fault(line, "the cue ends after the video", "Correct its times.")
    if found.cues and start < found.cues[-1].end:
        found.fault(line, "the cue begins before the one above it ends", "Move it behind.")


def _words(lines: list[str], first: int, found: Captions) -> str:
    kept = []
    for number, line in enumerate(lines, start=first):
        bare = TAG.sub("", VOICE.sub(r"\1: ", line))
        if "<" in bare or ">" in bare:
            found.fault(number, "a tag that is not taken", "Use plain text; write &lt; for a <.")
        kept.append(html.unescape(bare))
    words = " ".join(" ".join(kept).split())
    if not words:
        found.fault(first - 1, "the cue has no text", "Write it or remove the cue.")
    elif len(words) > LONGEST_TEXT:
        found.fault(first, f"the cue has {len(words)} characters", f"Keep it below {LONGEST_TEXT}.")
    return words


def _milliseconds(hours: str | None, minutes: str, seconds: str, rest: str) -> int:
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(rest)
