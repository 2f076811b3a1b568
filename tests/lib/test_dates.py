"""A date belongs to a place."""

from datetime import UTC, date, datetime

import pytest

from creditable.lib.dates import add_days, local_date


def test_half_past_eleven_in_florida_is_still_that_day() -> None:
    instant = datetime(2026, 9, 1, 3, 30, tzinfo=UTC)
    assert local_date(instant, "America/New_York") == date(2026, 8, 31)
    assert local_date(instant, "UTC") == date(2026, 9, 1)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        local_date(datetime(2026, 9, 1), "UTC")


def test_days_cross_the_end_of_february() -> None:
    assert add_days(date(2028, 2, 15), 14) == date(2028, 2, 29)
    assert add_days(date(2027, 2, 15), 14) == date(2027, 3, 1)
