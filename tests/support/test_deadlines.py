from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.support.deadlines import SATURDAY, answer_by


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        (date(2026, 11, 16), date(2026, 11, 18)),  # Monday: Wednesday
        (date(2026, 11, 19), date(2026, 11, 23)),  # Thursday: Friday, then Monday
        (date(2026, 11, 20), date(2026, 11, 24)),  # Friday: the weekend is not counted
        (date(2026, 11, 21), date(2026, 11, 24)),  # asked on Saturday, counted from Monday
        (date(2026, 12, 31), date(2027, 1, 4)),  # over the turn of the year
    ],
)
def test_two_working_days_after_the_day_of_asking(opened: date, due: date) -> None:
    assert answer_by(opened) == due


@given(st.dates(max_value=date(9999, 1, 1)), st.integers(1, 15))
def test_an_answer_is_due_on_a_working_day_with_exactly_so_many_before_it(
    opened: date, days: int
) -> None:
    due = answer_by(opened, working_days=days)
    after = [opened + timedelta(days=n + 1) for n in range((due - opened).days)]
    assert due.weekday() < SATURDAY
    assert sum(day.weekday() < SATURDAY for day in after) == days
