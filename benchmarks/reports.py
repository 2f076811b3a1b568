"""What a report to an authority costs that has a line for each of a hundred thousand licensees:
the release with its lines of the ledger, the file, and the station of each report."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from benchmarks import meter
from benchmarks.releases import still, subjects
from benchmarks.stage import COURSE, Stage

LINES = 100_000
AUTHORITY = "us-tx-tdlr-electricians"

Measured = tuple[Mapping[str, float], Mapping[str, float]]


def report(set_up: Stage) -> Measured:
    """One roster, as long as a roster may be."""
    from creditable.credit import reports
    from creditable.lib.actor import Actor

    due = _due(subjects(LINES))
    by = Actor.system("benchmarks")
    with still(set_up), _without_end():
        before = meter.resident_most(forget=True)
        own, database = time.process_time(), meter.cpu_ms([set_up.postgres])
        wall = time.monotonic()
        (roster,) = reports.send(report_ids=due, by=by)
        own_s = time.process_time() - own
        database_s = (meter.cpu_ms([set_up.postgres]) - database) / 1000
        waited = time.monotonic() - wall
    lines = roster.reports.count()
    if lines != LINES:
        raise SystemExit(f"The roster has {lines} lines.")
    more = meter.resident_most() - before
    return {"ms": (own_s + database_s) * 1000, "mebibytes": more}, {
        "own s": own_s,
        "PostgreSQL s": database_s,
        "by the wall": waited,
        "file MB": len(roster.content) / 1e6,
    }


@contextmanager
def _without_end() -> Iterator[None]:
    """While the authority takes rosters of any length."""
    from creditable.credit import packs

    served = packs._packs()
    pack = served[AUTHORITY]
    served[AUTHORITY] = replace(pack, layout=replace(pack.layout, lines=LINES, group_by="provider"))
    try:
        yield
    finally:
        served[AUTHORITY] = pack


def _due(people: Sequence[UUID]) -> list[UUID]:
    """A license, an award and a report that is due for each of the people."""
    from django.db import connection

    from creditable.catalog.models import Approval
    from creditable.credit import packs
    from creditable.disclosure.arrays import array

    pack = packs.get(AUTHORITY)
    approval = Approval.objects.get(course__slug=COURSE, authority=AUTHORITY)
    snapshot = {
        "course": {"title": "Electrical safety", "delivery": "self_paced_online"},
        "holder_name": "Ana Diaz",
        "license": {"type": pack.license_types[0].id, "number": "0"},
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH person AS (
                SELECT id, row_number() OVER () AS place FROM unnest(%(people)s::uuid[]) AS id
            ), license AS (
                INSERT INTO people_license (
                    id, subject_id, authority, license_type, number, name_as_printed, answers
                )
                SELECT gen_random_uuid(), id, %(authority)s, %(type)s, place, 'Ana Diaz ' || place,
                    '{}'
                FROM person RETURNING id, subject_id
            ), award AS (
                INSERT INTO credit_award (
                    id, completion_id, subject_id, course_id, approval_id, license_id, authority,
                    course_number, minutes, completed_at, completed_on, snapshot
                )
                SELECT gen_random_uuid(), gen_random_uuid(), subject_id, %(course)s, %(approval)s,
                    id, %(authority)s, %(number)s, 60, now(), current_date, %(snapshot)s
                FROM license RETURNING id, subject_id
            )
            INSERT INTO credit_report (
                id, award_id, subject_id, authority, state, confirmation, code, message, amend
            )
            SELECT gen_random_uuid(), id, subject_id, %(authority)s, 'due', '', '', '', ''
            FROM award RETURNING id
            """,
            {
                "people": array(person.hex for person in people),
                "authority": AUTHORITY,
                "type": pack.license_types[0].id,
                "course": approval.course_id,
                "approval": approval.pk,
                "number": approval.number,
                "snapshot": json.dumps(snapshot),
            },
        )
        return [id for (id,) in cursor.fetchall()]
