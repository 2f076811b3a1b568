"""Outbox rows for these tests, as the gate would leave them, and what became of them."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from creditable.audit import clock
from creditable.disclosure.models import Outbox, Release, ReleaseEvent, Reply, Subject


def queue(
    channel: str = "https",
    destination: str = "postman",
    *,
    head: Mapping[str, Any] | None = None,
    body: bytes = b"{}",
    subject: Subject | None = None,
    hours: float = 72,
    wait: float = 0,
) -> Outbox:
    """A message, and the ledger line of the person in it."""
    batch = uuid.uuid4()
    now = clock.now()
    if subject is not None:
        Release.objects.create(
            subject=subject,
            batch=batch,
            key=str(batch),
            recipient="payment.paypal",
            purpose="payment",
            channel=channel,
            template="tests.payment",
            fields=["total"],
            rule="r",
            clause="c",
            policy_version=1,
            policy_sha256="0" * 64,
            digest="0" * 64,
            actor_kind="system",
        )
    ReleaseEvent.objects.create(batch=batch, status=ReleaseEvent.Status.QUEUED)
    row = Outbox.objects.create(
        key=str(batch),
        topic="tests",
        batch=batch,
        channel=channel,
        destination=destination,
        head=dict(head or {"method": "POST", "path": "/x", "headers": {}}),
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
        not_before=now + timedelta(seconds=wait),
        expires_at=now + timedelta(hours=hours),
    )
    row.refresh_from_db()
    return row


def replies(row: Outbox) -> list[Reply]:
    return list(Reply.objects.filter(outbox=row).order_by("attempt"))


def outcomes(row: Outbox) -> list[str]:
    return [reply.outcome for reply in replies(row)]


def events(row: Outbox) -> list[str]:
    lines = ReleaseEvent.objects.filter(batch=row.batch).order_by("at", "id")
    return list(lines.values_list("status", flat=True))
