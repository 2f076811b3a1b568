"""The deadlines of licenses as a calendar that calendar programs read (RFC 5545)."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Alarm, Calendar, Event

from creditable.audit.clock import now
from creditable.credit import issuer
from creditable.credit.counts import Standing
from creditable.lib.words import say

REMINDER = timedelta(days=30)


def written(standings: list[Standing]) -> bytes:
    """A day for each license that expires, and a reminder while hours are missing."""
    calendar = Calendar()
    calendar.add("prodid", "-//Creditable//License deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", say("{provider}: licenses", provider=issuer.current().name))
    calendar.add("refresh-interval", timedelta(days=1), parameters={"value": "DURATION"})
    for standing in standings:
        if standing.held.row.expires is not None:
            calendar.add_component(_event(standing))
    return bytes(calendar.to_ical())


def _event(standing: Standing) -> Event:
    row, met = standing.held.row, standing.verdict == "met"
    name = f"{standing.held.name}, {standing.held.authority}"
    if met:
        title = say("{license} expires: nothing is missing", license=name)
    elif standing.missing_text:
        title = say("{license} expires: {hours} missing", license=name, hours=standing.missing_text)
    else:
        title = say("{license} expires", license=name)
    event = Event()
    event.add("uid", f"{row.pk}@{urlsplit(settings.BASE_URL).hostname}")
    event.add("dtstamp", now())
    event.add("dtstart", row.expires)
    event.add("summary", title)
    event.add("url", f"{settings.BASE_URL}/learn/")
    event.add("transp", "TRANSPARENT")
    if not met:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", -REMINDER)
        event.add_component(alarm)
    return event
