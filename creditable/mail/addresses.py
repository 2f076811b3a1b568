"""Addresses to which no mail can be delivered."""

from uuid import UUID

from creditable.audit import clock
from creditable.mail.models import DeadAddress


def mark_dead(*, subject_id: UUID, address: str, status: str) -> None:
    """A mail server says that there is no such mailbox."""
    DeadAddress.objects.get_or_create(
        subject_id=subject_id, address=address, cleared_at=None, defaults={"status": status}
    )


def is_dead(*, subject_id: UUID, address: str) -> bool:
    dead = DeadAddress.objects.filter(subject_id=subject_id, cleared_at=None)
    return dead.filter(address__iexact=address).exists()


def clear(*, subject_id: UUID, address: str) -> None:
    """Mail to the address was seen to arrive after all."""
    dead = DeadAddress.objects.filter(subject_id=subject_id, cleared_at=None)
    dead.filter(address__iexact=address).update(cleared_at=clock.now())
