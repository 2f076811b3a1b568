"""What is credited never exceeds the time that passed, nor the time that the content takes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from creditable.learning.seattime import (
    BEAT,
    CRUMB,
    LONGEST_GAP,
    Range,
    Span,
    Spent,
    Worth,
    believed,
    by_lesson,
    closed,
    counted,
    duration,
    union,
    worth,
)

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def seconds(span: Span | None) -> int:
    return span.seconds if span else 0


def test_half_a_minute_between_two_reports_counts_as_thirty_seconds() -> None:
    assert closed(at(0), at(30), None) == Span(at(0), at(30))


def test_a_silence_longer_than_the_grace_counts_nothing() -> None:
    assert seconds(closed(at(0), at(LONGEST_GAP), None)) == LONGEST_GAP
    assert closed(at(0), at(LONGEST_GAP + 0.001), None) is None


def test_the_rest_of_a_second_is_left_to_the_next_report() -> None:
    first = closed(at(0), at(29.9), None)
    assert first == Span(at(0), at(29))
    assert closed(first.end, at(60), first.end) == Span(at(29), at(60))


def test_time_that_another_window_has_counted_does_not_count_again() -> None:
    assert closed(at(0), at(30), at(20)) == Span(at(20), at(30))
    assert closed(at(0), at(30), at(30)) is None


def test_a_clock_that_went_backward_counts_nothing() -> None:
    assert closed(at(10), at(0), None) is None


def test_a_lesson_never_counts_more_than_its_minutes() -> None:
    assert counted([Span(at(0), at(50)), Span(at(60), at(110))], cap=60) == 60


def test_overlapping_evidence_is_counted_once() -> None:
    assert counted([Span(at(0), at(30)), Span(at(10), at(40)), Span(at(20), at(25))], cap=999) == 40


def test_each_lesson_is_counted_under_its_own_cap_and_a_lesson_without_evidence_has_none() -> None:
    one, two, three = UUID(int=1), UUID(int=2), UUID(int=3)
    evidence = [(one, Spent(Span(at(0), at(50)))), (two, Spent(Span(at(50), at(100))))]
    lessons = {one: Worth(600), two: Worth(20), three: Worth(600)}
    assert by_lesson(evidence, lessons) == {one: 50, two: 20, three: 0}


gaps = st.lists(st.integers(0, 120_000_000), min_size=1, max_size=40)
windows = st.lists(st.integers(0, 3), min_size=1, max_size=40)


@given(gaps=gaps, order=windows, cap=st.integers(1, 2000))
def test_whatever_windows_report_no_second_counts_twice_and_none_that_did_not_pass(
    gaps: list[int], order: list[int], cap: int
) -> None:
    """Up to four windows report in any order; each keeps its own last instant."""
    now = NINE
    opened = [NINE] * 4
    taken: datetime | None = None
    spans: list[Span] = []
    for gap, window in zip(gaps, order, strict=False):
        now += timedelta(microseconds=gap)
        span = closed(opened[window], now, taken)
        if span:
            assert span.end <= now
            assert span.seconds <= LONGEST_GAP
            assert taken is None or span.start >= taken
            spans.append(span)
            taken = span.end
        opened[window] = span.end if span else now
    total = counted(spans, cap)
    assert total <= (now - NINE) / timedelta(seconds=1)
    assert total == min(cap, sum(span.seconds for span in spans))


@given(gaps=st.lists(st.integers(0, LONGEST_GAP * 1_000_000), min_size=1, max_size=40))
def test_an_honest_reader_who_reports_in_time_loses_less_than_a_second(gaps: list[int]) -> None:
    now = opened = NINE
    total = 0
    for gap in gaps:
        now = max(now, min(now + timedelta(microseconds=gap), opened + timedelta(seconds=60)))
        span = closed(opened, now, opened)
        if span:
            total += span.seconds
            opened = span.end
    assert timedelta(0) <= (now - NINE) - timedelta(seconds=total) < timedelta(seconds=1)


instants = st.integers(0, 5000).map(at)
stretches = st.tuples(instants, instants).map(lambda pair: Span(min(pair), max(pair)))


@given(st.lists(stretches, max_size=30), st.integers(0, 5000))
def test_the_recount_is_the_length_of_the_union_whatever_the_order(
    spans: list[Span], cap: int
) -> None:
    seconds_in_union = {
        second
        for span in spans
        for second in range(
            (span.start - NINE) // timedelta(seconds=1), (span.end - NINE) // timedelta(seconds=1)
        )
    }
    assert counted(spans, cap) == min(cap, len(seconds_in_union))
    assert counted(reversed(spans), cap) == counted(spans, cap)


# A lesson with a video of ten minutes, worth twelve

FILM = Worth(cap=720, video=600_000)


def watched(start: float, seconds: float, *parts: Range) -> Spent:
    return Spent(Span(at(start), at(start + seconds)), parts)


def read(start: float, seconds: float) -> Spent:
    return watched(start, seconds)


def test_watching_counts_the_time_that_passes() -> None:
    assert worth([watched(0, 30, (0, 30_000)), watched(30, 30, (30_000, 60_000))], FILM) == 60


def test_a_part_that_is_played_again_counts_nothing_new() -> None:
    assert worth([watched(30 * turn, 30, (0, 30_000)) for turn in range(9)], FILM) == 30


def test_playing_twice_as_fast_counts_the_time_that_passes_and_the_rest_can_be_made_up() -> None:
    fast = [watched(0, 30, (0, 60_000))]
    assert worth(fast, FILM) == 30
    assert worth([*fast, watched(30, 20, (0, 20_000))], FILM) == 50
    assert worth([*fast, watched(30, 90, (0, 60_000))], FILM) == 60


def test_reading_beside_a_video_counts_what_the_video_leaves_over() -> None:
    assert FILM.text == 120 + CRUMB
    assert worth([read(0, 600)], FILM) == FILM.text
    whole = [watched(0, 600, (0, 600_000))]
    assert worth([*whole, read(600, 100)], FILM) == 700
    assert worth([*whole, read(600, 600)], FILM) == FILM.cap


def test_a_viewer_whose_player_rounds_can_still_finish() -> None:
    nearly = [watched(0, 600, (300, 320_000), (320_400, 599_500))]
    assert worth([*nearly, read(600, 122)], FILM) == FILM.cap


def test_parts_beyond_the_video_are_no_parts() -> None:
    assert union([(-5, 10), (599_000, 900_000), (700_000, 800_000), (40, 20)], 600_000) == (
        (0, 10),
        (599_000, 600_000),
    )


def test_more_than_twice_the_time_that_passed_is_not_believed() -> None:
    assert believed(((0, 60_000),), timedelta(seconds=BEAT))
    assert believed(((0, 70_000),), timedelta(seconds=BEAT))
    assert not believed(((0, 70_001),), timedelta(seconds=BEAT))
    assert not believed(((0, 16 * 30_000),), timedelta(seconds=BEAT))


parts = st.lists(
    st.tuples(st.integers(-10, 30_000), st.integers(-10, 30_000)).map(
        lambda pair: (min(pair), max(pair))
    ),
    max_size=4,
)
reports = st.lists(st.tuples(st.integers(1, 60), parts.map(tuple)), max_size=25)
lessons = st.builds(Worth, st.integers(1, 100), st.integers(1_000, 25_000))


def one_after_the_other(reports: Sequence[tuple[int, tuple[Range, ...]]]) -> list[Spent]:
    spent, start = [], 0
    for seconds, played in reports:
        spent.append(watched(start, seconds, *played))
        start += seconds
    return spent


@given(parts, st.integers(0, 40_000))
def test_the_union_holds_each_millisecond_once(parts: list[Range], length: int) -> None:
    together = union(parts, length)
    every = {step for start, end in parts for step in range(max(0, start), min(end, length))}
    assert {step for start, end in together for step in range(start, end)} == every
    assert duration(together) == len(every)
    assert union(together, length) == together


@given(reports, lessons, st.randoms())
def test_credit_is_within_time_content_and_cap_whatever_is_reported_in_whatever_order(
    reports: list[tuple[int, tuple[Range, ...]]], lesson: Worth, chance: object
) -> None:
    spent = one_after_the_other(reports)
    total = worth(spent, lesson)
    played = [each for each in spent if each.played]
    content = duration(union([part for each in played for part in each.played], lesson.video))
    assert total <= sum(each.span.seconds for each in spent)
    assert total <= content // 1000 + lesson.text
    assert total <= lesson.cap
    assert worth(played, lesson) <= min(
        sum(each.span.seconds for each in played), content // 1000, lesson.video // 1000
    )
    shuffled = list(spent)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert worth(shuffled, lesson) == total
    for number in range(len(spent)):
        assert worth(spent[:number], lesson) <= total


@given(
    st.lists(st.integers(2_000, BEAT * 1000), min_size=1, max_size=40), st.integers(20_000, 900_000)
)
def test_an_honest_viewer_loses_less_than_a_second_and_can_always_finish(
    pauses: list[int], length: int
) -> None:
    """Plays once from the beginning at normal speed and reports after these milliseconds."""
    now, opened, place = NINE, NINE, 0
    spent: list[Spent] = []
    for pause in pauses:
        step = min(pause, length - place)
        if not step:
            break
        now += timedelta(milliseconds=step)
        span = closed(opened, now, opened)
        if span:
            spent.append(Spent(span, ((place, place + step),)))
            opened = span.end
        place += step
    film = Worth(cap=length // 1000 + 60, video=length)
    assert place / 1000 - worth(spent, film) < 1
    if place == length:
        assert worth([*spent, read(9_000, 61)], film) == film.cap
