"""Handing each answer from outside to the part of the program that asked, exactly once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from creditable.audit import clock
from creditable.disclosure.models import Outbox, Reply


@dataclass(frozen=True, slots=True)
class Answer:
    """What finally came of a message. `outcome` is delivered (the recipient took it), refused
    (it said no), unknown (we gave up without knowing) or void (taken back before it left);
    `reference` is what was given to `commit`."""

    outbox_id: UUID
    key: str
    reference: str
    outcome: str
    status: int | None
    head: Mapping[str, Any]
    body: bytes
    at: datetime


Handler = Callable[[Answer], None]
_handlers: dict[str, Handler] = {}


def on(topic: str) -> Callable[[Handler], Handler]:
    """Makes the function the handler of the answers to `topic`. It runs in the transaction that
    marks the answer handled, so it takes effect once or not at all."""

    def register(handler: Handler) -> Handler:
        if _handlers.setdefault(topic, handler) is not handler:
            raise ValueError(f"two handlers for {topic}")
        return handler

    return register


@transaction.atomic
def handle(*, outbox_id: UUID) -> Answer | None:
    """Handles the final answer to the message, if there is one that nobody has handled or is
    handling. Gives the answer whether handled now or before; None while none is final."""
    final = Reply.objects.filter(outbox_id=outbox_id).exclude(outcome=Reply.Outcome.RETRY)
    reply = final.select_related("outbox").select_for_update(of=("self",)).first()
    if reply is None:
        return None
    answer = _answer(reply)
    if reply.handled_at is None:
        if handler := _handlers.get(reply.outbox.topic):
            handler(answer)
        Reply.objects.filter(id=reply.id).update(handled_at=clock.now())
        Outbox.objects.filter(id=outbox_id).update(settled=True, head={}, body=b"")
    return answer


def forget(*, topic: str, outbox_id: UUID | None = None) -> None:
    """Blanks what was answered to `topic`: to one message, or to all that were answered more than
    five minutes ago, which nobody waits for any more."""
    answered = Reply.objects.filter(outbox__topic=topic).exclude(body=b"")
    if outbox_id is None:
        answered = answered.filter(at__lt=clock.now() - timedelta(minutes=5))
    else:
        answered = answered.filter(outbox_id=outbox_id)
    answered.update(body=b"", head={})


def unhandled(*, most: int = 100) -> list[UUID]:
    """Messages whose final answer waits to be handled, oldest first."""
    waiting = Reply.objects.filter(handled_at=None).exclude(outcome=Reply.Outcome.RETRY)
    return list(waiting.order_by("at").values_list("outbox_id", flat=True)[:most])


def _answer(reply: Reply) -> Answer:
    return Answer(
        outbox_id=reply.outbox_id,
        key=reply.outbox.key,
        reference=reply.outbox.reference,
        outcome=reply.outcome,
        status=reply.status,
        head=reply.head,
        body=bytes(reply.body),
        at=reply.at,
    )
