"""Sending mail: through the gate, into the outbox, into the archive, together."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from creditable.disclosure import gate
from creditable.lib.actor import Actor
from creditable.mail import return_address
from creditable.mail.kinds import Kind
from creditable.mail.models import Message
from creditable.mail.rendering import render


@transaction.atomic
def send(
    *, kind: Kind, subject_id: UUID, to: str, values: Mapping[str, object], by: Actor, key: str
) -> None:
    """Queues one mail of this kind with the transaction that is open now. The same `key` again
    sends nothing. Raises gate.Denied when the policy does not let it leave."""
    key = f"mail:{key}"
    release = gate.open(template=kind.template, by=by, key=key)
    release.add(subject_id, {**values, "email": to})
    released = release.commit()
    if Message.objects.filter(key=key).exists():
        return
    (line,) = release.decide().allowed
    mail = render(
        kind.name,
        release.kept(line),
        key,
        subject_id=subject_id,
        choice=kind.choice,
        secret=kind.secret,
    )
    Message.objects.create(
        subject_id=subject_id,
        kind=kind.name,
        key=key,
        batch=released.batch,
        title="" if kind.secret else mail.subject,
        text="" if kind.secret else mail.text,
        number=return_address.number(key),
        message_id=mail.message_id,
        to=to,
        choice=kind.choice,
    )
