"""Which days the offices of a state are closed by law, as data that somebody outside can check.

closed("us-fl", 2026)    # frozenset({date(2026, 1, 1), ...})
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class CalendarRefused(ValueError):
    """A calendar that is not there or cannot be read; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day of each year: a fixed one, or the nth such weekday of a month (from its end, when
    negative), and so many days later. `since` is the first year of it."""

    name: str
    month: int
    day: int | None
    weekday: int
    nth: int
    later: int
    since: int

    def on(self, year: int) -> date:
        if self.day is not None:
            return date(year, self.month, self.day)
        if self.nth > 0:
            first = date(year, self.month, 1)
            ahead = (self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1)
            return first + timedelta(days=ahead + self.later)
        last = date(year + self.month // 12, self.month % 12 + 1, 1) - timedelta(days=1)
        back = (last.weekday() - self.weekday) % 7 + 7 * (-self.nth - 1)
        return last - timedelta(days=back - self.later)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The holidays of a state, where the rule was read, and on which other day one is kept that
    falls on a Saturday or a Sunday."""

    id: str
    name: str
    source: str
    checked: date
    holidays: tuple[Holiday, ...]
    shift: Mapping[int, int]

    def closed(self, year: int) -> frozenset[date]:
        """The days of the year on which offices are closed, weekends aside."""
        kept = set()
        for holiday in self.holidays:
            for of in (year, year + 1):  # New Year's Day may be kept in the year before
                if of < holiday.since:
                    continue
                day = holiday.on(of)
                day += timedelta(days=self.shift.get(day.weekday(), 0))
                if day.year == year:
                    kept.add(day)
        return frozenset(kept)


def known() -> tuple[str, ...]:
    """The calendars that there are."""
    return tuple(sorted(path.stem for path in HERE.glob("*.yaml")))


def closed(calendar: str, year: int) -> frozenset[date]:
    return read(calendar).closed(year)


@cache
def read(calendar: str) -> Calendar:
    """The calendar of that name. CalendarRefused when there is none, or says what is wrong."""
    if calendar not in known():
        raise CalendarRefused(f"no calendar {calendar!r}; there is {', '.join(known())}")
    content = yaml.safe_load((HERE / f"{calendar}.yaml").read_text(encoding="utf-8"))
    try:
        return Calendar(
            id=calendar,
            name=str(content["name"]),
            source=str(content["source"]),
            checked=content["checked"],
            holidays=tuple(_holiday(row) for row in content["holidays"]),
            shift={
                WEEKDAYS.index(of): WEEKDAYS.index(to)
                - WEEKDAYS.index(of)
                + (7 if to == "monday" else 0)
                for of, to in content["kept_instead"].items()
            },
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise CalendarRefused(f"{calendar}.yaml: {type(error).__name__}: {error}") from error


def _holiday(row: Mapping[str, Any]) -> Holiday:
    unknown = row.keys() - {"name", "month", "day", "weekday", "nth", "later", "since"}
    if unknown or ("day" in row) == ("weekday" in row):
        raise ValueError(f"{row}: a day, or a weekday and which of them")
    return Holiday(
        name=str(row["name"]),
        month=int(row["month"]),
        day=row.get("day"),
        weekday=WEEKDAYS.index(row.get("weekday", "monday")),
        nth=int(row.get("nth", 0)),
        later=int(row.get("later", 0)),
        since=int(row.get("since", 0)),
    )
