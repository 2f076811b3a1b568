"""What comes in from outside: kept until it has been read, and read by whoever knows people."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from creditable.audit import clock
from creditable.jobs import enqueue
from creditable.mail.models import Arrival

READER = "support.read_arrival"


@transaction.atomic
def keep(*, raw: bytes, sender: str, recipients: Sequence[str]) -> None:
    """Keeps the message and queues its reading. The same message handed over again, as mail
    servers do when they did not hear our answer, is kept once."""
    recipients = sorted(recipients)
    digest = hashlib.sha256("\n".join([sender, *recipients, ""]).encode() + raw).hexdigest()
    arrival, is_new = Arrival.objects.get_or_create(
        digest=digest, defaults={"raw": raw, "sender": sender, "recipients": recipients}
    )
    if is_new:
        enqueue(READER, {"arrival_id": str(arrival.id)}, key=f"arrival:{arrival.id}")


def settle(arrival: Arrival, *, meaning: str, subject_id: UUID | None) -> None:
    """The message has been read: what it was stays, what it said does not."""
    Arrival.objects.filter(id=arrival.id).update(
        meaning=meaning,
        subject_id=subject_id,
        handled_at=clock.now(),
        raw=b"",
        sender="",
        recipients=[],
    )
