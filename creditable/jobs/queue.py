"""The one place that knows which queue we use."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ParamSpec

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

P = ParamSpec("P")

RETRIES = RetryStrategy(max_attempts=12, wait=2, exponential_wait=2)


def job(name: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Makes the function runnable by `enqueue(name, ...)`. A failure is retried with growing
    delays, for about two hours."""

    def register(function: Callable[P, None]) -> Callable[P, None]:
        app.task(name=name, retry=RETRIES, queue="default")(function)
        return function

    return register


def enqueue(
    name: str, args: Mapping[str, Any], *, key: str | None = None, run_at: datetime | None = None
) -> None:
    """Queues the job with the transaction that is open now: rolled back with it, run after it.
    While a job with the same `key` still waits, a second one is not queued."""
    try:
        with transaction.atomic():
            app.configure_task(name, queueing_lock=key, schedule_at=run_at, queue="default").defer(
                **args
            )
    except AlreadyEnqueued:
        return


def run_due() -> int:
    """Runs what is due now in this thread and transaction, until nothing is left; says how many
    jobs ran. For seeding and tests: the worker does it otherwise. A failing job raises."""
    count = 0
    due = Q(scheduled_at=None) | Q(scheduled_at__lte=Now())
    while jobs := list(ProcrastinateJob.objects.filter(due, status="todo").order_by("id")):
        for waiting in jobs:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [waiting.id])
            app.tasks[waiting.task_name].func(**waiting.args)
            count += 1
    return count
