"""Sending mail: through the gate, into the outbox, into the archive, together."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import prepared
from creditable.disclosure import gate, withheld
from creditable.disclosure.messages import Mail
from creditable.lib.actor import Actor
from creditable.lib.ids import uuid7
from creditable.mail import addresses, return_address
from creditable.mail.kinds import Kind


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
    release = gate.open(template=kind.template, by=by, key=key)
    release.add(subject_id, values)
    released = release.commit()
    mail = released.message
    if not isinstance(mail, Mail):  # it was queued before
        return
    kept = {"title": "", "text": ""} if kind.secret else {"title": mail.subject, "text": mail.text}
    row = _ARCHIVE.row(
        {
            "id": uuid7(),
            "subject": subject_id,
            "kind": kind.name,
            "key": key,
            "batch": released.batch,
            **kept,
            "number": return_address.number(key),
            "message_id": mail.message_id,
            "to": mail.to,
            "choice": kind.choice,
            "always": kind.secret,
        }
    )
    if row is None:
        raise _Dead


# The release has locked the person: a report of their mail server came before, or waits.
_ARCHIVE = prepared.Statement(
    f"""
INSERT INTO mail_message
    (id, subject_id, kind, key, batch, title, text, number, message_id, "to", choice)
SELECT %(id)s, %(subject)s, %(kind)s, %(key)s, %(batch)s, %(title)s, %(text)s, %(number)s,
    %(message_id)s, %(to)s, %(choice)s
WHERE %(always)s OR NOT {addresses.IS_DEAD}
RETURNING id
"""
)
