"""Which verb runs at which time. Times are UTC, as cron writes them."""

import asyncio

from procrastinate.contrib.django import app

from creditable.disclosure.jobs import queue_unhandled
from creditable.people.jobs import clear_expired


@app.periodic(cron="* * * * *")
@app.task(name="schedule.queue_unhandled", queueing_lock="schedule.queue_unhandled")
def unhandled_replies(timestamp: int) -> None:
    queue_unhandled()


@app.periodic(cron="17 * * * *")
@app.task(name="schedule.clear_expired", queueing_lock="schedule.clear_expired")
def sign_ins_that_are_over(timestamp: int) -> None:
    clear_expired()


@app.periodic(cron="* * * * *")
@app.task(name="schedule.rescue", queueing_lock="schedule.rescue", pass_context=False)
async def rescue(timestamp: int) -> None:
    """A job whose worker was killed runs again."""
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=30)
    await asyncio.gather(*(app.job_manager.retry_job(job) for job in stalled))
