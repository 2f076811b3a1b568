"""Seat time: which seconds count.

Rule (design of this program; authorities ask for time spent, none says how it is measured): a
page that is being read reports every `BEAT` seconds. The time between two reports counts when
it is no longer than `LONGEST_GAP`; a longer silence is idle and counts nothing. Seconds are
counted once for a person, whatever is open in however many windows, and for a lesson at most
its own minutes. So what is credited never exceeds the time that passed on our clock, nor the
time that the content takes.

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


def by_lesson(evidence: Iterable[tuple[UUID, Span]], caps: Mapping[UUID, int]) -> dict[UUID, int]:
    """What counts for each lesson of `caps`, recounted from the evidence alone."""
    spans: dict[UUID, list[Span]] = {lesson: [] for lesson in caps}
    for lesson, span in evidence:
        spans[lesson].append(span)
    return {lesson: counted(spans[lesson], cap) for lesson, cap in caps.items()}
