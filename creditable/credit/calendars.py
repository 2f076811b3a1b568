"""A calendar of one person's deadlines, which calendar programs read by a link.

The link is signed and names the person; whoever has it sees the deadlines, and nothing else. It
ends when its owner makes another or wants none.
"""

from uuid import UUID

from django.conf import settings
from django.db import transaction

from creditable.audit import trail
from creditable.credit import counts
from creditable.credit.models import CalendarLink
from creditable.lib import tokens
from creditable.lib.actor import Actor
from creditable.lib.tokens import BadToken

_PURPOSE = "calendar"


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
    if not CalendarLink.objects.filter(subject_id=subject_id, number=number, open=True).exists():
        return None
    from creditable.credit import ical  # icalendar is large, and most workers write no calendar

    return ical.written(counts.holder(subject_id).standings())


def _address(link: CalendarLink) -> str:
    payload = {"p": link.subject_id.hex, "n": link.number}
    token = tokens.sign(payload, key=settings.TOKEN_KEY, purpose=_PURPOSE)
    return f"{settings.BASE_URL}/calendar/{token}.ics"
