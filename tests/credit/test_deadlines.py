"""Due dates run on the authority's calendar, in its own time zone."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.credit.deadlines import (
    Deadline,
    UnsupportedDeadline,
    completed_on,
    due_on,
    zone_in_words,
)

ZONE = "America/Chicago"


def test_late_in_the_evening_is_still_that_day_in_texas() -> None:
    almost_midnight = datetime(2026, 12, 29, 5, 30, tzinfo=UTC)
    assert completed_on(almost_midnight, ZONE) == date(2026, 12, 28)
    assert due_on(Deadline(7), almost_midnight, ZONE) == date(2027, 1, 4)


def test_summer_time_moves_no_date() -> None:
    before_the_change = datetime(2027, 3, 14, 5, 59, tzinfo=UTC)  # 23:59 on the 13th
    assert due_on(Deadline(7), before_the_change, ZONE) == date(2027, 3, 20)


@pytest.mark.parametrize("kind", ["working", "business"])
def test_days_that_need_a_list_of_holidays_are_refused_with_the_cure(kind: str) -> None:
    with pytest.raises(UnsupportedDeadline, match="use calendar days"):
        Deadline(10, kind)


def test_a_kind_of_days_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UnsupportedDeadline, match="lunar"):
        Deadline(10, "lunar")


@given(
    instant=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    days=st.integers(0, 120),
)
def test_the_due_date_is_so_many_days_after_the_local_day(instant: datetime, days: int) -> None:
    assert (due_on(Deadline(days), instant, ZONE) - completed_on(instant, ZONE)).days == days


def test_a_zone_is_named_as_people_say_it() -> None:
    assert zone_in_words("America/Chicago") == "Central time"
    assert zone_in_words("America/Indiana/Indianapolis") == "Indianapolis time"
    assert zone_in_words("America/St_Johns") == "St Johns time"
    assert zone_in_words("UTC") == "UTC"
