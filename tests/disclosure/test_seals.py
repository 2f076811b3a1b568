"""What stands in the ledger is sealed, and whatever is done to it afterwards shows."""

import os
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from creditable.disclosure import gate, proofs, rows, seals, verification
from creditable.disclosure.models import (
    Leaves,
    Outbox,
    Release,
    ReleaseEvent,
    Seal,
    Subject,
    Unsealed,
)
from creditable.disclosure.templates import Template
from creditable.lib import merkle
from creditable.lib.actor import Actor
from creditable.ops import secrets
from tests.conftest import login_as

BY = Actor.system("tests")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path


@pytest.fixture
def release(policy: None, payment: Template) -> Callable[[int], list[Subject]]:
    """Releases about so many new people, a line and an event for each."""

    def make(number: int) -> list[Subject]:
        people = []
        for _ in range(number):
            person = Subject.objects.create()
            opened = gate.open(template=payment, by=BY, key=f"release:{person.id}")
            opened.add(person.id, {"total": "39.00", "name": "Ana Diaz"})
            opened.commit()
            people.append(person)
        return people

    return make


Make = Callable[[int], list[Subject]]


def follows(line: dict[str, Any], seal: str) -> bool:
    """Whether the row of a proof leads to the root of the seal."""
    _, size, root, _ = seal.split()
    hash = merkle.leaf("\t".join(line["row"].values()).encode())
    path = [bytes.fromhex(part) for part in line["path"]]
    return merkle.root_of(hash, line["index"], int(size), path) == bytes.fromhex(root)


def verified() -> verification.Findings:
    lines = seals.published().read_text().splitlines() if seals.published().exists() else []
    return verification.verify(published=lines)


@pytest.mark.django_db
def test_every_row_is_sealed_once_lines_and_events_alike(release: Make) -> None:
    release(3)
    (first,) = seals.seal()
    release(2)
    (second,) = seals.seal()
    assert (first.size, second.size) == (6, 10)
    assert seals.seal() == []
    assert not Unsealed.objects.exists()
    ids = {*Release.objects.values_list("id", flat=True)}
    ids |= {*ReleaseEvent.objects.values_list("id", flat=True)}
    sealed = [id for leaves in Leaves.objects.all() for id in leaves.lines]
    assert set(sealed) == ids
    assert len(sealed) == len(ids)
    seals.publish()
    found = verified()
    assert found == verification.Findings(rows=10, seals=2, published=2)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3, 30])
def test_a_seal_takes_the_same_statements_however_many_rows_wait(
    release: Make, number: int
) -> None:
    """And the ids of the rows are not handed out to be handed back."""
    release(number)
    with CaptureQueriesContext(connection) as run:
        seals.seal()
    assert len(run) == 17
    reading = [str(one["sql"]) for one in run if "COPY" in str(one["sql"])]
    assert len(reading) == 2
    ids = [*map(str, Release.objects.values_list("id", flat=True))]
    assert not any(id in one for one in reading for id in ids)


@pytest.mark.django_db
def test_what_waits_and_what_is_sealed_is_not_compressed() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attrelid::regclass::text, attname FROM pg_attribute WHERE attstorage = 'e'"
            " AND attrelid IN ('disclosure_unsealed'::regclass, 'disclosure_leaves'::regclass)"
        )
        assert set(cursor.fetchall()) == {
            ("disclosure_unsealed", "lines"),
            ("disclosure_leaves", "lines"),
            ("disclosure_leaves", "hashes"),
        }


@pytest.mark.django_db
def test_a_row_that_comes_late_with_an_early_id_is_sealed_behind(release: Make) -> None:
    release(1)
    seals.seal()
    early = ReleaseEvent.objects.create(
        id="00000000-0000-7000-8000-000000000000", batch=uuid4(), status="sent"
    )
    seals.seal()
    seals.publish()
    assert Leaves.objects.get(lines=[early.id]).first == 2
    assert verified().wrong == []


def sealed_bytes(kind: str, id: object) -> bytes:
    ((_, content),) = rows.read(kind, f"{{{id}}}")
    return content


@pytest.mark.django_db
def test_a_seal_covers_every_column_of_its_row(release: Make) -> None:
    release(1)
    for kind, model in (("release", Release), ("event", ReleaseEvent)):
        row = model.objects.get()
        columns = rows.named(sealed_bytes(kind, row.pk))
        assert columns.pop("kind") == kind
        assert set(columns) == {field.column for field in model._meta.fields}
        there = {f.column for f in model._meta.fields if getattr(row, f.attname) is not None}
        assert {name for name, value in columns.items() if value != r"\N"} == there


@pytest.mark.django_db
def test_two_rows_have_the_same_bytes_only_where_all_is_the_same(
    policy: None, payment: Template
) -> None:
    """A tab or a line within a value does not move what comes after it into another column."""
    (ana,) = Subject.objects.bulk_create([Subject()])
    for key in ("a\tb", "a\\tb", "a\nb", r"\N"):
        opened = gate.open(template=payment, by=BY, key=key)
        opened.add(ana.id, {"total": "39.00"})
        opened.commit()
    found = [rows.named(sealed_bytes("release", row.id)) for row in Release.objects.order_by("at")]
    assert [row["key"] for row in found] == [r"a\tb", r"a\\tb", r"a\nb", r"\\N"]
    assert {row["recipient"] for row in found} == {"payment.paypal"}


