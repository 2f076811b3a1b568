"""Answers from outside, handled by the worker."""

from uuid import UUID

from creditable.disclosure import replies
from creditable.jobs import enqueue, job


@job("disclosure.handle_reply")
def handle_reply(*, outbox_id: str) -> None:
    replies.handle(outbox_id=UUID(outbox_id))


def queue_unhandled() -> None:
    """Queues every answer that nobody has handled: those that came while the worker was down."""
    for outbox_id in replies.unhandled():
        queue_reply(str(outbox_id))


def queue_reply(outbox_id: str) -> None:
    enqueue("disclosure.handle_reply", {"outbox_id": outbox_id}, key=f"reply:{outbox_id}")
