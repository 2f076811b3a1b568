"""Completions as a file for the office: a line for each award, in the order of people.

The database writes the lines (COPY), which are kept in a file of this process until the gate has
said whose may leave. So a file of any length takes the same memory and the same statements. What a
spreadsheet would run as a formula gets an apostrophe before it.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import IO
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Composed, Identifier, Literal

from creditable.audit import trail
from creditable.credit.releases import COMPLETIONS
from creditable.disclosure import gate, policies
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.lib.text import FORMULA

BLOCK = 1 << 16
COLUMNS = (
    "Completed", "Name", "License type", "License number", "Authority", "Course", "Course number",
    "Minutes",
)  # fmt: skip
_TEXTS = ("holder", "kind", "number", "authority", "title", "course_number")


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of one person in the file: where they stand, and their SHA-256."""

    subject_id: UUID
    start: int
    end: int
    sha256: str


def purposes() -> Mapping[str, str]:
    """What for the policy lets the office take such a file, in its own words."""
    decisions = policies.decisions()
    nobody = decisions.policy.refused({})
    return {
        name: purpose.label
        for name, purpose in decisions.policy.purposes.items()
        if all(
            decisions.decide(replace(COMPLETIONS, purpose=name).cell(field), nobody).allowed
            for field in COMPLETIONS.required
        )
    }


def export(*, first: date, last: date, authority: str, purpose: str, by: Actor) -> Iterator[bytes]:
    """The file of what was completed from one day to another, with that authority (empty: with
    any), released for that purpose: each person with a line in the ledger, and nobody whom the
    policy does not let through. Refused when there is nobody or the policy opens no such file."""
    if last < first:
        raise Refused(_("The last day comes before the first."), field="last", code="period")
    if purpose not in purposes():
        raise Refused(
            _("Our privacy policy lets no such file out for this."), field="purpose", code="purpose"
        )
    with ExitStack() as until_refused:
        file = until_refused.enter_context(tempfile.TemporaryFile())
        parts = _write(_statement(first, last, authority), file)
        if not parts:
            raise Refused(_("Nothing was completed in this time."), field="first", code="nothing")
        allowed = _release(parts, purpose, by)
        until_refused.pop_all()
    return _read(file, [part for part in parts if part.subject_id in allowed])


def _release(parts: list[Part], purpose: str, by: Actor) -> set[UUID]:
    """Who may be in the file, once their lines stand in the ledger."""
    release = gate.open(template=replace(COMPLETIONS, purpose=purpose), by=by, key=None)
    for part in parts:
        release.add(part.subject_id, dict.fromkeys(COMPLETIONS.fields, part.sha256))
    try:
        with transaction.atomic():
            released = release.commit()
            assert released.allowed is not None, "it is new each time"
            allowed = {line.subject_id for line in released.allowed}
            trail.record(
                verb="credit.export",
                by=by,
                noun="completions",
                noun_id=released.batch,
                detail={"people": len(allowed), "purpose": purpose},
            )
    except gate.Denied as denied:
        denied.note()
        raise Refused(str(denied), code="withheld") from denied
    return allowed


def _write(statement: Composed, file: IO[bytes]) -> list[Part]:
    """Writes the lines, each without the person that it begins with, and says where whose are."""
    parts: list[Part] = []
    with connection.cursor() as cursor, cursor.copy(statement) as rows:
        for whose, lines in groupby(map(bytes, rows), key=_WHOSE):
            start, own = file.tell(), b"".join(map(_LINE, lines))
            file.write(own)
            parts.append(
                Part(UUID(whose.decode()), start, start + len(own), sha256(own).hexdigest())
            )
    return parts


def _read(file: IO[bytes], parts: Iterable[Part]) -> Iterator[bytes]:
    """The file with the lines of those parts, block by block."""
    with file:
        yield _HEADER
        for start, end in _spans(parts):
            file.seek(start)
            for at in range(start, end, BLOCK):
                yield file.read(min(BLOCK, end - at))


def _spans(parts: Iterable[Part]) -> Iterator[tuple[int, int]]:
    """The parts, those that follow each other together."""
    start = end = 0
    for part in parts:
        if part.start != end:
            yield start, end
            start = part.start
        end = part.end
    yield start, end


def _statement(first: date, last: date, authority: str) -> Composed:
    texts = {name: Identifier(name) for name in _TEXTS}
    signs = SQL(", ").join(Literal(ord(sign)) for sign in FORMULA)
    cells = {name: _CELL.format(text=text, signs=signs) for name, text in texts.items()}
    return _COPY.format(
        **cells,
        first=Literal(first),
        last=Literal(last),
        within=SQL("AND authority = {}").format(Literal(authority)) if authority else SQL(""),
    )


_WHOSE, _LINE = itemgetter(slice(36)), itemgetter(slice(37, None))
_HEADER = (",".join(COLUMNS) + "\n").encode()
_CELL = SQL("CASE WHEN ascii({text}) IN ({signs}) THEN '''' || {text} ELSE {text} END")
# What is read from a snapshot is read once, before it is looked at (OFFSET 0).
_COPY = SQL(
    """
COPY (
    SELECT subject_id, completed_on, {holder}, {kind}, {number}, {authority}, {title},
        {course_number}, minutes
    FROM (
        SELECT id, subject_id, completed_on, course_number, minutes,
            snapshot ->> 'holder_name' AS holder,
            snapshot -> 'license' ->> 'type_name' AS kind,
            snapshot -> 'license' ->> 'number' AS number,
            snapshot -> 'approval' ->> 'authority_name' AS authority,
            snapshot -> 'course' ->> 'title' AS title
        FROM credit_award
        WHERE completed_on BETWEEN {first} AND {last} {within}
        OFFSET 0
    ) AS line
    ORDER BY subject_id, completed_on, id
) TO STDOUT (FORMAT csv)
"""
)
