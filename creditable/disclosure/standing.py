"""What stands against releases about people: what they refused, and what is held for them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from creditable.audit import prepared
from creditable.disclosure import policies
from creditable.disclosure.arrays import uuids
from creditable.disclosure.models import Hold
from creditable.policy.contents import Cell, Policy
from creditable.policy.decide import Decisions


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """The choices that a person refused, or was not asked yet, and the cells that are held for
    them. Those of one reading who said the same share one."""

    refused: frozenset[str]
    held: frozenset[Cell] = frozenset()


def of(people: Sequence[UUID]) -> tuple[Decisions, Mapping[UUID, Said]]:
    """The policy that holds now, and what those people said of whom something is known; all others
    are silent (one query)."""
    with prepared.cursor() as cursor:
        cursor.execute(_SAID, {"people": uuids(people)})
        rows = cursor.fetchall()
    if not rows:
        raise policies.NoPolicy("publish a privacy policy first")
    decisions = policies.compiled(*rows[0][:2])

    @cache
    def said(answers: str, held: str) -> Said:
        cells = frozenset(Cell(*cell) for cell in json.loads(held))
        return Said(decisions.policy.refused(json.loads(answers)), cells)

    return decisions, {
        subject_id: said(answers, held)
        for _version, _sha256, subject_id, answers, held in rows
        if subject_id is not None
    }


def refused_by(subject_id: UUID, policy: Policy, said: Mapping[UUID, Said]) -> frozenset[str]:
    """The choices in force against releases about this person, of whom that is known."""
    return said[subject_id].refused if subject_id in said else policy.refused({})


def cell_of(hold: Hold) -> Cell:
    return Cell(hold.category, hold.recipient, hold.purpose, hold.channel, hold.group)


_SAID = """
WITH newest AS (
    SELECT version, sha256 FROM disclosure_policyversion ORDER BY version DESC LIMIT 1
), s AS (
    SELECT subject_id, answers::text FROM disclosure_standing
    WHERE subject_id = ANY(%(people)s::uuid[])
), h AS (
    SELECT subject_id, json_agg(json_build_array(
        category, recipient, purpose, channel, "group"
    ))::text AS held
    FROM disclosure_hold
    WHERE subject_id = ANY(%(people)s::uuid[]) AND lifted_at IS NULL
    GROUP BY subject_id
)
SELECT newest.version, newest.sha256, subject_id, coalesce(s.answers, '{}'),
    coalesce(h.held, '[]')
FROM newest LEFT JOIN (s FULL JOIN h USING (subject_id)) ON true
"""
