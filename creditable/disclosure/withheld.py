"""What did not leave, for the office to look after."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from creditable.audit import clock, trail
from creditable.disclosure.models import Release, Withheld
from creditable.disclosure.templates import Template
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused


def waiting() -> QuerySet[Withheld]:
    """What stayed here and has not left since, the newest first."""
    left = Release.objects.filter(key=OuterRef("key"), subject_id=OuterRef("subject_id"))
    return Withheld.objects.filter(~Exists(left), settled_at=None).order_by("-at", "-id")


def note(*, key: str, subject_id: UUID, template: Template, reason: str) -> None:
    """Something about a person stayed here for a reason that is not the policy's."""
    Withheld.objects.update_or_create(
        key=key,
        subject_id=subject_id,
        defaults={
            "template": template.name,
            "recipient": template.recipient,
            "reason": reason,
        },
    )


@transaction.atomic
def settle(*, withheld_id: UUID | str, by: Actor) -> None:
    """Somebody has looked after it. It stays on record."""
    rows = Withheld.objects.filter(pk=withheld_id, settled_at=None)
    if not rows.update(settled_at=clock.now()):
        raise Refused(_("Somebody has looked after this already."), code="settled")
    trail.record(verb="withheld.settle", by=by, noun="withheld", noun_id=withheld_id)
