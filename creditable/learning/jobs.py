"""Work of learning that happens after the answer."""

from uuid import UUID

from creditable.jobs import job
from creditable.learning import attempts
from creditable.lib.actor import Actor


@job("learning.settle_attempt")
def settle_attempt(*, attempt_id: str) -> None:
    """Grades an attempt that nobody submitted before its deadline."""
    attempts.settle(attempt_id=UUID(attempt_id), by=Actor.system("clock"))
