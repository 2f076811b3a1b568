"""Banners of advertisers: a picture of ours, marked as an advertisement, and a plain link. Which
one a page shows depends on the day alone, not on who looks."""

from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.db.models import DateField, F, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from creditable.audit import prepared, trail
from creditable.audit.clock import Now, now
from creditable.catalog import media
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.outreach.models import Banner

PICTURES = ("image/png", "image/jpeg")
LARGEST = 256 * 1024
WIDEST, HIGHEST = 1600, 500


@transaction.atomic
def enter(
    *,
    advertiser: str,
    says: str,
    address: str,
    begins: date,
    ends: date,
    filename: str,
    picture: bytes,
    by: Actor,
) -> Banner:
    """Takes a banner. Refused where the picture is none, is large, or comes from elsewhere, and
    where the address is not an encrypted one."""
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise Refused(_("Enter an address that begins with https://."), field="address")
    if ends < begins or ends < now().date():
        raise Refused(_("Its last day has passed, or comes before its first."), field="ends")
    looked = media.look(filename, picture)
    if isinstance(looked, list) or looked.content_type not in PICTURES:
        raise Refused(_("Choose a PNG or JPEG picture."), field="file")
    if len(picture) > LARGEST or looked.width > WIDEST or looked.height > HIGHEST:
        raise Refused(
            _("The picture is too large: at most 256 KB, 1600 by 500 pixels."), field="file"
        )
    banner = Banner.objects.create(
        advertiser=advertiser,
        says=says,
        address=address,
        begins=begins,
        ends=ends,
        content_type=looked.content_type,
        width=looked.width,
        height=looked.height,
        picture=picture,
    )
    trail.record(verb="banners.enter", by=by, noun="banner", noun_id=banner.pk)
    return banner


@transaction.atomic
def end(*, banner_id: UUID, by: Actor) -> None:
    """No page shows it any more."""
    if not Banner.objects.filter(pk=banner_id, ended_at=None).update(ended_at=Now()):
        raise Refused(_("This banner has ended already."), code="ended")
    trail.record(verb="banners.end", by=by, noun="banner", noun_id=banner_id)


def shown() -> Banner | None:
    """The banner of the day: several take turns by days (one query, without the pictures)."""
    running = _running()
    return running[running[0].today.toordinal() % len(running)] if running else None


@prepared.query
def _running() -> QuerySet[Any]:
    return (
        Banner.objects.defer("picture")
        .annotate(today=Cast(Now(), DateField()))
        .filter(begins__lte=F("today"), ends__gte=F("today"), ended_at=None)
        .order_by("pk")
    )
