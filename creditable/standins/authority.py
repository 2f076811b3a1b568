"""A stand-in for a licensing authority with a machine channel: the fictional Demo State Board.

Providers send rosters and are given a receipt; the verdict on each line is read back at the
receipt and is also sent to the provider's hook, signed with HMAC-SHA256 over
`timestamp.body`. `python -m creditable.standins.authority --port 8022 --state DIR --hook-url URL`
"""

import base64
import fnmatch
import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from creditable.standins import http, process
from creditable.standins.faults import Kind
from creditable.standins.http import Answer, Dropped, Request, Standin, as_json, see_other
from creditable.standins.notices import Notices
from creditable.standins.pages import (
    Html,
    fault_forms,
    joined,
    moment,
    page,
    recorded_requests,
    sent_notices,
    state,
    table,
    tag,
)
from creditable.standins.records import Document, Records

NAME = "Stand-in for a licensing authority."
NOTE = "The Demo State Board does not exist; nothing here counts for a license."
REGISTER = Path(__file__).with_name("authority_register.yaml")
MAX_LINES = 500
SEEN_FIRST = {"residential"}
"""The types of license whose holders must have shown who they are."""
TEXTS = ("line_id", "course_number", "completion_date", "license_type", "license_number", "name")

FAULTS = {
    "roster.late": Kind("Rosters are decided late", seconds=True),
    "roster.reject": Kind("The next roster is held for review: each line is rejected"),
    "roster.500": Kind("The next roster is taken, and answered with a 500"),
    "roster.drop": Kind("The next roster is taken, and the connection dropped"),
    "roster.lost": Kind("The next roster is not taken, and the connection dropped"),
    "document.refuse": Kind("The next identity document is not taken"),
    "verdict.twice": Kind("The next verdict is sent twice"),
    "verdict.lost": Kind("The next verdict is never sent"),
}


@dataclass(frozen=True, slots=True)
class Register:
    """What the board knows of providers, courses and licenses."""

    providers: tuple[str, ...]
    courses: tuple[str, ...]
    licenses: dict[tuple[str, str], str]

    @classmethod
    def read(cls, path: Path) -> "Register":
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(
            providers=tuple(content["providers"]),
            courses=tuple(content["courses"]),
            licenses={
                (entry["license_type"], entry["number"]): entry["name"]
                for entry in content["licenses"]
            },
        )

    def knows(self, license_type: str, number: str) -> bool:
        return (license_type, number) in self.licenses or not number.endswith("0")

    def name(self, license_type: str, number: str) -> str | None:
        return self.licenses.get((license_type, number))

    def approves(self, course_number: str) -> bool:
        return any(fnmatch.fnmatchcase(course_number, pattern) for pattern in self.courses)

    def accredits(self, provider_number: str) -> bool:
        return any(fnmatch.fnmatchcase(provider_number, pattern) for pattern in self.providers)


