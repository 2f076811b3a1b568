"""The sender's connections held against the ledger, both ways: one that no release explains, and a
release that is said to have been answered without one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection

from creditable.audit import clock, trail
from creditable.audit.models import Event
from creditable.disclosure import alarms
from creditable.disclosure.models import Alarm
from creditable.lib.actor import Actor

VERB = "connections.reconcile"
MARGIN = timedelta(minutes=5)
"""What is younger is left to the next look: it may not be committed yet."""


@dataclass
class Findings:
    """What was inspected since the last look, and what does not agree."""

    connections: int = 0
    answers: int = 0
    wrong: list[str] = field(default_factory=list)


def reconcile(*, by: Actor) -> Findings:
    """Looks at everything since the last look, once; what does not agree rings an alarm."""
    last = Event.objects.filter(verb=VERB).order_by("-at").first()
    since = last.detail["until"] if last else "-infinity"
    until = (clock.now() - MARGIN).isoformat()
    found = Findings()
    found.wrong += _strays(found, since, until)
    found.wrong += _silent(found, since, until)
    new = alarms.ring(kind=Alarm.Kind.CONNECTIONS, found=found.wrong)
    trail.record(
        verb=VERB,
        by=by,
        noun="connections",
        noun_id=found.connections,
        detail={
            "until": until,
            "connections": found.connections,
            "answers": found.answers,
            "wrong": len(found.wrong),
            "alarms": new,
        },
    )
    return found


def _strays(found: Findings, since: str, until: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(_CONNECTIONS, [since, until])
        for at, host, port, explained in cursor.fetchall():
            found.connections += 1
            if not explained:
                when = f"{at:%Y-%m-%d %H:%M:%S}"
                yield f"no release explains the connection to {host} port {port} at {when}"


def _silent(found: Findings, since: str, until: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, [since, until])
        for key, destination, connected in cursor.fetchall():
            found.answers += 1
            if not connected:
                yield f"release {key} was answered by {destination}, and nobody connected there"


_CONNECTIONS = """
SELECT line.at, line.host, line.port, line.errand <> '' OR EXISTS (
    SELECT FROM disclosure_outbox AS message
    JOIN disclosure_releaseevent AS event ON event.batch = message.batch AND event.status = 'sent'
    WHERE message.id = line.outbox_id
)
FROM disclosure_connection AS line WHERE line.at > %s AND line.at <= %s
ORDER BY line.at
"""
# A folder is no connection; without a status nobody has answered.
_ANSWERS = """
SELECT message.key, message.destination, EXISTS (
    SELECT FROM disclosure_connection AS line WHERE line.outbox_id = message.id
)
FROM disclosure_reply AS reply JOIN disclosure_outbox AS message ON message.id = reply.outbox_id
WHERE reply.at > %s AND reply.at <= %s AND reply.status IS NOT NULL
    AND reply.outcome IN ('delivered', 'refused') AND message.channel <> 'file_drop'
ORDER BY reply.at
"""
