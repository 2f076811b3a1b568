"""Objections against a new version: whom it concerns, and what is held for them.

Objections with the same reach of people with the same answers have the same fate, so the pure rule
(`policy.compare`) is asked once for each such kind, and the database does the rest in one
statement, however many people there are.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import connection

from creditable.policy.compare import Comparison, Objection, Widening
from creditable.policy.contents import Cell, Reach


@dataclass(frozen=True, slots=True)
class Kind:
    """All objections of one reach whose people have given the same answers, and how many people
    they are. `reach` and `answers` are as stored."""

    reach: str
    answers: str
    people: int
    widened: tuple[Widening, ...]


def plain(reach: Reach) -> dict[str, list[str]]:
    """A reach as it is stored: the sides that have names."""
    return {side: sorted(names) for side, names in asdict(reach).items() if names}


def reach_of(stored: Mapping[str, Iterable[str]]) -> Reach:
    return Reach(**{side: tuple(names) for side, names in stored.items()})


def concerned(comparison: Comparison) -> list[Kind]:
    """The kinds of objection for which something widens (one query)."""
    if not comparison.widened:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_KINDS)
        rows = cursor.fetchall()
    kinds = []
    for reach, answers, people in rows:
        said = tuple(sorted(json.loads(answers).items()))
        widened = comparison.concerned(Objection(reach_of(json.loads(reach)), said))
        if widened:
            kinds.append(Kind(reach, answers, people, tuple(widened)))
    return kinds


def per_cell(kinds: Sequence[Kind]) -> Mapping[Cell, int]:
    """How many letters each widened cell costs: the author mends the cell that costs most. People
    with other answers are others; who objected twice is asked for where both meet the cell (one
    query for each such mix of kinds)."""
    meeting: defaultdict[Cell, list[Kind]] = defaultdict(list)
    for kind in kinds:
        for cell in {widening.cell for widening in kind.widened}:
            meeting[cell].append(kind)
    counted: dict[tuple[Kind, ...], int] = {}
    for mix in map(tuple, meeting.values()):
        if mix not in counted:
            apart = len({kind.answers for kind in mix}) == len(mix)
            counted[mix] = sum(kind.people for kind in mix) if apart else len(people(mix))
    return {cell: counted[tuple(mix)] for cell, mix in meeting.items()}


def people(kinds: Sequence[Kind]) -> list[UUID]:
    """Who they are, each once (one query)."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, _arrays(kinds))
        return [subject_id for (subject_id,) in cursor.fetchall()]


def hold(kinds: Sequence[Kind], *, version: int) -> int:
    """Shuts every widened cell for everybody whom it concerns; says how many holds were new. Part
    of the transaction that publishes the version."""
    rows = [
        (kind.reach, kind.answers, *asdict(widening.cell).values())
        for kind in kinds
        for widening in kind.widened
    ]
    if not rows:
        return 0
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [version, *columns])
        held: int = cursor.rowcount
    return held


def _arrays(kinds: Sequence[Kind]) -> list[list[str]]:
    return [[kind.reach for kind in kinds], [kind.answers for kind in kinds]]


# As text, and each person's first: a sort by reaches as JSON took longer than all the rest.
_KINDS = """
SELECT reach, answers, count(*) FROM (
    SELECT DISTINCT o.subject_id, o.reach::text AS reach, coalesce(s.answers, '{}')::text AS answers
    FROM disclosure_objection o LEFT JOIN disclosure_standing s ON s.subject_id = o.subject_id
    WHERE o.withdrawn_at IS NULL
) AS said
GROUP BY reach, answers
ORDER BY reach, answers
"""
_PEOPLE = """
SELECT DISTINCT o.subject_id
FROM disclosure_objection o LEFT JOIN disclosure_standing s ON s.subject_id = o.subject_id
JOIN unnest(%s::jsonb[], %s::jsonb[]) AS kind (reach, answers)
    ON kind.reach = o.reach AND kind.answers = coalesce(s.answers, '{}')
WHERE o.withdrawn_at IS NULL
ORDER BY 1
"""
_HOLD = """
INSERT INTO disclosure_hold
    (subject_id, objection_id, version, category, recipient, purpose, channel, "group")
SELECT o.subject_id, (array_agg(o.id ORDER BY o.at))[1], %s,
    kind.category, kind.recipient, kind.purpose, kind.channel, kind."group"
FROM disclosure_objection o LEFT JOIN disclosure_standing s ON s.subject_id = o.subject_id
JOIN unnest(%s::jsonb[], %s::jsonb[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS kind (reach, answers, category, recipient, purpose, channel, "group")
    ON kind.reach = o.reach AND kind.answers = coalesce(s.answers, '{}')
WHERE o.withdrawn_at IS NULL
GROUP BY o.subject_id, kind.category, kind.recipient, kind.purpose, kind.channel, kind."group"
ON CONFLICT DO NOTHING
"""
