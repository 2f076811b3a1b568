"""The Demo State Board's roster (canonical JSON) and its answers; see the board's README.md."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Literal

from creditable.credit.pack import Layout
from creditable.credit.roster import Decision, LineVerdict, Receipt, Roster, Unreadable
from creditable.lib.text import printable

MEDIA_TYPE = "application/json"
FRESH_SECONDS = 300
VERDICTS: dict[str, Literal["accepted", "rejected", "pending"]] = {
    "accepted": "accepted",
    "rejected": "rejected",
    "pending": "pending",
}


def filename(roster: Roster, layout: Layout) -> str:
    return f"{roster.roster_id}.json"


def write(roster: Roster, layout: Layout) -> bytes:
    """The roster as the board reads it: keys in a fixed order, no spaces, UTF-8, so that the
    same roster is the same bytes."""
    return json.dumps(
        {
            "provider_number": roster.provider_number,
            "roster_id": roster.roster_id,
            "lines": [
                {
                    "line_id": line.line_id,
                    "course_number": line.course_number,
                    "completion_date": line.completed_on.isoformat(),
                    "minutes": line.minutes,
                    "license_type": line.license_type,
                    "license_number": line.license_number,
                    "name": line.holder_name,
                }
                for line in roster.participants
            ],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def read_receipt(body: bytes) -> Receipt:
    """The board's receipt for a roster."""
    content = _object(body)
    receipt_id, received = _text(content, "receipt_id"), content.get("received")
    if type(received) is not int:
        raise Unreadable("a receipt has receipt_id and received")
    return Receipt(receipt_id, received)


def read_decision(body: bytes) -> Decision:
    """The board's verdicts, from its notice or from its page of the receipt."""
    content = _object(body)
    lines = content.get("lines")
    if not isinstance(lines, list):
        raise Unreadable("a decision has lines")
    return Decision(
        receipt_id=_text(content, "receipt_id"),
        roster_id=_text(content, "roster_id"),
        lines=tuple(_line(line) for line in lines),
    )


def read_errors(body: bytes) -> str:
    """What the board found wrong with a roster that it did not take, in its own words."""
    try:
        errors = _object(body).get("errors")
    except Unreadable:
        return ""
    if not isinstance(errors, list):
        return ""
    words = [_shown(error.get("message")) for error in errors if isinstance(error, dict)]
    return " ".join(word for word in words if word)


def is_signed(headers: Mapping[str, str], body: bytes, *, secret: bytes, now: float) -> bool:
    """Whether the notice was signed with our shared secret within the last five minutes.
    `now` is the time outside, in seconds; header names in lower case."""
    timestamp = headers.get("demo-board-timestamp", "")
    version, _, given = headers.get("demo-board-signature", "").partition("=")
    if version != "v1" or not (timestamp.isascii() and timestamp.isdigit()):
        return False
    if len(timestamp) > 12 or abs(now - int(timestamp)) > FRESH_SECONDS:
        return False
    expected = hmac.new(secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.encode())


def _line(line: object) -> LineVerdict:
    if not isinstance(line, dict):
        raise Unreadable("each line is an object")
    verdict = VERDICTS.get(str(line.get("verdict")))
    if verdict is None:
        raise Unreadable(f"{line.get('verdict')!r} is not a verdict")
    return LineVerdict(
        line_id=_text(line, "line_id"),
        verdict=verdict,
        confirmation=_shown(line.get("confirmation"))[:80],
        code=_shown(line.get("code"))[:40],
        message=_shown(line.get("message"))[:300],
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error
    if not isinstance(content, dict):
        raise Unreadable("not a JSON object")
    return content


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 80 or not value.isprintable():
        raise Unreadable(f"{name} is missing, too long or not printable")
    return value


def _shown(value: object) -> str:
    """What may be kept and shown of a text from outside."""
    return "" if value is None else printable(str(value))
