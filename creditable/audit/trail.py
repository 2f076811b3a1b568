"""Writing to the trail and reading it back."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from creditable.audit import prepared
from creditable.lib.actor import Actor
from creditable.lib.ids import uuid7


def record(
    *,
    verb: str,
    by: Actor,
    noun: str,
    noun_id: object,
    about: UUID | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Notes a deed in the transaction that does it. `detail` carries no personal values."""
    record_each(by=by, deeds=[Deed(verb, noun, noun_id, about, detail or {})])


@dataclass(frozen=True, slots=True)
class Deed:
    """One of many deeds that somebody did together, as `record` takes it."""

    verb: str
    noun: str
    noun_id: object
    about: UUID | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def record_each(*, by: Actor, deeds: Iterable[Deed]) -> None:
    """As `record` for each, in a statement for every few thousand, of one parameter: quoting each
    value would take longer than writing the rows."""
    left = iter(deeds)
    with prepared.cursor() as cursor:
        while some := list(islice(left, 2000)):
            rows = [
                {
                    "id": uuid7().hex,
                    "verb": deed.verb,
                    "noun": deed.noun,
                    "noun_id": str(deed.noun_id),
                    "about": deed.about and deed.about.hex,
                    "detail": deed.detail,
                }
                for deed in some
            ]
            cursor.execute(
                _EACH,
                {
                    "deeds": json.dumps(rows),
                    "kind": by.kind,
                    "actor": by.subject_id,
                    "name": by.name,
                },
            )


_EACH = """
    INSERT INTO audit_event
        (id, verb, noun, noun_id, about, actor_kind, actor_id, actor_name, detail)
    SELECT id, verb, noun, noun_id, about, %(kind)s, %(actor)s::uuid, %(name)s, detail
    FROM jsonb_to_recordset(%(deeds)s::jsonb)
        AS deed (id uuid, verb text, noun text, noun_id text, about uuid, detail jsonb)
"""


def viewed(*, by: Actor, subject_id: UUID, page: str) -> None:
    """Notes that a member of staff looked at a person's record: the access log."""
    record(verb="view", by=by, noun=page, noun_id=subject_id, about=subject_id)
