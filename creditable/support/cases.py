"""What people ask, and what we do about it."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.lib.actor import Actor
from creditable.lib.dates import local_date
from creditable.lib.refusal import Refused
from creditable.support.deadlines import answer_by
from creditable.support.models import Case

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
