"""CE Broker's roster message (its web service's `InXML`) and the receipt that mirrors it.

The document says who sends it: what stands in braces on its root is put in by the sender, so that
no key is in a database, a preview or a log. One document holds one roster, the attendees of one
course on one day. A receipt has a node for each of ours, with an empty Message where it was taken;
CE Broker may answer with a word of its own instead and send the receipt later, which is then
entered by hand.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from creditable.credit.formats._ce_broker import broker_of, course_number, provider_number, us
from creditable.credit.pack import Layout
from creditable.credit.roster import LineVerdict, Participant, Receipt, Roster, Unreadable
from creditable.lib.text import printable

MEDIA_TYPE = "text/xml"
SECRETS = ("id_parent_provider", "upload_key")
"""What the sender puts in."""


def write(roster: Roster, layout: Layout) -> bytes:
    """The document, in the order of elements that CE Broker's clients send."""
    first = roster.participants[0]
    ours, theirs = course_number(first.course_number)
    root = " ".join(f'{name}="{{{name}}}"' for name in SECRETS)
    lines = [
        f"<rosters {root}>",
        "  <roster>",
        _element(4, "id_provider", provider_number(roster.provider_number)),
        _element(4, "provider_course_code", ours),
        _element(4, "id_course", theirs),
        _element(4, "id_publishing", ""),
        _element(4, "end_date", us(first.completed_on)),
        "    <attendees>",
    ]
    for participant in roster.participants:
        lines += _attendee(participant, layout)
    lines += ["    </attendees>", "  </roster>", "</rosters>"]
    return ("\n".join(lines) + "\n").encode()


def filename(roster: Roster, layout: Layout) -> str:
    return f"{roster.roster_id}.xml"


def form(content: bytes) -> bytes:
    """The document as the web service takes it: the one field of a form."""
    return urlencode({"InXML": content.decode()}).encode()


def read_receipt(body: bytes) -> Receipt:
    """The receipt, by the time that it carries."""
    nodes = _nodes(body)
    stamp = next((at for node in nodes if (at := node.get("TimeStamp", ""))), "")
    return Receipt(printable(stamp)[:40], len(nodes))


def read_verdicts(body: bytes, sent: bytes, line_ids: Sequence[str]) -> tuple[LineVerdict, ...]:
    """What the receipt says of the lines of these ids, which stand in it in the order in which they
    were sent."""
    ours, theirs = _nodes(sent), _nodes(body)
    if not len(ours) == len(theirs) == len(line_ids):
        raise Unreadable(f"{len(ours)} attendees were sent and {len(theirs)} came back")
    return tuple(
        _verdict(line_id, _license(one), other)
        for line_id, one, other in zip(line_ids, ours, theirs, strict=True)
    )


def read_errors(body: bytes) -> str:
    """What CE Broker found wrong with the whole, in its own words."""
    try:
        root = _root(body)
    except Unreadable:
        return ""
    words = [printable(node.get("Message", "")) for node in root.iter() if node.tag != "attendee"]
    return " ".join(word for word in words if word)[:300]


def _attendee(participant: Participant, layout: Layout) -> list[str]:
    broker = broker_of(layout)
    return [
        "      <attendee>",
        _element(8, "licensee_profession", broker.professions[participant.license_type]),
        _element(8, "license", participant.license_number),
        _element(8, "first_name", participant.first_name),
        _element(8, "last_name", participant.last_name),
        _element(8, "cebroker_state", broker.state),
        _element(8, "date_completed", us(participant.completed_on)),
        "      </attendee>",
    ]


def _element(indent: int, name: str, text: str) -> str:
    content = escape(printable(text))
    return " " * indent + (f"<{name}>{content}</{name}>" if content else f"<{name}/>")


def _root(body: bytes) -> "ElementTree.Element":
    """The receipt inside the answer: the text of its `string` element is XML once more."""
    try:
        root = ElementTree.fromstring(body)
        if re.sub(r"{.*}", "", root.tag) == "string":
            root = ElementTree.fromstring((root.text or "").strip())
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise Unreadable("not XML") from error
    return root


def _nodes(body: bytes) -> list["ElementTree.Element"]:
    nodes = list(_root(body).iter("attendee"))
    if not nodes:
        raise Unreadable("a receipt has attendees")
    return nodes


def _license(node: "ElementTree.Element") -> str:
    return (node.get("license") or node.findtext("license") or "").strip()


def _verdict(line_id: str, license: str, node: "ElementTree.Element") -> LineVerdict:
    shown = _license(node)
    if shown != license:
        raise Unreadable(f"the receipt has {printable(shown)[:40]!r} where {license!r} was sent")
    code, message = printable(node.get("ErrorCode", "")), printable(node.get("Message", ""))
    if code or message:
        return LineVerdict(line_id, "rejected", code=code[:40], message=(message or code)[:300])
    return LineVerdict(line_id, "accepted", printable(node.get("TimeStamp", ""))[:80])
