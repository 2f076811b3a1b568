"""The one place that knows which queue we use."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ParamSpec

from django.db import connection
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

P = ParamSpec("P")

LONGEST_WAIT = 3600
QUEUE = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args, queueing_lock, scheduled_at)
VALUES ('default', %(name)s, %(args)s::jsonb, %(key)s,
        %(at)s::timestamptz - (creditable_now() - statement_timestamp()))
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
"""


class UntilDone(BaseRetryStrategy):
    """A job that fails runs again after four seconds, then after about twice as long each time,
    in the end every hour; it is never given up, since nobody else would do it."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        seconds = 2 + 2 ** min(job.attempts + 1, 20)
        return RetryDecision(retry_in={"seconds": min(seconds, LONGEST_WAIT)})


def job(name: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Makes the function runnable by `enqueue(name, ...)`, again and again until it is done."""

    def register(function: Callable[P, None]) -> Callable[P, None]:
        app.task(name=name, retry=UntilDone(), queue="default")(function)
        return function

    return register


def enqueue(
    name: str, args: Mapping[str, Any], *, key: str | None = None, run_at: datetime | None = None
) -> None:
    """Queues the job with the transaction that is open now: rolled back with it, run after it.
    While a job with the same `key` still waits, a second one is not queued. `run_at` is an
    instant of `creditable_now()`; the queue itself lives in real time.

    The row is written here and not by the library, which knows a waiting key only as an error:
    that would cost a savepoint each time, and a line in the database's log."""
    with connection.cursor() as cursor:
        cursor.execute(
            QUEUE, {"name": name, "args": json.dumps(dict(args)), "key": key, "at": run_at}
        )
