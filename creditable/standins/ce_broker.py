"""A stand-in for CE Broker's web service: rosters come in a form, receipts mirror them.

It knows a line again and says so, as the real one does, but takes none back: a roster that is
posted stays. `python -m creditable.standins.ce_broker --port 8026 --state DIR`
"""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from creditable.standins import http, process
from creditable.standins.faults import Faults, Kind
from creditable.standins.http import Answer, Dropped, Request, Standin, as_text, see_other
from creditable.standins.pages import fault_forms, page, recorded_requests, table, tag
from creditable.standins.records import Records

NAME = "Stand-in for CE Broker's web service."
NOTE = "It is not CE Broker; nothing here counts for a license."
SERVICE = "/CEBrokerWebService.asmx"
NAMESPACE = "https://webservices.cebroker.com/"

FAULTS = {
    "roster.lost": Kind("The next roster is not taken, and the connection dropped"),
    "roster.drop": Kind("The next roster is taken, and the connection dropped"),
    "roster.queued": Kind("The next roster is taken, and a word answered instead of the receipt"),
    "roster.refused": Kind("The next roster is refused whole"),
    "roster.500": Kind("The next roster is not taken, and answered with a 500"),
}


class Broker:
    """Takes rosters, line by line. A license number that ends in 0 is nobody's."""

    def __init__(
        self, records: Records, faults: Faults, *, key: str, clock: Callable[[], float]
    ) -> None:
        self._records = records
        self._faults = faults
        self._key = key
        self._clock = clock

    def upload(self, document: str) -> str:
        """The answer to a document. Dropped where a fault says that there is none."""
        if self._faults.strike("roster.lost"):
            raise Dropped
        receipt = self._receipt(document)
        if self._faults.strike("roster.drop"):
            raise Dropped
        if self._faults.strike("roster.queued"):
            receipt = "Your message is queued; the receipt comes on the next business day."
        return f'<string xmlns="{NAMESPACE}">{escape(receipt)}</string>'

    def accepted(self) -> list[dict[str, Any]]:
        """The lines that were taken."""
        return self._records.all("accepted")

    def _receipt(self, document: str) -> str:
        try:
            root = ElementTree.fromstring(document)
        except (ElementTree.ParseError, DefusedXmlException, ValueError):
            return _refused("400", "The document is not XML.")
        if not hmac.compare_digest(root.get("upload_key", "").encode(), self._key.encode()):
            return _refused("10", "Invalid upload key")
        if self._faults.strike("roster.refused"):
            return _refused("99", "The service is closed for maintenance.")
        with self._records.transaction():
            rosters = "".join(self._roster(roster) for roster in root.iter("roster"))
        return f'<rosters Message="" ErrorCode="">{rosters}</rosters>'

    def _roster(self, roster: Any) -> str:
        course = roster.findtext("id_course") or roster.findtext("provider_course_code") or ""
        lines = "".join(self._line(course, line) for line in roster.iter("attendee"))
        return f'<roster Message="" ErrorCode=""><attendees>{lines}</attendees></roster>'

    def _line(self, course: str, line: Any) -> str:
        license, day = line.findtext("license") or "", line.findtext("date_completed") or ""
        key = f"{license} {course} {day}"
        code, message = "", ""
        if license.endswith("0") or not license:
            code, message = "80", "Invalid license Number"
        elif self._records.get("accepted", key) is not None:
            code, message = "62", "This completion was reported before."
        else:
            self._records.put("accepted", key, {"license": license, "course": course, "day": day})
        at = datetime.fromtimestamp(self._clock(), UTC).strftime("%m/%d/%Y %I:%M:%S %p")
        said = {"license": license, "ErrorCode": code, "Message": message, "TimeStamp": at}
        return f"<attendee {' '.join(f'{name}={quoteattr(text)}' for name, text in said.items())}/>"


def _refused(code: str, message: str) -> str:
    return f"<rosters Message={quoteattr(message)} ErrorCode={quoteattr(code)}/>"


def _routes(standin: Standin, broker: Broker) -> None:
    def upload(request: Request) -> Answer:
        if standin.faults.strike("roster.500"):
            return as_text("The service failed.\n", status=500)
        return as_text(broker.upload(request.form().get("InXML", "")), content_type="text/xml")

    def shown(request: Request) -> Answer:
        rows = [(line["license"], line["course"], line["day"]) for line in broker.accepted()]
        return page(
            NAME,
            "Completions taken",
            table("Completions taken", ("License", "Course", "Completed"), rows) if rows else "",
            tag("p", "None has come yet.", class_="empty") if not rows else "",
            fault_forms(standin),
            recorded_requests(standin),
            note=NOTE,
        )

    standin.route("POST", f"{SERVICE}/UploadXMLString", upload)
    standin.route("GET", "/", lambda _: see_other("/standin/"))
    standin.route("GET", "/standin/", shown)


def main() -> None:
    parser = process.arguments("A stand-in for CE Broker's web service.")
    parser.add_argument("--key", default="standin-upload-key", help="the provider's upload key")
    given = parser.parse_args()
    process.die_with_parent()
    records = Records(process.state_folder(given.state) / "ce_broker.sqlite3")
    standin = Standin("CE Broker", records, faults=FAULTS)
    broker = Broker(records, standin.faults, key=given.key, clock=standin.clock)
    _routes(standin, broker)
    server = http.server(standin, host=given.host, port=given.port)
    process.serve("ce_broker", server, stop=records.close)


if __name__ == "__main__":
    main()
