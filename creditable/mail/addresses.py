"""Addresses to which no mail can be delivered."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Upper

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
    return bool(_dead(subject_id, address))


@prepared.query
def _dead(subject_id: UUID, address: str) -> QuerySet[DeadAddress, UUID]:
    dead = DeadAddress.objects.filter(subject_id=subject_id, cleared_at=None)
    same = dead.alias(upper=Upper("address")).filter(upper=Upper(Value(address)))
    return same.values_list("subject_id", flat=True)[:1]


def clear(*, subject_id: UUID, address: str) -> None:
    """Mail to the address was seen to arrive after all."""
    dead = DeadAddress.objects.filter(subject_id=subject_id, cleared_at=None)
    dead.filter(address__iexact=address).update(cleared_at=clock.now())