class Board:
    """Takes rosters, decides line by line, tells the provider."""

    def __init__(
        self,
        standin: Standin,
        *,
        register: Register,
        notices: Notices,
        key: str,
    ) -> None:
        self._standin = standin
        self._records: Records = standin.records
        self._faults = standin.faults
        self._clock = standin.clock
        self._register = register
        self._notices = notices
        self._key = key
        standin.route("POST", "/v1/rosters", self._guarded(self._take))
        standin.route("GET", "/v1/rosters/{id}", self._guarded(self._show))
        standin.route("PUT", "/v1/identity-documents/{id}", self._guarded(self._identify))
        standin.route("GET", "/v1/licenses/{type}/{number}", self._guarded(self._license))
        standin.route("GET", "/", lambda _: see_other("/standin/"))
        standin.route("GET", "/standin/", self._page)

    def _guarded(self, handler: http.Handler) -> http.Handler:
        def guarded(request: Request) -> Answer:
            scheme, _, key = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(
                key.encode(), self._key.encode()
            ):
                return _errors(401, ("", "not_authorized", "Send your key as a bearer token."))
            return handler(request)

        return guarded

    def _take(self, request: Request) -> Answer:
        if self._faults.strike("roster.lost"):
            raise Dropped
        key = request.headers.get("idempotency-key", "")
        if not key or len(key) > 200:
            return _errors(400, ("", "idempotency_key", "Send an Idempotency-Key of your own."))
        digest = hashlib.sha256(request.body).hexdigest()
        with self._records.transaction():
            earlier = self._records.get("answered", key)
            if earlier is not None and earlier["digest"] != digest:
                message = "This Idempotency-Key belongs to another roster."
                return _errors(409, ("", "idempotency_conflict", message))
            if earlier is not None:
                return as_json(earlier["answer"], status=202)
            roster = request.json()
            wrong = _wrong(roster)
            if wrong:
                return _errors(422, *wrong)
            answer = self._keep(roster)
            self._records.put("answered", key, {"digest": digest, "answer": answer})
        if self._faults.strike("roster.500"):
            return _errors(500, ("", "internal", "The board's system failed."))
        if self._faults.strike("roster.drop"):
            raise Dropped
        return as_json(answer, status=202)

    def _keep(self, roster: dict[str, Any]) -> Document:
        now = self._clock()
        late = self._faults.strike("roster.late")
        wait = late.seconds if late else 0.0
        held = self._faults.strike("roster.reject") is not None
        receipt_id = f"DSB-R-{uuid.uuid4().hex[:12].upper()}"
        kept = {
            "receipt_id": receipt_id,
            "roster_id": roster["roster_id"],
            "provider_number": roster["provider_number"],
            "received_at": now,
            "decided_at": now + wait,
            "reported": roster["lines"],
            "lines": [self._judge(roster, line, held=held) for line in roster["lines"]],
        }
        self._records.put("roster", receipt_id, kept)
        self._tell(kept, wait)
        return {"receipt_id": receipt_id, "received": len(roster["lines"])}

    def _judge(self, roster: dict[str, Any], line: dict[str, Any], *, held: bool) -> Document:
        code, message = self._objection(roster, line, held=held)
        confirmation = ""
        if not code:
            accepted = f"{line['license_type']} {line['license_number']} {line['course_number']} "
            confirmation = f"DSB-{date.today().year}-{self._records.count('accepted') + 1:06d}"
            self._records.put(
                "accepted", accepted + line["completion_date"], {"confirmation": confirmation}
            )
        return {
            "line_id": line["line_id"],
            "verdict": "rejected" if code else "accepted",
            "confirmation": confirmation,
            "code": code,
            "message": message,
        }

    def _objection(
        self, roster: dict[str, Any], line: dict[str, Any], *, held: bool
    ) -> tuple[str, str]:
        """The first reason to reject the line; empty when there is none."""
        license_type, number = line["license_type"], line["license_number"]
        on_file = self._register.name(license_type, number)
        taken = f"{license_type} {number} {line['course_number']} {line['completion_date']}"
        if held:
            return "held_for_review", "The board took this roster out for review. Report it again."
        if not self._register.accredits(roster["provider_number"]):
            return "provider_unknown", "No provider has this number."
        if not self._register.approves(line["course_number"]):
            return "course_not_approved", "The board has not approved a course with this number."
        if not self._register.knows(license_type, number):
            return "unknown_license", "No license of this type has this number."
        if license_type in SEEN_FIRST and self._records.get("identified", number) is None:
            message = "Nobody has shown us who the holder of this license is."
            return "identity_document_missing", message
        if on_file is not None and _plain(on_file) != _plain(line["name"]):
            return "name_mismatch", "The name is not the one on the license."
        if self._records.get("accepted", taken) is not None:
            return "duplicate", "This completion was accepted before."
        return "", ""

    def _tell(self, roster: Document, wait: float) -> None:
        if self._faults.strike("verdict.lost"):
            return
        event_id = str(uuid.uuid4())
        event = {"event_id": event_id, "type": "roster.decided", **_shown(roster, decided=True)}
        for _ in range(2 if self._faults.strike("verdict.twice") else 1):
            self._notices.queue(
                name="roster.decided", event_id=event_id, body=json.dumps(event), wait=wait
            )

    def _show(self, request: Request) -> Answer:
        roster = self._records.get("roster", request.parameters["id"])
        if roster is None:
            return _errors(404, ("", "not_found", "No roster has this receipt."))
        return as_json(_shown(roster, decided=roster["decided_at"] <= self._clock()))

    def _identify(self, request: Request) -> Answer:
        """Somebody's identity document. A clerk looks at it; what is kept is that it came."""
        if self._faults.strike("document.refuse"):
            return _errors(422, ("picture", "unreadable", "Nobody can read this picture."))
        shown = request.json()
        texts = ("license_type", "license_number", "name", "media_type", "picture")
        if not isinstance(shown, dict) or not all(isinstance(shown.get(t), str) for t in texts):
            return _errors(422, ("", "missing", f"Send {', '.join(texts)}."))
        try:
            picture = base64.b64decode(shown["picture"], validate=True)
        except ValueError:
            return _errors(422, ("picture", "base64", "Send the picture in base 64."))
        seen = {name: shown[name] for name in ("license_type", "license_number", "name")}
        seen |= {"bytes": len(picture), "received_at": self._clock()}
        self._records.put("identified", shown["license_number"], seen)
        return Answer(204)

    def _license(self, request: Request) -> Answer:
        license_type, number = request.parameters["type"], request.parameters["number"]
        if not self._register.knows(license_type, number):
            return _errors(404, ("", "unknown_license", "No license of this type has this number."))
        name = self._register.name(license_type, number)
        return as_json(
            {"license_type": license_type, "number": number, "name": name, "status": "active"}
        )

    def _page(self, request: Request) -> Answer:
        rosters = self._records.newest("roster", 20)
        return page(
            NAME,
            "Demo State Board: rosters received",
            *(self._roster(roster) for roster in rosters),
            tag("p", "No roster has come yet.", class_="empty") if not rosters else "",
            self._identified(),
            fault_forms(self._standin),
            sent_notices(self._notices.listed()),
            recorded_requests(self._standin),
            note=NOTE,
        )

    def _identified(self) -> Html:
        rows = [
            (
                seen["name"],
                tag("span", seen["license_number"], class_="keep"),
                f"{seen['bytes']} bytes",
                moment(seen["received_at"]),
            )
            for seen in self._records.newest("identified", 20)
        ]
        columns = ("Name", "License", "Picture", "Received (UTC)")
        return table("Identity documents seen", columns, rows) if rows else Html("")

    def _roster(self, roster: Document) -> Html:
        decided = roster["decided_at"] <= self._clock()
        verdicts = _shown(roster, decided=decided)["lines"]
        rows = [
            (
                line["name"],
                joined(
                    (line["license_type"], tag("span", line["license_number"], class_="keep")), " "
                ),
                tag("span", line["course_number"], class_="keep"),
                tag("span", f"{line['completion_date']}, {line['minutes']} min", class_="keep"),
                joined((state(verdict["verdict"]), verdict["message"]), " "),
                tag("span", verdict["confirmation"], class_="keep"),
            )
            for line, verdict in zip(roster["reported"], verdicts, strict=True)
        ]
        columns = ("Name", "License", "Course", "Completed", "Verdict", "Confirmation")
        received = tag(
            "p",
            f"Roster {roster['roster_id']} of provider {roster['provider_number']}, received ",
            moment(roster["received_at"]),
            class_="soft",
        )
        return joined((table(f"Receipt {roster['receipt_id']}", columns, rows), received))


