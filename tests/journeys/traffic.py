"""What left the house, seen from both ends: the lines of the ledger, and what the stand-ins got."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.installation import Running, wait_until

Message = tuple[str, str]
"""The recipient and what names the message for good: its idempotency key, Message-ID or path."""

_LEDGER = """
    SELECT r.recipient, r.template, r.key, r.fields, r.subject_id, r.batch,
        (SELECT count(*) FROM disclosure_reply p JOIN disclosure_outbox o ON o.id = p.outbox_id
         WHERE o.batch = r.batch) AS attempts
    FROM disclosure_release r WHERE r.channel IN ('https', 'smtp')
"""

_PROCESSORS = """
    SELECT id::text, provider_ref FROM store_payment
    UNION ALL SELECT id::text, refund_ref FROM store_refund
"""


@dataclass(frozen=True)
class Received:
    """A message as its recipient got it: which one it is, and all that it says."""

    message: Message
    content: str


def received(running: Running) -> list[Received]:
    """Everything with personal data that has reached a stand-in, in no order. What holds none
    (a token, a certificate, a question about a receipt) is not in the ledger."""
    return [
        *(_paypal(entry) for entry in running.recorded("paypal") if _is_order(entry)),
        *(
            _authority(entry)
            for entry in running.recorded("authority")
            if entry["method"] == "POST"
        ),
        *(_mail(mail, running) for mail in running.mails()),
    ]


def released(running: Running) -> list[tuple[Message, dict[str, Any]]]:
    """The lines of the ledger that left by wire, each with the message that carried it."""
    theirs = {row["id"]: row["provider_ref"] for row in running.rows(_PROCESSORS)}
    return [(_named(line, theirs), line) for line in running.rows(_LEDGER)]


Line = tuple[Message, dict[str, Any]]


def both_ends(running: Running) -> tuple[list[Line], list[Received]]:
    """Lines and messages, once nothing is on its way between them: each message has its line, and
    each line that was sent its message."""

    def agree() -> tuple[list[Line], list[Received]] | None:
        messages, lines = received(running), released(running)
        sent = {message for message, line in lines if line["attempts"]}
        return (lines, messages) if {entry.message for entry in messages} == sent else None

    return wait_until(agree, "a line for each message, and a message for each line")


def counted(messages: Iterable[Message]) -> Counter[Message]:
    return Counter(messages)


def _is_order(entry: Mapping[str, Any]) -> bool:
    return str(entry["path"]).startswith("/v2/")


def _paypal(entry: Mapping[str, Any]) -> Received:
    name = entry["headers"].get("paypal-request-id") or entry["path"].rsplit("/", 1)[1]
    return Received(("payment.paypal", name), entry["path"] + entry["body"])


def _authority(entry: Mapping[str, Any]) -> Received:
    number = json.loads(entry["body"])["roster_id"]
    return Received(("authority.demo-state-board", number), entry["body"])


def _mail(mail: Mapping[str, Any], running: Running) -> Received:
    content = "\n".join(
        [*mail["to"], mail["subject"], mail["text"], mail["html"], running.source(mail)]
    )
    return Received(("self", mail["message_id"].strip("<>").split("@")[0]), content)


def _named(line: Mapping[str, Any], theirs: Mapping[str, str]) -> Message:
    recipient, key = str(line["recipient"]), str(line["key"])
    if recipient == "self":
        return recipient, hashlib.sha256(key.encode()).hexdigest()[:32]
    if line["template"] in ("paypal.status", "paypal.refund_status"):
        return recipient, theirs[key.split(":")[1]]
    if line["template"] == "paypal.refund":
        return recipient, f"refund:{key.split(':')[1]}"
    if recipient == "payment.paypal":
        return recipient, key
    return recipient, key.split(":")[1]
