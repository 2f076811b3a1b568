"""What the policy costs while it runs: a decision, and a new version against all who said no."""

import json
import statistics
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from benchmarks import meter, releases
from benchmarks.stage import Stage
from creditable.ops.processes import ROOT

if TYPE_CHECKING:
    from creditable.policy.contents import Policy

PEOPLE = 1_000_000
OBJECTIONS = 400_000
DECISIONS = 300
ROUNDS = 3
NEXT = ROOT / "demo" / "electric" / "policy-drafts" / "2"

Measured = tuple[Mapping[str, float], Mapping[str, float]]


def decision(set_up: Stage) -> Measured:
    """Whether something may leave about one person: a dry run of the gate, at the median."""
    from creditable.disclosure import gate
    from creditable.lib.actor import Actor
    from creditable.lib.ids import uuid7

    (person,) = releases.subjects(1)
    template = releases.template()
    spent, waited = [], []
    for _ in range(DECISIONS):
        database = meter.cpu_ms([set_up.postgres])
        own, wall = time.process_time(), time.monotonic()
        opened = gate.open(template=template, by=Actor.system("benchmarks"), key=f"d:{uuid7()}")
        opened.add(person, {"total": "39.00", "name": "Ana Diaz"})
        assert opened.decide().allowed
        waited.append((time.monotonic() - wall) * 1000)
        spent.append(
            (time.process_time() - own) * 1000 + meter.cpu_ms([set_up.postgres]) - database
        )
    return {"ms": statistics.median(spent)}, {"p50 ms by the wall": statistics.median(waited)}


def against_objections(set_up: Stage) -> Measured:
    """Whom a new version concerns, of those who said no: the office's number and the letters."""
    from creditable.disclosure import objections, policies

    _populate(set_up)
    comparison = policies.against_current(_next())
    assert comparison is not None
    assert comparison.widened
    people: list[object] = []

    def work() -> None:
        people[:] = objections.people(objections.concerned(comparison))

    ms, waited = _least(set_up, work)
    return {"ms": ms}, {"people": len(people), "s by the wall": waited}


def preview(set_up: Stage) -> Measured:
    """What the office sees before it publishes: sentences, cells and how many people each."""
    from creditable.rights import publication

    _populate(set_up)
    files = {file.name: file.read_text(encoding="utf-8") for file in NEXT.glob("*.yaml")}
    letters: dict[object, int] = {}

    def work() -> None:
        seen = publication.preview(files)
        assert not seen.problems
        letters.update(seen.letters)

    ms, waited = _least(set_up, work)
    return {"ms": ms}, {"letters": sum(letters.values()), "s by the wall": waited}


def _least(set_up: Stage, work: Callable[[], None]) -> tuple[float, float]:
    """CPU milliseconds and seconds by the wall; the first time reads what is read once."""
    work()
    rounds = []
    for _ in range(ROUNDS):
        own, database, wall = (
            time.process_time(), meter.cpu_ms([set_up.postgres]), time.monotonic(),
        )  # fmt: skip
        work()
        cpu = (time.process_time() - own) * 1000 + meter.cpu_ms([set_up.postgres]) - database
        rounds.append((cpu, time.monotonic() - wall))
    return min(cpu for cpu, _ in rounds), min(wall for _, wall in rounds)


def _next() -> "Policy":
    from creditable.policy import document

    return document.load(NEXT)


def _populate(set_up: Stage) -> None:
    """A million people, of whom 400,000 have said no: each to one of the choices. PostgreSQL then
    counts its rows, as it does by itself within a minute."""
    from django.db import connection

    from creditable.disclosure import objections, policies
    from creditable.disclosure.models import Objection

    if Objection.objects.count() >= OBJECTIONS:
        return
    choices = policies.current().choices
    reaches = {
        name: json.dumps(objections.plain(choice.covers)) for name, choice in choices.items()
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO disclosure_subject (id, created_at, digest_key, lock)"
            " SELECT disclosure_row_id(), now(), sha256(n::text::bytea), 0"
            " FROM generate_series(1, %s) AS n",
            [PEOPLE],
        )
        cursor.execute(
            "CREATE TEMPORARY TABLE said AS SELECT id,"
            " (row_number() OVER ())::int %% %s + 1 AS kind"
            " FROM disclosure_subject ORDER BY id DESC LIMIT %s",
            [len(reaches), OBJECTIONS],
        )
        cursor.execute(
            "INSERT INTO disclosure_objection (id, at, subject_id, reach, choice, words)"
            " SELECT disclosure_row_id(), now(), id, (%s::jsonb[])[kind], (%s::text[])[kind], ''"
            " FROM said",
            [list(reaches.values()), list(reaches)],
        )
        cursor.execute(
            "INSERT INTO disclosure_standing (subject_id, answers)"
            " SELECT id, jsonb_build_object((%s::text[])[kind], false) FROM said",
            [list(reaches)],
        )
        cursor.execute("DROP TABLE said")
    for table in ("subject", "objection", "standing"):
        set_up.running.run(f"ANALYZE disclosure_{table}")
