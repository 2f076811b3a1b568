"""Mail that lies in the mailbox and that our reception refused: the sender notes it, and the office
is told."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Max

from creditable.disclosure import alarms
from creditable.disclosure.models import Alarm, Collected


def watch() -> int:
    """Rings for each mailbox and reason, and again for what came after somebody had looked; says
    how many rings are new. A flood of refused mail rings once."""
    return alarms.ring(kind=Alarm.Kind.MAIL, found=_unseen())


def _unseen() -> Iterator[str]:
    looked = _looked()
    refused = Collected.objects.exclude(refused="").values_list("mailbox", "refused")
    for mailbox, why, latest in refused.annotate(Max("at")).order_by("mailbox", "refused"):
        words = f"mail was left in {mailbox}: {why}"[: alarms.LONGEST]
        if words not in looked or looked[words] < latest:
            yield words


def _looked() -> dict[str, datetime]:
    """When somebody last looked after each of these alarms."""
    settled = Alarm.objects.filter(kind=Alarm.Kind.MAIL, settled_at__isnull=False)
    return dict(settled.values_list("words").annotate(Max("settled_at")))
