"""The sender's connections and the ledger agree, or an alarm rings: both ways."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from creditable.disclosure import connections
from creditable.disclosure.models import Alarm, Connection, ReleaseEvent, Reply, Subject
from creditable.lib.actor import Actor
from tests.egress.messages import queue
from tests.factories.people import make_person
from tests.people.signing import sign_in_staff

pytestmark = pytest.mark.django_db

BY = Actor.system("tests")
LATER = timedelta(minutes=10)


def send(*, connected: bool = True, **more: Any) -> None:
    """A message that went its whole way."""
    row = queue(subject=Subject.objects.create(), **more)
    ReleaseEvent.objects.create(batch=row.batch, status="sent")
    if connected:
        Connection.objects.create(outbox_id=row.id, host="203.0.113.7", port=443)
    Reply.objects.create(outbox=row, attempt=1, outcome="delivered", status=200)


def looked(move_clock: Callable[..., None]) -> connections.Findings:
    move_clock(LATER)
    return connections.reconcile(by=BY)


def test_what_was_sent_over_a_connection_agrees(
    policy: None, move_clock: Callable[..., None]
) -> None:
    send()
    send(channel="smtp", destination="smtp")
    send(channel="file_drop", destination="folder", connected=False)
    found = looked(move_clock)
    assert (found.connections, found.answers, found.wrong) == (2, 2, [])
    assert not Alarm.objects.exists()


@pytest.mark.parametrize(
    "known", [None, uuid4()], ids=["no message", "a message that is not there"]
)
def test_a_connection_that_no_release_explains_rings(
    policy: None, move_clock: Callable[..., None], known: Any
) -> None:
    send()
    Connection.objects.create(outbox_id=known, host="198.51.100.9", port=25)
    found = looked(move_clock)
    assert found.connections == 2
    assert "198.51.100.9 port 25" in Alarm.objects.get().words


def test_a_connection_for_a_message_that_was_never_let_go_rings(
    policy: None, move_clock: Callable[..., None]
) -> None:
    row = queue(subject=Subject.objects.create())
    Connection.objects.create(outbox_id=row.id, host="203.0.113.7", port=443)
    assert looked(move_clock).wrong


def test_an_answer_without_a_connection_rings_in_the_office(
    policy: None, move_clock: Callable[..., None]
) -> None:
    send(connected=False)
    assert looked(move_clock).wrong
    alarm = Alarm.objects.get()
    assert alarm.kind == "connections"
    desk = Client()
    sign_in_staff(desk, make_person(role="administrator"))
    page = desk.get("/console/policy/alarms/").content.decode()
    assert "nobody connected there" in page
    assert "0 connections and 1 answers were compared" in page


def test_each_thing_is_looked_at_once(policy: None, move_clock: Callable[..., None]) -> None:
    send(connected=False)
    assert looked(move_clock).answers == 1
    Alarm.objects.update(settled_at="2026-01-01T00:00:00Z")
    send()
    found = looked(move_clock)
    assert (found.connections, found.answers, found.wrong) == (1, 1, [])
    assert not Alarm.objects.filter(settled_at=None).exists()
