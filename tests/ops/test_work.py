"""The worker hears of every answer from outside when it comes."""

import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import psycopg
import pytest
from django.db import connection

from creditable.lib.ids import uuid7
from creditable.ops.management.commands import work
from tests.installation import wait_until

LISTENING = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND state = 'idle' AND query LIKE '%%disclosure_reply%%'"
)
QUEUED = "SELECT args->>'outbox_id' FROM procrastinate_jobs ORDER BY id"


def ask(query: str, *values: object) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [first for first, *_ in cursor.fetchall()]


@pytest.fixture
def watcher(transactional_db: None) -> Iterator[None]:
    """The worker's thread that listens."""

    def listen() -> None:
        with suppress(psycopg.OperationalError), closing(connection):
            work._queue_replies_as_they_come()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    (process,) = wait_until(lambda: ask(LISTENING), "somebody who listens")
    yield
    ask("SELECT pg_terminate_backend(%s)", process)
    thread.join(10)
    assert not thread.is_alive()


def test_one_answer_after_the_other_is_queued(watcher: None) -> None:
    answers = [str(uuid7()) for _ in range(3)]
    for number, answer in enumerate(answers, start=1):
        ask("SELECT pg_notify('creditable_reply', %s)", answer)
        wait_until(lambda count=number: len(ask(QUEUED)) == count, f"{number} queued answers")
    assert ask(QUEUED) == answers


def test_answers_that_come_together_are_all_queued(watcher: None) -> None:
    answers = [str(uuid7()) for _ in range(5)]
    ask("SELECT pg_notify('creditable_reply', answer) FROM unnest(%s::text[]) AS answer", answers)
    wait_until(lambda: len(ask(QUEUED)) == 5, "five queued answers")
    assert ask(QUEUED) == answers
