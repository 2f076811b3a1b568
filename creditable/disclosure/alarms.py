"""What the program's own looks at itself found wrong, for the office to look after."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from creditable.audit import clock, trail
from creditable.disclosure.models import Alarm
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused

LONGEST = 500


def ring(*, kind: str, found: Iterable[str]) -> int:
    """An alarm for each finding that nobody has been told yet; says how many are new."""
    new = 0
    for words in found:
        _, is_new = Alarm.objects.get_or_create(kind=kind, words=words[:LONGEST], settled_at=None)
        new += is_new
    return new


def waiting() -> QuerySet[Alarm]:
    """What nobody has looked after, the newest first."""
    return Alarm.objects.filter(settled_at=None).order_by("-at", "-id")


@transaction.atomic
def settle(*, alarm_id: UUID | str, by: Actor) -> None:
    """Somebody has looked after it. It stays on record, and rings again if it is found again."""
    if not Alarm.objects.filter(pk=alarm_id, settled_at=None).update(settled_at=clock.now()):
        raise Refused(_("Somebody has looked after this already."), code="settled")
    trail.record(verb="alarms.settle", by=by, noun="alarm", noun_id=alarm_id)
