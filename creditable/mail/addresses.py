"""Addresses to which no mail can be delivered."""

from uuid import UUID

from django.db import transaction

from creditable.audit import clock, prepared
from creditable.disclosure import recall, subjects
from creditable.mail.models import DeadAddress


@transaction.atomic
def mark_dead(*, subject_id: UUID, address: str, status: str) -> None:
    """A mail server says that there is no such mailbox. What waits to go there is taken back."""
    subjects.lock([subject_id])
    DeadAddress.objects.get_or_create(
        subject_id=subject_id, address=address, cleared_at=None, defaults={"status": status}
    )
    recall.mailed_to(subject_id, address, why="no mail can be delivered to the address")


def is_dead(*, subject_id: UUID, address: str) -> bool:
    dead: bool = _IS_DEAD.row({"subject": subject_id, "to": address}).dead
    return dead


# The same as a condition of a statement with the parameters `subject` and `to`.
IS_DEAD = """EXISTS (
    SELECT FROM mail_deadaddress
    WHERE subject_id = %(subject)s AND cleared_at IS NULL
        AND upper(address) = upper(%(to)s::varchar)
)"""
_IS_DEAD = prepared.Statement(f"SELECT {IS_DEAD} AS dead")


def clear(*, subject_id: UUID, address: str) -> None:
    """Mail to the address was seen to arrive after all."""
    dead = DeadAddress.objects.filter(subject_id=subject_id, cleared_at=None)
    dead.filter(address__iexact=address).update(cleared_at=clock.now())
