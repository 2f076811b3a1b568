"""The sender's side of the outbox: what is due, what left, what came of it.

A message is taken by an advisory lock of the thread's own connection, so that a crash gives it
back at once. Before each attempt the people in it are locked and it is looked at again: an
erasure or objection that came first has voided it, one that comes later finds it gone.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from creditable.audit import clock
from creditable.audit.clock import Now
from creditable.disclosure.file_keys import FileKey, Locked
from creditable.disclosure.messages import FILE_KEY
from creditable.disclosure.models import Connection, Outbox, Release, ReleaseEvent, Reply, Subject
from creditable.egress import wire
from creditable.egress.outcome import Delivered, Failed, Outcome, Refused, Unsendable

LOOK_AT = 20
LONGEST_DELAY = timedelta(minutes=15)
LOCKS = 8025  # the space of advisory locks that the sender's messages use

Final = Reply.Outcome
STATUS = {
    Final.DELIVERED: ReleaseEvent.Status.CONFIRMED,
    Final.REFUSED: ReleaseEvent.Status.REFUSED,
    Final.UNKNOWN: ReleaseEvent.Status.UNKNOWN,
    Final.VOID: ReleaseEvent.Status.VOID,
}


@dataclass(frozen=True, slots=True)
class Message:
    """A message on its way. `attempt` counts from 1; `arrived` is True when the recipient may
    have acted on an earlier attempt."""

    id: UUID
    batch: UUID
    channel: str
    destination: str
    head: Mapping[str, Any]
    body: bytes
    created_at: datetime
    expires_at: datetime
    attempt: int
    arrived: bool

    @property
    def is_for_once(self) -> bool:
        """Whether it may not be tried again while nobody knows what became of it."""
        return self.head.get("once") is True


def take(*, channel: str, leaving_out: Collection[str]) -> Message | None:
    """The message of the channel that has waited longest and that no other sender has, locked
    for this connection until `give_back`. Destinations in `leaving_out` are passed over."""
    with transaction.atomic():
        due = _due(channel).exclude(destination__in=leaving_out).order_by("not_before", "id")
        rows = due.select_for_update(skip_locked=True, of=("self",)).values_list("id", flat=True)
        for message_id in rows[:LOOK_AT]:
            if not _lock(message_id):
                continue
            # Another sender may have given it back just now, with its work done.
            row = _due(channel).filter(id=message_id).first()
            if row is not None:
                return _message(row)
            give_back(message_id)
    return None


def give_back(message_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [LOCKS, str(message_id)])


def opened(message: Message) -> Message:
    """The message as it leaves: where its body has a key of its own, decrypted. Unsendable when
    that key was destroyed."""
    key = message.head.get(FILE_KEY)
    if key is None:
        return message
    try:
        return replace(message, body=FileKey.named(key).decrypt(message.body))
    except Locked as locked:
        raise Unsendable(str(locked)) from locked


@transaction.atomic
def depart(message: Message) -> bool:
    """Whether the message may leave now. Locks the people in it, then looks again; what leaves
    has left as far as everybody else is concerned, so this is committed before it is sent. A
    message whose time is over is settled here."""
    people = Release.objects.filter(batch=message.batch).values("subject_id")
    locked = Subject.objects.filter(id__in=people).order_by("id").select_for_update(no_key=True)
    list(locked.values_list("id", flat=True))
    if Reply.objects.filter(outbox_id=message.id).exclude(outcome=Final.RETRY).exists():
        return False
    if clock.now() >= message.expires_at:
        outcome = Final.UNKNOWN if message.arrived else Final.VOID
        _write(message, outcome, error="its time is over", head=_head({}, arrived=message.arrived))
        return False
    sent = ReleaseEvent.Status.SENT
    departures = ReleaseEvent.objects.filter(batch=message.batch, status=sent).count()
    if message.is_for_once and departures >= message.attempt:
        # It left, and whoever carried it died before writing what came of it.
        _write(message, Final.UNKNOWN, error="nobody knows", head=_head({}, arrived=True))
        return False
    if message.is_for_once or not departures:
        ReleaseEvent.objects.create(batch=message.batch, status=sent)
    return True


def settle(message: Message, outcome: Outcome) -> None:
    """Writes what came of the attempt. When the message was voided meanwhile, that stands."""
    try:
        with transaction.atomic():
            _settle(message, outcome)
    except IntegrityError:
        if not Reply.objects.filter(outbox_id=message.id).exclude(outcome=Final.RETRY).exists():
            raise


def note(
    message_id: UUID | None, connections: Iterable[wire.Connection], *, errand: str = ""
) -> None:
    """Writes down which connections were opened for a message, on an errand, or for neither."""
    Connection.objects.bulk_create(
        Connection(
            outbox_id=message_id,
            errand=errand,
            host=one.host,
            port=one.port,
            sent=one.sent,
            received=one.received,
        )
        for one in connections
    )


def seconds_until_due(channel: str) -> float | None:
    """How long until something of the channel that is not due yet becomes due, by the database's
    clock; None when nothing will."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM min(at) - creditable_now()) FROM ("
            " SELECT not_before AS at FROM disclosure_outbox WHERE NOT settled AND channel = %s"
            " UNION ALL SELECT retry_at FROM disclosure_reply r"
            " JOIN disclosure_outbox o ON o.id = r.outbox_id"
            " WHERE NOT o.settled AND o.channel = %s"
            ") AS waiting WHERE at > creditable_now()",
            [channel, channel],
        )
        (seconds,) = cursor.fetchone()
    return None if seconds is None else max(float(seconds), 0.0)


