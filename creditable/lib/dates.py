"""Calendar dates: an instant becomes a date only in somebody's time zone."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def local_date(instant: datetime, zone: str) -> date:
    """The date on the wall calendar of `zone` (an IANA name) at that instant: 03:30 UTC on
    September 1 is still August 31 in Florida."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant.astimezone(ZoneInfo(zone)).date()


def add_days(day: date, number: int) -> date:
    """Calendar days later; the day itself is not counted."""
    return day + timedelta(days=number)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; a day that month lacks becomes its last (a year
    before February 29 is February 28)."""
    return months_after(day, -months)


def months_after(day: date, months: int) -> date:
    """The same day so many months later; a day that month lacks becomes its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
