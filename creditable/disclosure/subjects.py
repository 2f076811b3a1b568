"""Making and locking subjects."""

from collections.abc import Iterable
from uuid import UUID

from creditable.disclosure.models import Subject


def create() -> Subject:
    """A new random id for somebody."""
    subject = Subject.objects.create()
    subject.refresh_from_db(fields=["created_at"])
    return subject


def lock(ids: Iterable[UUID]) -> list[Subject]:
    """The subjects, locked in the order of their ids until the transaction ends. Releases,
    objections and erasures take the same lock, so that none overtakes another."""
    return list(Subject.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id"))
