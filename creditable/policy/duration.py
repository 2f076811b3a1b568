"""ISO 8601 durations as a policy states them: kept as written, shown in words."""

import re
from dataclasses import dataclass

_FORM = re.compile(
    r"P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?"
)
_UNITS = ("year", "month", "week", "day", "hour", "minute", "second")


@dataclass(frozen=True)
class Duration:
    """A span of calendar time; years and months keep their names, since their length varies."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0
    seconds: int = 0

    def __str__(self) -> str:
        """The span in words: `7 years`, `1 year and 6 months`."""
        amounts = [
            f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s"
            for amount, unit in zip(self._amounts, _UNITS, strict=True)
            if amount
        ]
        return " and ".join(filter(None, [", ".join(amounts[:-1]), amounts[-1]]))

    @property
    def seconds_about(self) -> int:
        """Its length, with months of 30.436875 days (twelve make a year of the calendar), to tell
        which of two is the longer."""
        days = self.weeks * 7 + self.days
        months = self.years * 12 + self.months
        return (
            months * 2_629_746
            + days * 86_400
            + self.hours * 3600
            + self.minutes * 60
            + self.seconds
        )

    @property
    def _amounts(self) -> tuple[int, ...]:
        return (
            self.years,
            self.months,
            self.weeks,
            self.days,
            self.hours,
            self.minutes,
            self.seconds,
        )


def parse(text: str) -> Duration:
    """Read `P7Y`, `P30D`, `PT10M`. Raises ValueError for any other form and for a span of zero."""
    found = _FORM.fullmatch(text)
    if found is None or text.endswith("T"):
        raise ValueError(f"{text!r} is not an ISO 8601 duration")
    amounts = [int(amount or 0) for amount in found.groups()]
    if not any(amounts):
        raise ValueError(f"{text!r} is no time at all")
    return Duration(*amounts)
