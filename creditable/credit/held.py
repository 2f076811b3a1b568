"""Credit that people earned elsewhere and tell us about."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.credit import atlas, packs, proof_files
from creditable.credit.demands import MODES
from creditable.credit.models import HeldCredit
from creditable.lib.actor import Actor
from creditable.lib.dates import local_date
from creditable.lib.refusal import Refused

MOST_MINUTES = 60 * 200


@transaction.atomic
def add(
    *,
    subject_id: UUID,
    authority: str,
    course_title: str,
    course_number: str,
    completed_on: date,
    minutes: int,
    topic: str = "",
    mode: str = "",
    by: Actor,
) -> HeldCredit:
    """Notes a course completed elsewhere, all of it in one of the authority's topics or in none.
    Refused at the field at fault."""
    pack = packs.find(authority)
    if pack is None:
        raise Refused(_("Choose the authority that credited it."), field="authority")
    if completed_on > local_date(now(), pack.time_zone):
        raise Refused(_("This day has not come yet."), field="completed_on")
    if not 1 <= minutes <= MOST_MINUTES:
        raise Refused(_("Enter the hours that were credited."), field="hours")
    if topic and topic not in atlas.topics(pack):
        raise Refused(_("Choose a topic of that authority, or none."), field="topic")
    if mode and mode not in MODES:
        raise Refused(_("Choose how you took the course."), field="mode")
    try:
        with transaction.atomic():
            credit = HeldCredit.objects.create(
                subject_id=subject_id,
                authority=authority,
                course_title=" ".join(course_title.split()),
                course_number=" ".join(course_number.split()).upper(),
                completed_on=completed_on,
                minutes=minutes,
                topic=topic,
                mode=mode,
            )
    except IntegrityError as error:
        raise Refused(
            _("You told us of this course already."), field="course_number", code="twice"
        ) from error
    _trail("held.add", credit, by)
    return credit


@transaction.atomic
def remove(*, credit: HeldCredit, by: Actor) -> None:
    """Forgets what the person told us, and what they showed for it. Our own awards are not
    touched."""
    proof_files.remove(credit=credit, by=by)
    _trail("held.remove", credit, by)
    credit.delete()


def _trail(verb: str, credit: HeldCredit, by: Actor) -> None:
    trail.record(
        verb=verb,
        by=by,
        noun="held_credit",
        noun_id=credit.pk,
        about=credit.subject_id,
        detail={"authority": credit.authority},
    )
