"""Calendar dates: an instant becomes a date only in somebody's time zone."""

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
