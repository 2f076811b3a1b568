"""A queued job is done sooner or later."""

from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.contrib.django import app
from procrastinate.jobs import Job


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
