"""A queued job is done sooner or later."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job
from pytest_django import DjangoAssertNumQueries

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


WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_queue_a_job_at_once_the_second_waits_and_then_queues_none() -> None:
    queued: list[bool] = []

    def queue_too() -> None:
        try:
            enqueue("credit.issue_certificate", {"award_id": "A"}, key="certificate:A")
            queued.append(True)
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
        wait_until(one_waits, "the second, at the first's row")
    second.join()
    assert queued, "the second found an error"
    assert ProcrastinateJob.objects.filter(queueing_lock="certificate:A").count() == 1


@pytest.mark.django_db
def test_a_job_is_queued_as_the_library_would_queue_it(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    what = {"award_id": "A"}
    with django_assert_num_queries(1):
        enqueue("credit.issue_certificate", what, key="ours")
    app.configure_task("credit.issue_certificate", queueing_lock="theirs", queue="default").defer(
        **what
    )
    apart = ("id", "queueing_lock")
    ours, theirs = (
        {name: value for name, value in row.items() if name not in apart}
        for row in ProcrastinateJob.objects.filter(queueing_lock__in=["ours", "theirs"]).values()
    )
    assert ours == theirs


@pytest.mark.django_db
def test_a_job_without_a_key_is_queued_as_often_as_it_is_asked_for() -> None:
    for _ in range(2):
        enqueue("credit.issue_certificate", {"award_id": "B"})
    assert ProcrastinateJob.objects.filter(args={"award_id": "B"}).count() == 2


@pytest.mark.django_db
def test_a_job_for_later_waits_by_the_real_clock_though_ours_runs_ahead(
    move_clock: Callable[..., None],
) -> None:
    before = datetime.now(UTC)
    move_clock(timedelta(days=40))
    enqueue(
        "credit.issue_certificate",
        {"award_id": "C"},
        key="later",
        run_at=before + timedelta(days=41),
    )
    due = ProcrastinateJob.objects.get(queueing_lock="later").scheduled_at
    assert due is not None
    assert abs(due - before - timedelta(days=1)) < timedelta(minutes=1)
