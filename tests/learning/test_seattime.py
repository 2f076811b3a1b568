"""What is credited never exceeds the time that passed, nor the time that the content takes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from creditable.learning.seattime import LONGEST_GAP, Span, by_lesson, closed, counted

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
    evidence = [(one, Span(at(0), at(50))), (two, Span(at(50), at(100)))]
    assert by_lesson(evidence, {one: 600, two: 20, three: 600}) == {one: 50, two: 20, three: 0}


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
