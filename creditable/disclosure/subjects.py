"""Making and locking subjects."""

from collections.abc import Iterable
from operator import attrgetter
from uuid import UUID

from creditable.audit import prepared
from creditable.disclosure.arrays import uuids
from creditable.disclosure.models import Subject

KEY = 32
"""The bytes of a digest's key."""


def create() -> Subject:
    """A new random id for somebody."""
    subject = Subject.objects.create()
    subject.refresh_from_db(fields=["created_at"])
    return subject


def lock(ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """Locks the subjects in the order of their ids until the transaction ends, and gives the keys
    of their digests. Releases, objections and erasures take the same lock, so that none overtakes
    another."""
    people = sorted(set(ids), key=attrgetter("int"))
    with prepared.cursor() as cursor:
        cursor.execute(_LOCK, [uuids(people)])
        (keys,) = cursor.fetchone()
    if len(keys) != KEY * len(people):
        raise LookupError("a subject is not there, or has no key")
    return {
        person: keys[start : start + KEY]
        for person, start in zip(people, range(0, len(keys), KEY), strict=True)
    }


# One value for all keys: as rows, those of a long list took longer to read than to lock.
_LOCK = """
SELECT coalesce(string_agg(digest_key, ''::bytea ORDER BY id), '') FROM (
    SELECT id, digest_key FROM disclosure_subject WHERE id = ANY(%s::uuid[])
    ORDER BY id FOR NO KEY UPDATE
) AS locked
"""
