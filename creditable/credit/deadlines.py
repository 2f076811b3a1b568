"""When a report or certificate is due: days from the completion, on the authority's calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from creditable.credit import holidays
from creditable.lib.dates import add_days, local_date

SATURDAY = 5
SOON_DAYS = 3
KINDS = ("calendar", "working", "business")

Urgency = Literal["", "soon", "late"]
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
    """A deadline that says too little, or what nobody knows; the text has the cure."""


@dataclass(frozen=True, slots=True)
class Days:
    """So many days, the first day not counted. Working and business days (the authority's own
    word) leave out weekends and the holidays of the calendar."""

    days: int
    kind: str = "calendar"
    holidays: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UnsupportedDeadline(
                f"{self.kind!r} is not a kind of days; write any of {', '.join(KINDS)}"
            )
        if self.days < 0:
            raise UnsupportedDeadline("days are counted forward")
        if self.kind != "calendar" and self.holidays not in holidays.known():
            raise UnsupportedDeadline(
                f"{self.kind} days need `holidays`: any of {', '.join(holidays.known())}"
            )

    def after(self, day: date) -> date:
        if self.kind == "calendar":
            return add_days(day, self.days)
        left = self.days
        while left:
            day = add_days(day, 1)
            left -= day.weekday() < SATURDAY and day not in holidays.closed(self.holidays, day.year)
        return day


@dataclass(frozen=True, slots=True)
class NearRenewal:
    """A shorter time for what is completed within `window` days of the end of the license, and
    none of it runs beyond that end."""

    window: int
    within: Days


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long after the day of completion. `stop` is a day of the year (month, day) after which
    nothing is taken; `near_renewal` a second clock, where the authority has one."""

    within: Days
    stop: tuple[int, int] | None = None
    near_renewal: NearRenewal | None = None

    def after(self, day: date, renewal: date | None = None) -> date:
        """The last day for what was completed on that day, by somebody whose license ends on
        `renewal` (None: we do not know)."""
        due = self.within.after(day)
        near = self.near_renewal
        if near and renewal and day <= renewal:
            if day >= add_days(renewal, -near.window):
                due = near.within.after(day)
            due = min(due, renewal)
        if self.stop:
            last = date(day.year, *self.stop)
            due = min(due, last if day <= last else date(day.year + 1, *self.stop))
        return due


def read(raw: object) -> Deadline:
    """A deadline as packs write it: {days, kind, holidays, stop: "12-07",
    near_renewal: {window, days, kind, holidays}}, of which only days and kind must be there."""
    if not isinstance(raw, dict):
        raise UnsupportedDeadline("must be like {days: 7, kind: calendar}")
    near = raw.get("near_renewal")
    return Deadline(
        within=_days(raw, {"stop", "near_renewal"}),
        stop=_stop(raw["stop"]) if "stop" in raw else None,
        near_renewal=NearRenewal(_whole(near, "window"), _days(near, {"window"})) if near else None,
    )


def urgency(due: date | None, today: date) -> Urgency:
    """Whether a deadline is near enough for an alarm, or over."""
    if due is None or due > add_days(today, SOON_DAYS):
        return ""
    return "late" if due < today else "soon"


def completed_on(instant: datetime, zone: str) -> date:
    """The date of a completion as the authority reads it: 23:30 in Houston on December 28 is
    05:30 UTC on the 29th, and counts from the 28th."""
    return local_date(instant, zone)


def due_on(deadline: Deadline, instant: datetime, zone: str, renewal: date | None = None) -> date:
    """The last day on which it is in time."""
    return deadline.after(completed_on(instant, zone), renewal)


def zone_in_words(zone: str) -> str:
    """Whose calendar a date is on, as people say it: "Central time" for America/Chicago, the
    city's time where there is no such word."""
    city = zone.rsplit("/", 1)[-1].replace("_", " ")
    return ZONES.get(zone, f"{city} time")


def _days(raw: Mapping[str, Any], beside: set[str]) -> Days:
    if unknown := raw.keys() - beside - {"days", "kind", "holidays"}:
        raise UnsupportedDeadline(f"has {min(unknown)}, which nobody reads")
    return Days(_whole(raw, "days"), str(raw.get("kind", "")), str(raw.get("holidays", "")))


def _whole(raw: object, name: str) -> int:
    value = raw.get(name) if isinstance(raw, dict) else None
    if type(value) is not int:
        raise UnsupportedDeadline(f"{name} must be a whole number")
    return value


def _stop(raw: object) -> tuple[int, int]:
    try:
        day = datetime.strptime(f"2025-{raw}", "%Y-%m-%d")  # noqa: DTZ007
    except ValueError as error:
        raise UnsupportedDeadline(f"stop is a month and a day like 12-07, not {raw!r}") from error
    return day.month, day.day
