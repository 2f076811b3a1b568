"""Sending mail: through the gate, into the outbox, into the archive, together."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from creditable.disclosure import gate, withheld
from creditable.disclosure.messages import Mail
from creditable.lib.actor import Actor
from creditable.mail import addresses, return_address
from creditable.mail.kinds import Kind
from creditable.mail.models import Message


class _Dead(Exception):
    """The address takes no mail."""


def send(
    *, kind: Kind, subject_id: UUID, to: str, values: Mapping[str, object], by: Actor, key: str
) -> bool:
    """Queues one mail of this kind with the transaction that is open now. The same `key` again
    sends nothing. Raises gate.Denied when the policy does not let it leave. To an address that
    takes no mail nothing goes but a code that somebody is asking for: False, and the office sees
    it."""
    key = f"mail:{key}"
    try:
        _queue(kind, subject_id, {**values, "email": to}, by, key)
    except _Dead:
        why = _("no mail can be delivered to the address")
        withheld.note(key=key, subject_id=subject_id, template=kind.template, reason=why)
        return False
    return True


@transaction.atomic
def _queue(kind: Kind, subject_id: UUID, values: Mapping[str, object], by: Actor, key: str) -> None:
    to = str(values["email"])
    release = gate.open(template=kind.template, by=by, key=key)
    release.add(subject_id, values)
    released = release.commit()
    mail = released.message
    if not isinstance(mail, Mail):  # it was queued before
        return
    # The release has locked the person: a report of their mail server came before, or waits.
    if not kind.secret and addresses.is_dead(subject_id=subject_id, address=to):
        raise _Dead
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
