"""Running queued jobs without a worker: while seeding, and in tests."""

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob


def run_due() -> int:
    """Runs what is due now in this thread and transaction, until nothing is left; says how many
    jobs ran. A failing job raises."""
    count = 0
    due = Q(scheduled_at=None) | Q(scheduled_at__lte=Now())
    while jobs := list(ProcrastinateJob.objects.filter(due, status="todo").order_by("id")):
        for waiting in jobs:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [waiting.id])
            app.tasks[waiting.task_name].func(**waiting.args)
            count += 1
    return count
