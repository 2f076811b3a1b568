"""A queued job is done sooner or later."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from creditable.jobs import enqueue
from tests.installation import wait_until


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 4), (1, 6), (5, 66), (11, 3600), (12, 3600), (10_000, 3600)]
)
def test_a_job_that_fails_runs_again_however_often_it_failed(attempts: int, seconds: int) -> None:
    task = app.tasks["credit.issue_certificate"]
    job = Job(
        id=1,
        queue="default",
        lock=None,
        queueing_lock=None,
        task_name=task.name,
        attempts=attempts,
    )
    before = datetime.now(UTC)
    again = task.get_retry_exception(OSError("no space left on device"), job)
    after = datetime.now(UTC)
    assert again is not None
    at, wait = again.retry_decision.retry_at, timedelta(seconds=seconds)
    assert at is not None
    assert before + wait <= at <= after + wait


WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_queue_a_job_at_once_the_second_finds_it_and_tries_nothing() -> None:
    tried: list[str] = []

    def queue_too() -> None:
        try:
            with CaptureQueriesContext(connection) as asked:
                enqueue("credit.issue_certificate", {"award_id": "A"}, key="certificate:A")
            tried.extend(query["sql"] for query in asked.captured_queries)
        finally:
            connection.close()

    def one_waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            return bool(cursor.fetchone()[0])

    second = threading.Thread(target=queue_too)
    with transaction.atomic():
        enqueue("credit.issue_certificate", {"award_id": "A"}, key="certificate:A")
        second.start()
        wait_until(one_waits, "the second, at the first's lock")
    second.join()
    assert ProcrastinateJob.objects.filter(queueing_lock="certificate:A").count() == 1
    assert any("pg_advisory_xact_lock" in sql for sql in tried)
    assert not any("procrastinate_defer" in sql for sql in tried)
