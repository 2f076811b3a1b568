"""Making and locking subjects."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from creditable.disclosure.arrays import array
from creditable.disclosure.models import Subject


def create() -> Subject:
    """A new random id for somebody."""
    subject = Subject.objects.create()
    subject.refresh_from_db(fields=["created_at"])
    return subject


def lock(ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """Locks the subjects in the order of their ids until the transaction ends, and gives the keys
    of their digests. Releases, objections and erasures take the same lock, so that none overtakes
    another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, digest_key FROM disclosure_subject WHERE id = ANY(%s::uuid[])"
            " ORDER BY id FOR NO KEY UPDATE",
            [array(ids)],
        )
        return dict(cursor.fetchall())
