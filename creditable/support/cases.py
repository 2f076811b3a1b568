"""What people ask, and what we do about it.

What somebody wrote is sealed: `read` opens it to who has the case, `break_seal` to anybody else of
the staff who says why, and tells the writer. Nothing else hands it out.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import Now, now
from creditable.disclosure import subjects
from creditable.lib.actor import Actor
from creditable.lib.dates import local_date
from creditable.lib.refusal import Refused
from creditable.mail import post
from creditable.support.deadlines import answer_by
from creditable.support.models import Case, Opening
from creditable.support.releases import OPENED

SHORTEST_REASON = 10
"""Signs; fewer explain nothing to whom it is told."""
AN_HOUR = timedelta(hours=1)
CASES_AN_HOUR = 5


@transaction.atomic
def open(
    *,
    key: UUID,
    name: str,
    email: str,
    topic: str,
    body: str,
    by: Actor,
    subject_id: UUID | None = None,
) -> Case:
    """Opens a case, once for each `key`. Refuses an address that has opened many within the
    hour: a form that anyone can send must not be a way to bury the people who answer."""
    instant = now()
    recent = Case.objects.filter(email__iexact=email, opened_at__gt=instant - AN_HOUR)
    if recent.exclude(key=key).count() >= CASES_AN_HOUR:
        raise Refused(
            _(
                "We have several messages from this address within the last hour and will answer "
                "them. Please try again in an hour, or call us if it cannot wait."
            ),
            field="email",
            code="too_many",
        )
    case, opened = Case.objects.get_or_create(
        key=key,
        defaults={
            "subject_id": subject_id,
            "name": name,
            "email": email,
            "topic": topic,
            "body": body,
            "due": answer_by(local_date(instant, settings.TIME_ZONE)),
        },
    )
    if opened:
        trail.record(
            verb="cases.open",
            by=by,
            noun="case",
            noun_id=case.id,
            about=subject_id,
            detail={"topic": topic},
        )
    return case


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sealed of a case: who wrote, where the answer goes, and what they wrote."""

    name: str
    email: str
    body: str


@transaction.atomic
def take(*, case: Case, by: Actor) -> None:
    """Makes it the case of this member of staff. Refused while somebody else has it."""
    free = Case.objects.filter(pk=case.pk, owner=None)
    if free.update(owner_id=by.subject_id, taken_at=Now()):
        trail.record(verb="cases.take", by=by, noun="case", noun_id=case.pk, about=case.subject_id)
    elif not has(case=case, by=by):
        raise Refused(_("Somebody else has taken this case. It stays closed to you."), code="taken")


@transaction.atomic
def give_back(*, case: Case, by: Actor) -> None:
    """Leaves the case to whoever takes it next; what was written is closed to this member of staff
    from now on."""
    own = Case.objects.filter(pk=case.pk, owner_id=by.subject_id)
    if own.update(owner=None, taken_at=None):
        trail.record(
            verb="cases.give_back", by=by, noun="case", noun_id=case.pk, about=case.subject_id
        )


def has(*, case: Case, by: Actor) -> bool:
    """Whether it is their case now."""
    return Case.objects.filter(pk=case.pk, owner_id=by.subject_id).exists()


@transaction.atomic
def read(*, case: Case, by: Actor) -> Letter:
    """What was written, for who has the case. Each reading is noted."""
    if by.subject_id is None or not has(case=case, by=by):
        raise Refused(
            _("What was written is sealed. Take the case, or say why you have to read it."),
            code="sealed",
        )
    _noted("view", case, by)
    return _letter(case)


@transaction.atomic
def break_seal(*, case: Case, reason: str, by: Actor) -> Letter:
    """What was written, once, for who does not have the case and says why. It goes into the trail
    and onto the writer's page, and they are written to at once."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused(
            _("Say in a sentence why you have to read it: the one who wrote it is told."),
            field="reason",
            code="no_reason",
        )
    if by.kind != "staff" or by.subject_id is None:
        raise ValueError("only staff break a seal")
    opening = Opening.objects.create(case=case, by=by.subject_id, reason=reason[:2000])
    _noted("cases.break_seal", case, by)
    letter = _letter(case)
    post.send(
        kind=OPENED,
        subject_id=case.subject_id or subjects.create().pk,
        to=letter.email,
        values={"name": letter.name, "code": case.code, "reason": opening.reason},
        by=by,
        key=f"opened:{opening.pk}",
    )
    return letter


def _letter(case: Case) -> Letter:
    sealed = Case.objects.only("name", "email", "body").get(pk=case.pk)
    return Letter(sealed.name, sealed.email, sealed.body)


def _noted(verb: str, case: Case, by: Actor) -> None:
    trail.record(verb=verb, by=by, noun="console case", noun_id=case.pk, about=case.subject_id)
