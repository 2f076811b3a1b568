"""A calendar of one person's deadlines, which calendar programs read by a link.

The link is signed and names the person; whoever has it sees the deadlines, and nothing else. It
ends when its owner makes another or wants none.
"""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from icalendar import Alarm, Calendar, Event

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.credit import counts, issuer
from creditable.credit.counts import Standing
from creditable.credit.models import CalendarLink
from creditable.lib import tokens
from creditable.lib.actor import Actor
from creditable.lib.tokens import BadToken
from creditable.lib.words import say

_PURPOSE = "calendar"
REMINDER = timedelta(days=30)


@transaction.atomic
def open(*, subject_id: UUID, by: Actor) -> str:
    """Makes a link that works from now on, and ends the one before; its address."""
    link, made = CalendarLink.objects.select_for_update().get_or_create(subject_id=subject_id)
    if not made:
        link.number, link.open = link.number + 1, True
        link.save(update_fields=["number", "open"])
    trail.record(
        verb="calendar.open", by=by, noun="calendar", noun_id=link.number, about=subject_id
    )
    return _address(link)


@transaction.atomic
def close(*, subject_id: UUID, by: Actor) -> None:
    """Ends the link. To end none changes nothing."""
    for link in CalendarLink.objects.select_for_update().filter(subject_id=subject_id):
        link.open = False
        link.save(update_fields=["open"])
        trail.record(
            verb="calendar.close", by=by, noun="calendar", noun_id=link.number, about=subject_id
        )


def address(subject_id: UUID) -> str:
    """The address of the person's link that works; empty when there is none (one query)."""
    link = CalendarLink.objects.filter(subject_id=subject_id, open=True).first()
    return _address(link) if link else ""


def read(token: str) -> bytes | None:
    """The calendar behind a link (RFC 5545); None when it does not work, or does no more."""
    try:
        said = tokens.read(token, key=settings.TOKEN_KEY, purpose=_PURPOSE)
        subject_id, number = UUID(hex=said["p"]), int(said["n"])
    except (BadToken, KeyError, TypeError, ValueError, AttributeError):
        return None
    works = CalendarLink.objects.filter(subject_id=subject_id, number=number, open=True)
    return _calendar(counts.holder(subject_id).standings()) if works.exists() else None


def _address(link: CalendarLink) -> str:
    payload = {"p": link.subject_id.hex, "n": link.number}
    token = tokens.sign(payload, key=settings.TOKEN_KEY, purpose=_PURPOSE)
    return f"{settings.BASE_URL}/calendar/{token}.ics"


def _calendar(standings: list[Standing]) -> bytes:
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
