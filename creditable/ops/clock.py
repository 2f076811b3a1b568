"""The clock of the demo: it can be moved forward, so that a visitor need not wait."""

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction

from creditable.audit import trail
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused

FARTHEST = timedelta(days=3650)


@transaction.atomic
def advance(*, span: timedelta, by: Actor) -> None:
    """Move `creditable_now()` forward for everybody; what waits for a later hour comes nearer.
    Refused outside a demo, for no time at all, and beyond ten years in all."""
    if not settings.DEMO:
        raise Refused("Only a demo's clock can be moved.", code="not_a_demo")
    if span <= timedelta(0):
        raise Refused("The clock moves forward only.", field="span", code="backward")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_clockoffset (id, seconds) VALUES (1, %s)"
            " ON CONFLICT (id) DO UPDATE SET seconds = audit_clockoffset.seconds + excluded.seconds"
            " RETURNING seconds",
            [round(span.total_seconds())],
        )
        (seconds,) = cursor.fetchone()
        if seconds > FARTHEST.total_seconds():
            raise Refused(
                "The demo's clock goes ten years ahead at most.", field="span", code="far"
            )
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - make_interval(secs => %s)"
            " WHERE status = 'todo' AND scheduled_at IS NOT NULL",
            [span.total_seconds()],
        )
    trail.record(
        verb="clock.advance",
        by=by,
        noun="clock",
        noun_id=1,
        detail={"seconds": round(span.total_seconds())},
    )