def _due(channel: str) -> "QuerySet[Outbox]":
    final = ~Q(outcome=Final.RETRY)
    resting = Q(outcome=Final.RETRY, retry_at__gt=Now())
    answered = Reply.objects.filter(final | resting, outbox_id=OuterRef("id"))
    return Outbox.objects.filter(
        ~Exists(answered), settled=False, channel=channel, not_before__lte=Now()
    )


def _message(row: Outbox) -> Message:
    replies = list(Reply.objects.filter(outbox_id=row.id).values_list("attempt", "head"))
    return Message(
        id=row.id,
        batch=row.batch,
        channel=row.channel,
        destination=row.destination,
        head=row.head,
        body=bytes(row.body),
        created_at=row.created_at,
        expires_at=row.expires_at,
        attempt=max((attempt for attempt, _ in replies), default=0) + 1,
        arrived=any(head.get("arrived") for _, head in replies),
    )


def _lock(message_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCKS, str(message_id)])
        (taken,) = cursor.fetchone()
    return bool(taken)


def _settle(message: Message, outcome: Outcome) -> None:
    match outcome:
        case Delivered(status, headers, body):
            _write(message, Final.DELIVERED, status, head=_head(headers, arrived=True), body=body)
        case Refused(status, error, headers, body):
            head = _head(headers, arrived=message.arrived)
            _write(message, Final.REFUSED, status, error=error, head=head, body=body)
        case Failed(error, arrived, status, wait):
            delay = max(_delay(message.attempt), timedelta(seconds=wait))
            arrived = message.arrived or arrived
            retry_at = clock.now() + delay
            if retry_at >= message.expires_at or (message.is_for_once and arrived):
                final = Final.UNKNOWN if arrived else Final.VOID
                _write(message, final, status, error=error, head=_head({}, arrived=arrived))
            else:
                Reply.objects.create(
                    outbox_id=message.id,
                    attempt=message.attempt,
                    outcome=Final.RETRY,
                    status=status,
                    head=_head({}, arrived=arrived),
                    error=error[:300],
                    retry_at=retry_at,
                )


def _write(
    message: Message,
    outcome: Reply.Outcome,
    status: int | None = None,
    *,
    head: dict[str, Any],
    body: bytes = b"",
    error: str = "",
) -> None:
    Reply.objects.create(
        outbox_id=message.id,
        attempt=message.attempt,
        outcome=outcome,
        status=status,
        head=head,
        body=body,
        error=error[:300],
    )
    ReleaseEvent.objects.create(batch=message.batch, status=STATUS[outcome])


def _head(headers: Mapping[str, str], *, arrived: bool) -> dict[str, Any]:
    return {"arrived": arrived, "headers": dict(headers)}


def _delay(attempt: int) -> timedelta:
    """One second after the first attempt, then twice as long each time."""
    return min(timedelta(seconds=2 ** min(attempt - 1, 20)), LONGEST_DELAY)
