"""The worker: runs queued jobs, and queues each answer from outside as it arrives."""

import asyncio
import os
import threading
import traceback
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from creditable.disclosure.jobs import queue_reply, queue_unhandled

HEARTBEAT = 3.0
DEAD = 12.0
"""Seconds without a heartbeat after which a worker counts as killed."""


class Command(BaseCommand):
    help = "Runs the queued jobs until it is told to stop."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--concurrency", type=int, default=2)

    def handle(self, *args: Any, concurrency: int, **options: Any) -> None:
        import creditable.schedule  # noqa: F401  (registers what runs at which hour)

        threading.Thread(target=_watch_replies, name="replies", daemon=True).start()
        self.stdout.write("worker ready")
        self.stdout.flush()
        asyncio.run(_work(concurrency))


async def _work(concurrency: int) -> None:
    """Fetches jobs over connections of its own. What the jobs themselves queue goes over theirs,
    in their transactions: so the connector is not replaced but stands in another app."""
    assert isinstance(app.connector, DjangoConnector)
    fetching = app.with_connector(app.connector.get_worker_connector())
    async with fetching.open_async(), asyncio.TaskGroup() as together:
        rescuing = together.create_task(_keep_rescuing(fetching))
        await fetching.run_worker_async(
            queues=["default"],
            concurrency=concurrency,
            fetch_job_polling_interval=1,
            shutdown_graceful_timeout=5,
            install_signal_handlers=True,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=DEAD,
        )
        rescuing.cancel()


async def _keep_rescuing(fetching: App) -> None:
    while True:
        await rescue(fetching)
        await asyncio.sleep(HEARTBEAT)


async def rescue(fetching: App) -> None:
    """A job whose worker was killed runs again, soon after that worker's heart stopped. Where
    the same job was queued a second time meanwhile, that one runs in its stead."""
    queue = fetching.job_manager
    for job in await queue.get_stalled_jobs(seconds_since_heartbeat=DEAD):
        try:
            await queue.retry_job(job)
        except UniqueViolation:
            await queue.finish_job(job, status=Status.FAILED, delete_job=False)


def _watch_replies() -> None:
    """Without its eyes the worker is of no use: when the database goes, it ends, to be started
    again."""
    try:
        _queue_replies_as_they_come()
    finally:
        traceback.print_exc()
        os._exit(1)


def _queue_replies_as_they_come() -> None:
    with connection.cursor() as cursor:
        cursor.execute("LISTEN creditable_reply")
    queue_unhandled()
    assert connection.connection is not None
    while True:
        # Listening holds the connection, and queueing needs it: first one, then the other. What
        # arrives in between is kept for the next turn.
        heard = [notice.payload for notice in connection.connection.notifies(stop_after=1)]
        for outbox_id in heard:
            queue_reply(outbox_id)