def signature(body: bytes, *, secret: str, clock: Callable[[], float]) -> dict[str, str]:
    """The headers of one transmission of a verdict."""
    timestamp = str(int(clock()))
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Demo-Board-Event-Id": json.loads(body)["event_id"],
        "Demo-Board-Timestamp": timestamp,
        "Demo-Board-Signature": f"v1={digest}",
    }


def _shown(roster: Document, *, decided: bool) -> Document:
    pending = {"verdict": "pending", "confirmation": "", "code": "", "message": ""}
    return {
        "receipt_id": roster["receipt_id"],
        "roster_id": roster["roster_id"],
        "state": "decided" if decided else "pending",
        "received_at": _instant(roster["received_at"]),
        "decided_at": _instant(roster["decided_at"]) if decided else None,
        "lines": [
            line if decided else {"line_id": line["line_id"], **pending} for line in roster["lines"]
        ],
    }


def _wrong(roster: object) -> list[tuple[str, str, str]]:
    """What is wrong with a roster: field, code, message."""
    if not isinstance(roster, dict):
        return [("", "not_an_object", "Send a JSON object.")]
    wrong = [
        (field, "missing", "This is missing.")
        for field in ("provider_number", "roster_id")
        if not isinstance(roster.get(field), str) or not roster[field].strip()
    ]
    lines = roster.get("lines")
    if not isinstance(lines, list) or not 1 <= len(lines) <= MAX_LINES:
        return [*wrong, ("lines", "count", f"Send between 1 and {MAX_LINES} lines.")]
    for number, line in enumerate(lines):
        wrong += _wrong_line(f"lines[{number}]", line)
    ids = [line["line_id"] for line in lines if isinstance(line, dict) and "line_id" in line]
    if not wrong and len(set(ids)) < len(ids):
        wrong.append(("lines", "line_id_repeated", "Each line needs a line_id of its own."))
    return wrong


