"""What stands against releases about people: what they refused, and what is held for them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from creditable.disclosure.arrays import array
from creditable.disclosure.models import Hold
from creditable.policy.contents import Cell, Policy


@dataclass(frozen=True, slots=True)
class Said:
    """The choices that a person refused, or was not asked yet, and the cells that are held for
    them."""

    refused: frozenset[str]
    held: frozenset[Cell] = frozenset()


def of(people: Sequence[UUID], policy: Policy) -> Mapping[UUID, Said]:
    """For those of whom something is known; all others are silent (one query)."""
    with connection.cursor() as cursor:
        cursor.execute(_SAID, {"people": array(people)})
        return {
            subject_id: Said(
                policy.refused(json.loads(answers)),
                frozenset(Cell(*cell) for cell in json.loads(held)),
            )
            for subject_id, answers, held in cursor.fetchall()
        }


def cell_of(hold: Hold) -> Cell:
    return Cell(hold.category, hold.recipient, hold.purpose, hold.channel, hold.group)


_SAID = """
SELECT subject_id, coalesce(s.answers, '{}'), coalesce(h.held, '[]')
FROM (
    SELECT subject_id, answers::text FROM disclosure_standing
    WHERE subject_id = ANY(%(people)s::uuid[])
) AS s
FULL JOIN (
    SELECT subject_id, json_agg(json_build_array(
        category, recipient, purpose, channel, "group"
    ))::text AS held
    FROM disclosure_hold
    WHERE subject_id = ANY(%(people)s::uuid[]) AND lifted_at IS NULL
    GROUP BY subject_id
) AS h USING (subject_id)
"""
