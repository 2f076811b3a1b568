"""Seat time: which seconds count.

Rule (design of this program; authorities ask for time spent, none says how it is measured): a
page that is being read reports every `BEAT` seconds. The time between two reports counts when
it is no longer than `LONGEST_GAP`; a longer silence is idle and counts nothing. Seconds are
counted once for a person, whatever is open in however many windows, and for a lesson at most
its own minutes. So what is credited never exceeds the time that passed on our clock, nor the
time that the content takes.

A lesson may begin with a video. A report then names the parts of it that were played. The time of
such a report is time of watching, any other is time of reading. Watching counts no more than the
parts of the video that were played at least once, together; reading no more than the lesson's
minutes that the video leaves over (and `CRUMB` seconds, since players round). So whoever plays
faster is credited the time that passed, and whoever plays a part again nothing new. A report of
more content than `FASTEST` times the time that passed is not believed.

This is the law. `progress` follows it in one statement of SQL, and
`tests/learning/test_progress.py` holds that statement to it on random reports.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

BEAT = 30
GRACE = 30
LONGEST_GAP = BEAT + GRACE
FASTEST = 2
SLACK = 10
CRUMB = 5

Range = tuple[int, int]
"""A part of a video: from, up to and not including, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: from `start` up to, not including, `end`."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        """Whole seconds in it."""
        return (self.end - self.start) // timedelta(seconds=1)


def closed(opened: datetime, now: datetime, taken_until: datetime | None) -> Span | None:
    """The stretch that a report at `now` adds, when the page spoke last at `opened` and this
    person's time is already counted until `taken_until`. Its length is whole seconds; the rest of
    a second is left to the next report. None when nothing is added."""
    start = max(opened, taken_until) if taken_until else opened
    if now - opened > timedelta(seconds=LONGEST_GAP):
        return None
    seconds = (now - start) // timedelta(seconds=1)
    return Span(start, start + timedelta(seconds=seconds)) if seconds > 0 else None


def counted(spans: Iterable[Span], cap: int) -> int:
    """Seconds that count for one lesson: the union of its stretches, at most `cap`."""
    total = 0
    until: datetime | None = None
    for span in sorted(spans, key=lambda span: span.start):
        start = max(span.start, until) if until else span.start
        if span.end > start:
            total += Span(start, span.end).seconds
            until = span.end
    return min(total, cap)


def union(parts: Iterable[Range], length: int) -> tuple[Range, ...]:
    """The parts together, in order and without overlap, within a video of `length`."""
    together: list[Range] = []
    for start, end in sorted((max(start, 0), min(end, length)) for start, end in parts):
        if together and start <= together[-1][1]:
            together[-1] = (together[-1][0], max(end, together[-1][1]))
        elif start < end:
            together.append((start, end))
    return tuple(together)


def duration(parts: Iterable[Range]) -> int:
    """Milliseconds of parts that do not overlap."""
    return sum(end - start for start, end in parts)


def believed(parts: tuple[Range, ...], elapsed: timedelta) -> bool:
    """Whether so much can have been played since the last report."""
    return duration(parts) <= FASTEST * elapsed / timedelta(milliseconds=1) + SLACK * 1000


@dataclass(frozen=True, slots=True)
class Worth:
    """What a lesson can count: `cap` seconds in all; it begins with a video of `video`
    milliseconds, 0 when there is none."""

    cap: int
    video: int = 0

    @property
    def text(self) -> int:
        """The most that reading counts."""
        return max(0, self.cap - max(0, self.video // 1000 - CRUMB)) if self.video else self.cap


@dataclass(frozen=True, slots=True)
class Spent:
    """A stretch that counted, and the parts of the video that were played in it, if any."""

    span: Span
    played: tuple[Range, ...] = ()


def worth(spent: Iterable[Spent], of: Worth) -> int:
    """Seconds that count for one lesson."""
    spent = list(spent)
    covered = union((part for each in spent for part in each.played), of.video)
    watched = counted((each.span for each in spent if each.played), duration(covered) // 1000)
    read = counted((each.span for each in spent if not each.played), of.text)
    return min(watched + read, of.cap)


def by_lesson(
    evidence: Iterable[tuple[UUID, Spent]], lessons: Mapping[UUID, Worth]
) -> dict[UUID, int]:
    """What counts for each of the lessons, recounted from the evidence alone."""
    spent: dict[UUID, list[Spent]] = {lesson: [] for lesson in lessons}
    for lesson, each in evidence:
        spent[lesson].append(each)
    return {lesson: worth(spent[lesson], of) for lesson, of in lessons.items()}
