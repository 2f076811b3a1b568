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

from creditable.audit import clock
from creditable.disclosure import gate, proofs, rows, seals, verification
from creditable.disclosure.models import (
    Leaf,
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
    assert set(Leaf.objects.values_list("line", flat=True)) == ids
    seals.publish()
    found = verified()
    assert found == verification.Findings(rows=10, seals=2, published=2)


@pytest.mark.django_db
def test_a_row_that_comes_late_with_an_early_id_is_sealed_behind(release: Make) -> None:
    release(1)
    seals.seal()
    early = ReleaseEvent.objects.create(
        id="00000000-0000-7000-8000-000000000000", batch=uuid4(), status="sent"
    )
    seals.seal()
    seals.publish()
    assert Leaf.objects.get(line=early.id).index == 2
    assert verified().wrong == []


@pytest.mark.django_db
def test_a_seal_covers_every_column_of_its_row(release: Make) -> None:
    release(1)
    for model in (Release, ReleaseEvent):
        row = model.objects.get()
        sealed = rows.read([row.id])[row.id]
        there = {f.column for f in model._meta.fields if getattr(row, f.attname) is not None}
        assert set(sealed) == there | {"kind"}


@pytest.mark.django_db
def test_many_rows_are_sealed_in_portions(release: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "AT_ONCE", 4)
    release(5)
    assert [one.size for one in seals.seal()] == [4, 8, 10]
    seals.publish()
    assert verified().wrong == []


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
            "DELETE FROM disclosure_leaf WHERE line = {line};"
            "DELETE FROM disclosure_release WHERE id = {line}"
        ),
        "is missing: leaf",
    ),
    "delete the newest with their leaves": (
        "DELETE FROM disclosure_leaf WHERE index >= 7",
        "covers more than the 7",
    ),
    "reorder": (
        (
            "UPDATE disclosure_leaf SET index = index + 1000 WHERE index IN (2, 3);"
            "UPDATE disclosure_leaf SET index = 1005 - index WHERE index > 1000"
        ),
        "has another root",
    ),
    "edit with its leaf": (
        (
            "UPDATE disclosure_release SET recipient = 'authority' WHERE id = {line};"
            "UPDATE disclosure_leaf SET hash = {hash} WHERE line = {line}"
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
    line = Release.objects.order_by("at").first()
    assert line is not None
    forged = dict(rows.read([line.id])[line.id], recipient="authority")
    words = {
        "line": f"'{line.id}'",
        "hash": f"'\\x{merkle.leaf(rows.canonical(forged)).hex()}'",
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
        "DELETE FROM disclosure_leaf; DELETE FROM disclosure_branch; DELETE FROM disclosure_seal;"
        "INSERT INTO disclosure_unsealed SELECT id FROM disclosure_release UNION ALL"
        " SELECT id FROM disclosure_releaseevent"
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
    proof = proofs.of(ana.id, now=clock.now())
    assert proof["seal"]["line"] == seals.line(seal)
    assert [one["row"]["kind"] for one in proof["lines"]] == ["release", "event"]
    for one in proof["lines"]:
        hash = merkle.leaf(rows.canonical(one["row"]))
        path = [bytes.fromhex(part) for part in one["path"]]
        assert merkle.root_of(hash, one["index"], seal.size, path) == bytes(seal.root)


@pytest.mark.django_db
def test_rows_that_wait_come_without_a_path_and_hidden_ones_not_at_all(release: Make) -> None:
    (ana,) = release(1)
    assert [one["path"] for one in proofs.of(ana.id, now=clock.now())["lines"]] == [None, None]
    long_ago = clock.now().replace(year=2000)
    assert proofs.of(ana.id, now=long_ago)["lines"] == []


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
    now = clock.now()
    with django_assert_num_queries(6):
        proofs.of(ana.id, now=now)