@pytest.mark.django_db
def test_many_rows_are_sealed_in_portions(release: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "AT_ONCE", 4)
    release(5)
    assert [one.size for one in seals.seal()] == [4, 8, 10]
    seals.publish()
    assert verified().wrong == []


@pytest.mark.django_db
def test_a_list_is_sealed_whole_and_its_lines_stand_together(
    policy: None, payment: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "AT_ONCE", 4)
    monkeypatch.setattr(Leaves, "MOST", 3)
    people = Subject.objects.bulk_create(Subject() for _ in range(7))
    opened = gate.open(template=payment, by=BY, key="list")
    for person in people:
        opened.add(person.id, {"total": "39.00"})
    opened.commit()
    assert [one.size for one in seals.seal()] == [7, 8]
    seals.publish()
    assert verified().wrong == []
    assert [len(one.lines) for one in Leaves.objects.order_by("first")] == [3, 3, 1, 1]
    for person in people:
        proof = proofs.of(person.id)
        assert all(follows(line, proof["seal"]["line"]) for line in proof["lines"])


@pytest.mark.django_db(transaction=True)
def test_what_is_not_committed_is_not_sealed(release: Make) -> None:
    release(1)
    url = os.environ["CREDITABLE_APP_DATABASE_URL"]
    with psycopg.connect(url, dbname=connection.settings_dict["NAME"]) as other:
        other.execute(
            "INSERT INTO disclosure_releaseevent VALUES (gen_random_uuid(), gen_random_uuid(),"
            " creditable_now(), 'sent')"
        )
        assert [one.size for one in seals.seal()] == [2]
    assert [one.size for one in seals.seal()] == [3]


@pytest.mark.django_db(transaction=True)
def test_there_is_one_sealer_at_a_time(release: Make) -> None:
    release(1)
    url = os.environ["CREDITABLE_APP_DATABASE_URL"]
    with psycopg.connect(url, dbname=connection.settings_dict["NAME"]) as other:
        other.execute("SELECT pg_advisory_xact_lock(6962)")
        assert seals.seal() == []
        assert seals.publish() == 0
    assert len(seals.seal()) == 1


