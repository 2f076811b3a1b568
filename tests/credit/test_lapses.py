"""Nobody buys a course that ends to count before it can be finished without having been told."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.credit import lapses
from creditable.credit.pack import Pack
from creditable.credit.prospects import Approval

TODAY, UNTIL = date(2026, 11, 22), date(2027, 11, 22)


def approval(first: date, last: date) -> Approval:
    return Approval("TX-1", {"safety": 120}, first, last)


THIS_YEAR = approval(date(2026, 6, 1), date(2027, 5, 31))
NEXT_YEAR = approval(date(2027, 6, 1), date(2028, 5, 31))
AFTER_A_GAP = approval(date(2027, 6, 2), date(2028, 5, 31))


@pytest.mark.parametrize(
    ("approvals", "expected"),
    [
        ([THIS_YEAR], ["counts this course until May 31, 2027"]),
        ([THIS_YEAR, NEXT_YEAR], []),
        ([NEXT_YEAR, THIS_YEAR], []),
        ([THIS_YEAR, AFTER_A_GAP], ["counts this course until May 31, 2027"]),
        ([NEXT_YEAR], []),  # it does not count today, which the page says anyway
        ([approval(TODAY, UNTIL)], []),
        ([], []),
    ],
)
def test_an_approval_that_ends_before_the_access_is_told(
    texas: Pack, approvals: list[Approval], expected: list[str]
) -> None:
    said = list(lapses.warnings(texas, approvals, on=TODAY, until=UNTIL))
    assert len(said) == len(expected)
    assert all(words in one for words, one in zip(expected, said, strict=True))


@pytest.mark.parametrize(
    ("expires", "told"),
    [
        (None, False),
        (TODAY, True),
        (date(2027, 11, 21), True),
        (UNTIL, False),
        (date(2026, 11, 21), False),  # expired: the page says how a late renewal counts
    ],
)
def test_a_license_period_that_ends_before_the_access_is_told(
    texas: Pack, expires: date | None, told: bool
) -> None:
    said = list(
        lapses.warnings(texas, [approval(TODAY, UNTIL)], on=TODAY, until=UNTIL, expires=expires)
    )
    assert [("does not count for this renewal" in words) for words in said] == [True] * told


days = st.dates(date(2026, 1, 1), date(2028, 12, 31))
spans = st.tuples(days, days).filter(lambda span: span[0] <= span[1])


@given(st.lists(spans, max_size=5), days)
def test_the_last_day_is_the_last_without_a_gap(spans: list[tuple[date, date]], on: date) -> None:
    approvals = [approval(*span) for span in spans]
    covered = on
    while any(row.covers(covered) for row in approvals):
        covered += lapses.DAY
    expected = None if covered == on else covered - lapses.DAY
    assert lapses.last_day(approvals, on) == expected
