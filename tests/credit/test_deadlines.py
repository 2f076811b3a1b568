"""Due dates run on the authority's calendar, in its own time zone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.credit import holidays
from creditable.credit.deadlines import (
    Days,
    Deadline,
    UnsupportedDeadline,
    completed_on,
    due_on,
    read,
    urgency,
    zone_in_words,
)
from creditable.credit.holidays import CalendarRefused

ZONE = "America/Chicago"


def test_late_in_the_evening_is_still_that_day_in_texas() -> None:
    almost_midnight = datetime(2026, 12, 29, 5, 30, tzinfo=UTC)
    assert completed_on(almost_midnight, ZONE) == date(2026, 12, 28)
    assert due_on(Deadline(Days(7)), almost_midnight, ZONE) == date(2027, 1, 4)


def test_summer_time_moves_no_date() -> None:
    before_the_change = datetime(2027, 3, 14, 5, 59, tzinfo=UTC)  # 23:59 on the 13th
    assert due_on(Deadline(Days(7)), before_the_change, ZONE) == date(2027, 3, 20)


def _calendar(days: int) -> dict[str, Any]:
    return {"days": days, "kind": "calendar"}


FLORIDA = {
    "days": 30,
    "kind": "calendar",
    "near_renewal": {"window": 30, "days": 10, "kind": "business", "holidays": "us-fl"},
}
NORTH_CAROLINA = {"days": 7, "kind": "calendar", "stop": "12-07"}
MASSACHUSETTS = {"days": 10, "kind": "working", "holidays": "us-ma"}
CASES: list[tuple[str, dict[str, Any], date, date | None, date]] = [
    ("X13 30 calendar days", FLORIDA, date(2026, 7, 15), date(2026, 8, 31), date(2026, 8, 14)),
    ("X13 10 business days", FLORIDA, date(2026, 8, 10), date(2026, 8, 31), date(2026, 8, 24)),
    ("X13 the deadline", FLORIDA, date(2026, 8, 28), date(2026, 8, 31), date(2026, 8, 31)),
    ("X13 Labor Day", FLORIDA, date(2026, 8, 28), date(2026, 9, 25), date(2026, 9, 14)),
    ("X13 before the window", FLORIDA, date(2026, 7, 31), date(2026, 8, 31), date(2026, 8, 30)),
    ("X13 its first day", FLORIDA, date(2026, 8, 1), date(2026, 8, 31), date(2026, 8, 14)),
    ("no renewal known", FLORIDA, date(2026, 8, 28), None, date(2026, 9, 27)),
    ("renewed already", FLORIDA, date(2026, 9, 1), date(2026, 8, 31), date(2026, 10, 1)),
    ("X14 MA 10 working days", MASSACHUSETTS, date(2026, 9, 11), None, date(2026, 9, 25)),
    ("MA over Thanksgiving", MASSACHUSETTS, date(2026, 11, 20), None, date(2026, 12, 7)),
    ("X14 MN in a leap year", _calendar(14), date(2028, 2, 15), None, date(2028, 2, 29)),
    ("X14 MN in another", _calendar(14), date(2027, 2, 15), None, date(2027, 3, 1)),
    ("X14 TX report", _calendar(7), date(2026, 12, 28), None, date(2027, 1, 4)),
    ("X14 TX certificate", _calendar(15), date(2026, 12, 28), None, date(2027, 1, 12)),
    ("X14 NC hard stop", NORTH_CAROLINA, date(2026, 12, 3), None, date(2026, 12, 7)),
    ("NC after the stop", NORTH_CAROLINA, date(2026, 12, 8), None, date(2026, 12, 15)),
    ("X14 ND 15 days", _calendar(15), date(2026, 1, 30), None, date(2026, 2, 14)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "completed", "renewal", "due"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_worked_examples(
    raw: dict[str, Any], completed: date, renewal: date | None, due: date
) -> None:
    assert read(raw).after(completed, renewal) == due


@pytest.mark.parametrize(
    ("raw", "cure"),
    [
        ({"days": 10, "kind": "working"}, "need `holidays`"),
        ({"days": 10, "kind": "business", "holidays": "us-atlantis"}, "need `holidays`"),
        ({"days": 10, "kind": "lunar"}, "lunar"),
        ({"days": 10}, "kind"),
        ({"days": "ten", "kind": "calendar"}, "days"),
        ({"days": -1, "kind": "calendar"}, "forward"),
        ({"days": 7, "kind": "calendar", "stop": "13-40"}, "12-07"),
        ({"days": 7, "kind": "calendar", "hours": 3}, "hours"),
        (
            {"days": 7, "kind": "calendar", "near_renewal": {"days": 3, "kind": "calendar"}},
            "window",
        ),
        ([7], "days"),
    ],
)
def test_what_says_too_little_is_refused_with_the_cure(raw: Any, cure: str) -> None:
    with pytest.raises(UnsupportedDeadline, match=cure):
        read(raw)


class TestHolidays:
    @pytest.mark.parametrize(
        ("calendar", "day", "closed"),
        [
            ("us-fl", date(2026, 11, 27), True),  # the Friday after Thanksgiving
            ("us-fl", date(2026, 7, 3), True),  # July 4 is a Saturday
            ("us-ma", date(2026, 7, 3), False),
            ("us-fl", date(2026, 10, 12), False),
            ("us-ma", date(2026, 10, 12), True),
            ("us-ma", date(2026, 4, 20), True),
            ("us-fl", date(2021, 12, 31), True),  # January 1, 2022 is a Saturday
            ("us-fl", date(2028, 1, 1), False),  # kept on the Friday before
            ("us-fl", date(2023, 1, 2), True),
            ("us", date(2026, 6, 19), True),
            ("us", date(2020, 6, 19), False),
            ("us-fl", date(2026, 5, 25), True),
        ],
    )
    def test_a_day_is_closed_or_not(self, calendar: str, day: date, closed: bool) -> None:
        assert (day in holidays.closed(calendar, day.year)) is closed

    def test_every_calendar_is_read_and_says_where_it_was_found(self) -> None:
        for name in holidays.known():
            calendar = holidays.read(name)
            assert calendar.source
            assert len(calendar.closed(2026)) in (9, 11, 12)

    def test_one_that_is_not_there_is_named(self) -> None:
        with pytest.raises(CalendarRefused, match="us-atlantis"):
            holidays.read("us-atlantis")

    @given(day=st.dates(date(2020, 1, 1), date(2035, 1, 1)), number=st.integers(0, 40))
    def test_working_days_end_on_one_and_are_never_sooner_than_calendar_days(
        self, day: date, number: int
    ) -> None:
        due = Days(number, "working", "us-ma").after(day)
        assert due >= day + timedelta(days=number)
        if number:
            assert due.weekday() < 5
            assert due not in holidays.closed("us-ma", due.year)


def test_an_alarm_comes_before_the_deadline() -> None:
    today = date(2026, 12, 7)
    assert [urgency(today + timedelta(days=away), today) for away in (-1, 0, 3, 4)] == [
        "late",
        "soon",
        "soon",
        "",
    ]
    assert urgency(None, today) == ""


@given(
    instant=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    days=st.integers(0, 120),
)
def test_the_due_date_is_so_many_days_after_the_local_day(instant: datetime, days: int) -> None:
    assert (due_on(Deadline(Days(days)), instant, ZONE) - completed_on(instant, ZONE)).days == days


def test_a_zone_is_named_as_people_say_it() -> None:
    assert zone_in_words("America/Chicago") == "Central time"
    assert zone_in_words("America/Indiana/Indianapolis") == "Indianapolis time"
    assert zone_in_words("America/St_Johns") == "St Johns time"
    assert zone_in_words("UTC") == "UTC"
