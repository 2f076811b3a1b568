"""When a report or certificate is due: days from the completion, on the authority's calendar."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from creditable.lib.dates import add_days, local_date

SATURDAY = 5
LATER = {"working", "business"}
ZONES = {
    "America/New_York": "Eastern time",
    "America/Chicago": "Central time",
    "America/Denver": "Mountain time",
    "America/Phoenix": "Arizona time",
    "America/Los_Angeles": "Pacific time",
    "America/Anchorage": "Alaska time",
    "Pacific/Honolulu": "Hawaii time",
    "UTC": "UTC",
}


class UnsupportedDeadline(ValueError):
    """A kind of deadline that we cannot compute truthfully yet."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """`days` after the day of completion, that day not counted. `kind` is `calendar`; working
    and business days wait for a list of the state's holidays."""

    days: int
    kind: str = "calendar"

    def __post_init__(self) -> None:
        if self.kind in LATER:
            raise UnsupportedDeadline(
                f"{self.kind} days need the state's list of holidays, which we cannot read yet; "
                "use calendar days, which come first and so are never late"
            )
        if self.kind != "calendar":
            raise UnsupportedDeadline(f"{self.kind!r} is not a kind of days; write calendar")


def completed_on(instant: datetime, zone: str) -> date:
    """The date of a completion as the authority reads it: 23:30 in Houston on December 28 is
    05:30 UTC on the 29th, and counts from the 28th."""
    return local_date(instant, zone)


def due_on(deadline: Deadline, instant: datetime, zone: str) -> date:
    """The last day on which it is in time."""
    return add_days(completed_on(instant, zone), deadline.days)


def add_working_days(day: date, number: int, holidays: Collection[date] = ()) -> date:
    """So many days later of which none is a Saturday, a Sunday or a holiday."""
    while number:
        day = add_days(day, 1)
        number -= day.weekday() < SATURDAY and day not in holidays
    return day


def due_by(completed: date, days: int, *, stop: tuple[int, int]) -> date:
    """So many days after, but not after the next day of that month and number: roster by
    December 7 (12, 7), whenever it was."""
    last = date(completed.year, *stop)
    if last < completed:
        last = date(completed.year + 1, *stop)
    return min(add_days(completed, days), last)


def due_before_renewal(
    completed: date,
    renewal: date,
    *,
    days: int,
    window_days: int,
    business_days: int,
    holidays: Collection[date] = (),
) -> date:
    """So many days after; so many business days from `window_days` before the renewal deadline
    on; never after it."""
    near = completed >= add_days(renewal, -window_days)
    due = (
        add_working_days(completed, business_days, holidays) if near else add_days(completed, days)
    )
    return min(due, renewal) if completed <= renewal else due


def zone_in_words(zone: str) -> str:
    """Whose calendar a date is on, as people say it: "Central time" for America/Chicago, the
    city's time where there is no such word."""
    city = zone.rsplit("/", 1)[-1].replace("_", " ")
    return ZONES.get(zone, f"{city} time")
