"""What a file costs of the completions of ten thousand people, twenty of each: the lines alone, and
with the lines of the ledger."""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from benchmarks import meter
from benchmarks.releases import still, subjects
from benchmarks.stage import COURSE, Stage

PEOPLE = 10_000
EACH = 20
FIRST, LAST = date(2026, 1, 1), date(2026, 1, EACH)

Measured = tuple[Mapping[str, float], Mapping[str, float]]


def completions(set_up: Stage) -> Measured:
    from creditable.credit import completions
    from creditable.lib.actor import Actor

    _complete(subjects(PEOPLE))
    with still(set_up):
        before = meter.resident_most(forget=True)
        lines_s, _, lines = _spent(set_up, _lines)
        whole_s, wall_s, size = _spent(
            set_up,
            lambda: sum(
                len(block)
                for block in completions.export(
                    first=FIRST,
                    last=LAST,
                    authority="",
                    purpose="licensure",
                    by=Actor.system("benchmarks"),
                )
            ),
        )
        more = meter.resident_most() - before
    if lines != PEOPLE:
        raise SystemExit(f"The file is about {lines} people.")
    return {"ms": whole_s * 1000, "mebibytes": more}, {
        "lines s": lines_s,
        "with the ledger s": whole_s,
        "by the wall": wall_s,
        "file MB": size / 1e6,
    }


def _lines() -> int:
    """The lines, written into a file of this process."""
    import tempfile

    from creditable.credit import completions

    with tempfile.TemporaryFile() as file:
        return len(completions._write(completions._statement(FIRST, LAST, ""), file))


def _spent(set_up: Stage, work: object) -> tuple[float, float, int]:
    """The seconds of the processors, those by the wall, and what came of it."""
    assert callable(work)
    own, database = time.process_time(), meter.cpu_ms([set_up.postgres])
    wall = time.monotonic()
    found = work()
    waited = time.monotonic() - wall
    spent = time.process_time() - own + (meter.cpu_ms([set_up.postgres]) - database) / 1000
    return spent, waited, found


def _complete(people: Sequence[UUID]) -> None:
    """An award of the provider's own for each of the people on each day."""
    from django.db import connection

    from creditable.catalog.models import Course
    from creditable.disclosure.arrays import array

    snapshot = {
        "course": {
            "slug": COURSE,
            "title": "Electrical safety",
            "version": 1,
            "delivery": "self_paced_online",
            "instructor": "Dolores Tran-Whitfield",
            "started_at": "2026-01-01T12:00:00+00:00",
        },
        "seat_minutes": 121,
        "score_percent": 85,
        "holder_name": "Ana Diaz",
        "provider": {"name": "Wirewright Academy", "number": "1234"},
        "approval": {
            "number": "TX-1",
            "authority_name": "Texas Department of Licensing and Regulation",
            "topic_minutes": {"nec": 60, "law": 60},
        },
        "license": {
            "type": "journeyman_electrician",
            "type_name": "Journeyman Electrician",
            "number": "123456",
        },
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO credit_award (
                id, completion_id, subject_id, course_id, authority, course_number, minutes,
                completed_at, completed_on, snapshot
            )
            SELECT gen_random_uuid(), gen_random_uuid(), person, %(course)s, '', '', 60, now(),
                %(first)s::date + day, %(snapshot)s
            FROM unnest(%(people)s::uuid[]) AS person, generate_series(0, %(each)s - 1) AS day
            """,
            {
                "people": array(person.hex for person in people),
                "course": Course.objects.get(slug=COURSE).pk,
                "first": FIRST,
                "each": EACH,
                "snapshot": json.dumps(snapshot),
            },
        )
