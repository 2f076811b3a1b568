"""What leaves through the gate, one by one and as a list, and what sealing its lines costs."""

import csv
import io
import os
import signal
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from benchmarks import meter
from benchmarks.stage import Stage

if TYPE_CHECKING:
    from creditable.disclosure.templates import Template

NAMES = 300_000
SINGLES = 200
ROUNDS = 3

Measured = tuple[Mapping[str, float], Mapping[str, float]]


def release(set_up: Stage) -> Measured:
    """One person, one message: what a payment, a mail or a report line costs."""
    spent, waited = [], []
    with still(set_up):
        for _ in range(ROUNDS):
            (person,) = subjects(1)
            _commit([person])
            own, database, wall = _spent(), meter.cpu_ms([set_up.postgres]), time.monotonic()
            for _ in range(SINGLES):
                _commit([person])
            cost = _spent() - own + meter.cpu_ms([set_up.postgres]) - database
            spent.append(cost / SINGLES)
            waited.append((time.monotonic() - wall) * 1000 / SINGLES)
    return {"ms": statistics.median(spent)}, {
        "a second on two cores": 2000 / statistics.median(spent),
        "ms by the wall": min(waited),
    }


def release_list(set_up: Stage) -> Measured:
    """As many names as a mailing list has, with a line of the ledger for each."""
    people = subjects(NAMES)
    with still(set_up):
        own, database, wall = _spent(), meter.cpu_ms([set_up.postgres]), time.monotonic()
        _commit(people)
        mine = (_spent() - own) / 1000
        theirs = (meter.cpu_ms([set_up.postgres]) - database) / 1000
        waited = time.monotonic() - wall
    return {"ms": (mine + theirs) * 1000, "waited": waited * 1000}, {
        "own s": mine,
        "PostgreSQL s": theirs,
    }


def seal(set_up: Stage) -> Measured:
    """A list's lines, brought to a million rows."""
    from creditable.disclosure import seals
    from creditable.disclosure.models import Unsealed

    people = subjects(NAMES // 3)
    while Unsealed.objects.exists():  # the worker may be at what waited before
        seals.seal()
        time.sleep(0.1)
    with still(set_up):
        before = seals.latest(1)[0].size
        _commit(people)
        own, database = _spent(), meter.cpu_ms([set_up.postgres])
        seals.seal()
        spent = (_spent() - own + meter.cpu_ms([set_up.postgres]) - database) / 1000
        rows = seals.latest(1)[0].size - before
    if rows <= len(people):
        raise SystemExit(f"{rows} rows were sealed here and {len(people)} wait: somebody else did.")
    return {"ms": spent * 1000 * 1_000_000 / rows}, {"rows": rows}


def _commit(people: Sequence[UUID]) -> None:
    from creditable.disclosure import gate
    from creditable.lib.actor import Actor
    from creditable.lib.ids import uuid7

    opened = gate.open(template=template(), by=Actor.system("benchmarks"), key=f"bench:{uuid7()}")
    for number, person in enumerate(people):
        opened.add(person, {"total": "39.00", "name": f"Ana Diaz {number}"})
    opened.commit()


def template() -> "Template":
    """What PayPal may hear, written as a list is: as CSV."""
    from creditable.disclosure.messages import Request
    from creditable.disclosure.templates import Line, Template

    def build(lines: Sequence[Line], key: str) -> Request:
        text = io.StringIO()
        csv.writer(text).writerows(line.values.values() for line in lines)
        return Request("paypal", "POST", "/nowhere", body=text.getvalue().encode())

    return Template(
        name="benchmarks.release",
        recipient="payment.paypal",
        purpose="payment",
        channel="https",
        fields={"total": "user.payment.total", "name": "user.name"},
        required=frozenset({"total"}),
        build=build,
        topic="benchmarks.release",
    )


def subjects(number: int) -> list[UUID]:
    from django.db import connection

    from creditable.disclosure.arrays import array
    from creditable.lib.ids import uuid7

    people = [uuid7() for _ in range(number)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO disclosure_subject (id, created_at, digest_key, lock)"
            " SELECT id, now(), sha256(id::text::bytea), 0 FROM unnest(%s::uuid[]) AS id",
            [array(person.hex for person in people)],
        )
    return people


def _spent() -> float:
    return time.process_time() * 1000


@contextmanager
def still(set_up: Stage) -> Iterator[None]:
    """While the sender and the worker hold their breath: what they do with it is measured
    elsewhere. What was queued is taken away before they go on."""
    family = meter.find(os.getpid(), f"--port {set_up.running.demo.port}")
    held = [meter.find(family, words) for words in ("creditable.egress", "creditable work")]
    for process in held:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        set_up.running.rows(
            "DELETE FROM disclosure_outbox WHERE topic = 'benchmarks.release' RETURNING id"
        )
        for process in held:
            os.kill(process, signal.SIGCONT)
