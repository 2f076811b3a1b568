"""Each login can do its own work in the database, and nothing else."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction

from creditable.audit.guard import AppendOnly
from creditable.disclosure import gate
from creditable.disclosure.models import (
    Branch,
    Leaves,
    Outbox,
    Release,
    ReleaseEvent,
    Reply,
    Seal,
    Subject,
    Unsealed,
)
from creditable.disclosure.templates import Template
from creditable.lib.actor import Actor
from creditable.ops import grants
from tests.conftest import login_as


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except ProgrammingError as error:
        if isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
            return True
        raise
    return False


@pytest.mark.django_db
def test_the_application_cannot_change_or_delete_what_is_written_once() -> None:
    tables = grants.written_once()
    assert {"disclosure_release", "disclosure_releaseevent", "audit_event"} <= tables
    for model in (m for m in apps.get_models() if m._meta.db_table in tables):
        table, key = model._meta.db_table, model._meta.pk.column
        assert refused(f"DELETE FROM {table}"), table
        assert refused(f"UPDATE {table} SET {key} = {key}"), table
        assert refused(f"TRUNCATE {table}"), table


LEDGER = (Release, ReleaseEvent, Leaves, Branch, Seal)


@pytest.mark.parametrize("login", ["APP", "EGRESS", "REPORT"])
@pytest.mark.parametrize("model", LEDGER, ids=lambda model: model.__name__)
@pytest.mark.django_db(transaction=True)
def test_no_login_can_change_delete_or_empty_the_ledger(model: Any, login: str) -> None:
    assert issubclass(model, AppendOnly)
    table, key = model._meta.db_table, model._meta.pk.column
    with login_as(f"CREDITABLE_{login}_DATABASE_URL"):
        assert refused(f"UPDATE {table} SET {key} = {key}")
        assert refused(f"DELETE FROM {table}")
        assert refused(f"TRUNCATE {table}")


@pytest.mark.django_db(transaction=True)
def test_what_the_sender_writes_waits_for_its_seal_which_the_sender_cannot_prevent() -> None:
    with login_as("CREDITABLE_EGRESS_DATABASE_URL"):
        event = ReleaseEvent.objects.create(batch=uuid4(), status="sent")
        assert refused("DELETE FROM disclosure_unsealed")
        assert refused("INSERT INTO disclosure_leaves VALUES (0, 'event', '{}', '', 'empty')")
    assert Unsealed.objects.get().lines == [event.id]


@pytest.mark.django_db
def test_the_application_may_change_what_is_not_written_once() -> None:
    assert not refused("UPDATE disclosure_outbox SET settled = settled")


@pytest.mark.django_db(transaction=True)
def test_the_sender_reads_the_outbox_and_writes_replies_and_events_alone(
    policy: None, payment: Template
) -> None:
    person = Subject.objects.create()
    opened = gate.open(template=payment, by=Actor.system("tests"), key="k")
    opened.add(person.id, {"total": "39.00"})
    released = opened.commit()
    with login_as("CREDITABLE_EGRESS_DATABASE_URL"):
        row = Outbox.objects.select_for_update(of=("self",), skip_locked=True)
        with transaction.atomic():
            assert row.only("id").get().id == released.outbox_id
            Subject.objects.select_for_update().only("id").get(id=person.id)
        Reply.objects.create(outbox_id=released.outbox_id, attempt=1, outcome="delivered")
        assert refused("UPDATE disclosure_outbox SET settled = true")
        assert refused("DELETE FROM disclosure_outbox")
        assert refused("INSERT INTO disclosure_outbox (id) VALUES (gen_random_uuid())")
        assert refused("UPDATE disclosure_reply SET outcome = 'void'")
        assert refused("UPDATE disclosure_release SET recipient = 'nobody'")
        assert refused("SELECT digest_key FROM disclosure_subject")
        assert refused("SELECT * FROM people_person")
        assert refused("SELECT * FROM audit_event")
    assert Release.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_report_login_reads_no_table() -> None:
    with login_as("CREDITABLE_REPORT_DATABASE_URL"):
        assert refused("SELECT * FROM people_person")
        assert refused("SELECT * FROM disclosure_release")
