"""The one place that knows which queue we use."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ParamSpec

from django.db import connection, transaction
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job

P = ParamSpec("P")

LONGEST_WAIT = 3600
LOCKS = 8026  # the space of advisory locks that the keys of jobs use


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
    instant of `creditable_now()`; the queue itself lives in real time."""
    if run_at is not None:
        run_at -= _ahead()
    try:
        with transaction.atomic():
            if key is not None and _waits(key):
                return
            app.configure_task(name, queueing_lock=key, schedule_at=run_at, queue="default").defer(
                **args
            )
    except AlreadyEnqueued:
        return


def _waits(key: str) -> bool:
    """Whether a job with that key waits; until the transaction ends nobody else queues one. So
    jobs of one key meet here, and not at the constraint, which would write an error to the log."""
    waiting = "SELECT FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCKS, key])
        cursor.execute(f"SELECT EXISTS ({waiting})", [key])
        (waits,) = cursor.fetchone()
    return bool(waits)


def _ahead() -> timedelta:
    """How far the demo's clock runs ahead of real time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT creditable_now() - statement_timestamp()")
        (ahead,) = cursor.fetchone()
    assert isinstance(ahead, timedelta)
    return ahead