def _wrong_line(place: str, line: object) -> list[tuple[str, str, str]]:
    if not isinstance(line, dict):
        return [(place, "not_an_object", "Each line is a JSON object.")]
    wrong = [
        (f"{place}.{field}", "missing", "This is missing.")
        for field in TEXTS
        if not isinstance(line.get(field), str) or not line[field].strip()
    ]
    minutes = line.get("minutes")
    if type(minutes) is not int or not 1 <= minutes <= 24 * 60:
        wrong.append((f"{place}.minutes", "minutes", "Send whole minutes, 1 to 1440."))
    try:
        date.fromisoformat(str(line.get("completion_date")))
    except ValueError:
        wrong.append((f"{place}.completion_date", "date", "Send the date as YYYY-MM-DD."))
    return wrong


def _errors(status: int, *wrong: tuple[str, str, str]) -> Answer:
    errors = [{"field": f, "code": code, "message": message} for f, code, message in wrong]
    return as_json({"errors": errors}, status=status)


def _plain(name: str) -> str:
    """A name as the board compares it: letters and digits, case and spacing aside."""
    return " ".join(re.sub(r"[^\w\s]", "", name).casefold().split())


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def main() -> None:
    parser = process.arguments("A stand-in for a licensing authority that takes rosters.")
    parser.add_argument("--key", default="standin-board-key", help="the provider's bearer key")
    parser.add_argument("--hook-url", default="", help="where verdicts are posted")
    parser.add_argument("--hook-secret", default="standin-hook-secret")
    parser.add_argument("--register", type=Path, default=REGISTER, help="YAML")
    parser.add_argument("--retry-delay", type=float, default=1.0, help="seconds, then doubling")
    given = parser.parse_args()
    process.die_with_parent()
    records = Records(process.state_folder(given.state) / "authority.sqlite3")
    standin = Standin(
        "Demo State Board", records, faults=FAULTS, recorded=("/v1/rosters", "/v1/licenses")
    )
    server = http.server(standin, host=given.host, port=given.port)
    notices = Notices(
        records,
        url=given.hook_url,
        sign=lambda body: signature(body, secret=given.hook_secret, clock=time.time),
        clock=standin.clock,
        first_delay=given.retry_delay,
    )
    register = Register.read(given.register)
    Board(standin, register=register, notices=notices, key=given.key)
    notices.start()

    def stop() -> None:
        notices.stop()
        records.close()

    process.serve("authority", server, stop=stop)


if __name__ == "__main__":
    main()