@pytest.mark.django_db
def test_the_key_is_a_secret_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "ledger.key"
    Ed25519PrivateKey.from_private_bytes(secrets.key(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert settings.LEDGER_KEY not in {settings.TOKEN_KEY, bytes.fromhex(settings.SECRET_KEY)}


@pytest.mark.django_db
def test_the_published_file_grows_and_mends_what_was_cut_short(release: Make) -> None:
    release(1)
    seals.seal()
    assert seals.publish() == 1
    first = seals.published().read_text()
    release(1)
    seals.seal()
    seals.published().write_text(first + "2026-11-30T0")
    assert seals.publish() == 1
    assert seals.publish() == 0
    assert seals.published().read_text().splitlines() == [
        seals.line(one) for one in Seal.objects.order_by("size")
    ]


@pytest.mark.django_db
def test_the_auditor_gets_each_root_once(release: Make, settings: Any) -> None:
    settings.AUDITOR = "auditor@example.com"
    seals.tell_auditor(by=BY)
    assert not Outbox.objects.exists()
    release(1)
    (one,) = seals.seal()
    for _ in range(2):
        seals.tell_auditor(by=BY)
    mail = Outbox.objects.get(topic="ledger.root")
    assert mail.head["to"] == "auditor@example.com"
    assert one.root.hex() in bytes(mail.body).decode().replace("=\r\n", "")


TAMPER = {
    "edit": (
        "UPDATE disclosure_release SET recipient = 'authority' WHERE id = {line}",
        "release {line} (leaf",
    ),
    "back-date": (
        "UPDATE disclosure_release SET at = at - interval '1 day' WHERE id = {line}",
        "release {line} (leaf",
    ),
    "hide": (
        "UPDATE disclosure_release SET visible_from = 'infinity' WHERE id = {line}",
        "release {line} (leaf",
    ),
    "delete": ("DELETE FROM disclosure_release WHERE id = {line}", "row {line} is missing"),
    "delete with its leaf": (
        (
            "UPDATE disclosure_leaves SET lines = array_remove(lines, {line});"
            "DELETE FROM disclosure_release WHERE id = {line}"
        ),
        "1 rows have 2 hashes",
    ),
    "delete with its leaf and hash": (
        (
            "UPDATE disclosure_leaves SET lines = array_remove(lines, {line}),"
            " hashes = substring(hashes FROM 33) WHERE {line} = ANY(lines);"
            "DELETE FROM disclosure_release WHERE id = {line}"
        ),
        "is missing: leaf",
    ),
    "delete the newest with their leaves": (
        "DELETE FROM disclosure_leaves WHERE first >= 6",
        "covers more than the 6",
    ),
    "reorder": (
        (
            "UPDATE disclosure_leaves SET first = first + 1000 WHERE first IN (0, 2);"
            "UPDATE disclosure_leaves SET first = 1002 - first WHERE first >= 1000"
        ),
        "has another root",
    ),
    "edit with its leaf": (
        (
            "UPDATE disclosure_release SET recipient = 'authority' WHERE id = {line};"
            "UPDATE disclosure_leaves SET hashes = {hash} || substring(hashes FROM 33)"
            " WHERE lines[1] = {line}"
        ),
        "has another root",
    ),
    "add without a leaf": (
        (
            "INSERT INTO disclosure_releaseevent"
            " VALUES ({line}, gen_random_uuid(), creditable_now(), 'sent');"
            "DELETE FROM disclosure_unsealed;"
            "UPDATE disclosure_releaseevent SET id = gen_random_uuid() WHERE id = {line}"
        ),
        "stands under no seal",
    ),
    "sign by another key": (
        "UPDATE disclosure_seal SET signature = decode(repeat('00', 64), 'hex') WHERE size = 8",
        "the seal of 8 rows is not signed by our key",
    ),
    "take away a seal": ("DELETE FROM disclosure_seal WHERE size = 4", "is not in the ledger"),
}


@pytest.fixture
def owner(transactional_db: None) -> Callable[[str], None]:
    """Runs statements as the owner of the tables, for whom no right is in the way."""

    def run(statements: str) -> None:
        with login_as("DATABASE_URL"), connection.cursor() as cursor:
            for statement in statements.split(";"):
                cursor.execute(statement)

    return run


@pytest.mark.parametrize("deed", TAMPER)
def test_what_was_done_to_the_ledger_shows(
    deed: str, owner: Callable[[str], None], release: Make
) -> None:
    for _ in range(2):
        release(2)
        seals.seal()
        seals.publish()
    assert verified().wrong == []
    sealed = Leaves.objects.filter(kind="release").order_by("first").values_list("lines", flat=True)
    line = Release.objects.get(id=sealed[0][0])
    genuine = sealed_bytes("release", line.id)
    forged = genuine.replace(b"payment.paypal", b"authority", 1)
    assert forged != genuine
    words = {
        "line": f"'{line.id}'",
        "hash": f"'\\x{merkle.leaf(forged).hex()}'::bytea",
    }
    deeds, told = TAMPER[deed]
    owner(deeds.format(**words))
    found = verified()
    assert found.wrong, deed
    assert told.format(line=line.id) in found.wrong[0]


def test_a_ledger_written_anew_and_signed_by_our_key_is_not_the_one_that_was_published(
    owner: Callable[[str], None], release: Make
) -> None:
    release(2)
    seals.seal()
    seals.publish()
    owner(
        "UPDATE disclosure_release SET recipient = 'authority';"
        "DELETE FROM disclosure_leaves; DELETE FROM disclosure_branch; DELETE FROM disclosure_seal;"
        "INSERT INTO disclosure_unsealed (kind, lines)"
        " SELECT 'release', array_agg(id) FROM disclosure_release UNION ALL"
        " SELECT 'event', array_agg(id) FROM disclosure_releaseevent"
    )
    seals.seal()
    assert verified().wrong == ["the seal of 4 rows is another than the one that was published"]


@pytest.mark.django_db
def test_a_row_that_is_never_sealed_shows(release: Make, move_clock: Any) -> None:
    release(1)
    assert verified().waiting == 2
    move_clock(timedelta(hours=2))
    assert "has waited for its seal" in verified().wrong[0]


@pytest.mark.django_db
@pytest.mark.parametrize("before", [0, 3, 300])
def test_a_person_gets_a_path_from_each_row_to_the_newest_root(release: Make, before: int) -> None:
    ReleaseEvent.objects.bulk_create(
        ReleaseEvent(batch=uuid4(), status="sent") for _ in range(before)
    )
    seals.seal()
    (ana,) = release(1)
    release(2)
    (seal,) = seals.seal()
    proof = proofs.of(ana.id)
    assert proof["seal"]["line"] == seals.line(seal)
    assert [one["row"]["kind"] for one in proof["lines"]] == ["release", "event"]
    assert all(follows(one, proof["seal"]["line"]) for one in proof["lines"])


@pytest.mark.django_db
def test_rows_that_wait_come_without_a_path(release: Make) -> None:
    (ana,) = release(1)
    assert [one["path"] for one in proofs.of(ana.id)["lines"]] == [None, None]


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_a_proof_takes_the_same_queries_for_one_row_and_for_three(
    release: Make, number: int, payment: Template, django_assert_num_queries: Any
) -> None:
    (ana,) = release(1)
    for place in range(number - 1):
        opened = gate.open(template=payment, by=BY, key=f"more:{place}")
        opened.add(ana.id, {"total": "39.00"})
        opened.commit()
    seals.seal()
    with django_assert_num_queries(7):
        proofs.of(ana.id)
