"""The synchronous lane: a page that needs an answer from outside waits a moment for it.

The request is an outbox row like any other, committed first. If the answer is not there in time
the page says "pending", and the answer is handled when it comes.
"""

import time
from uuid import UUID

from django.db import connection

from creditable.disclosure import replies
from creditable.disclosure.replies import Answer


def wait(outbox_id: UUID, *, seconds: float = 3.0) -> Answer | None:
    """The final answer to the message, handled; None while it is still pending. Never call it
    inside a transaction: the sender cannot see what is not committed."""
    if connection.in_atomic_block:
        raise RuntimeError("the lane waits only outside transactions")
    deadline = time.monotonic() + seconds
    with connection.cursor() as cursor:
        cursor.execute("LISTEN creditable_reply")
    try:
        while True:
            answer = replies.handle(outbox_id=outbox_id)
            left = deadline - time.monotonic()
            if answer is not None or left <= 0:
                return answer
            assert connection.connection is not None
            for notice in connection.connection.notifies(timeout=left):
                if notice.payload == str(outbox_id):
                    break
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UNLISTEN creditable_reply")
