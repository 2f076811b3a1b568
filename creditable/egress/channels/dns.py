"""Questions to the DNS: the texts that stand under some names, as one JSON object."""

import json

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype

from creditable.egress.destinations import Resolver
from creditable.egress.outbox import Message
from creditable.egress.outcome import Delivered, Failed, Outcome, Unsendable

TIMEOUT = 5.0
ANSWERED = frozenset({dns.rcode.NOERROR, dns.rcode.NXDOMAIN})


class Unanswered(Exception):
    """The server could not say whether there is such a text."""


class Dns:
    def __init__(self, destination: Resolver) -> None:
        self._resolver = destination

    def carry(self, message: Message) -> Outcome:
        names = message.head.get("names")
        if not isinstance(names, list):
            raise Unsendable("there are no names to look up")
        try:
            found = {name: self._text(_absolute(name)) for name in names}
        except (dns.exception.DNSException, OSError, Unanswered) as error:
            return Failed(f"{type(error).__name__}: {error}"[:200], arrived=False)
        known = {name: text for name, text in found.items() if text}
        return Delivered(200, body=json.dumps(known).encode())

    def close(self) -> None:
        """Nothing is kept open."""

    def _text(self, name: dns.name.Name) -> str:
        query = dns.message.make_query(name, dns.rdatatype.TXT)
        where = self._resolver
        answer, _by_tcp = dns.query.udp_with_fallback(
            query, where.host, timeout=TIMEOUT, port=where.port
        )
        if answer.rcode() not in ANSWERED:
            raise Unanswered(dns.rcode.to_text(answer.rcode()))
        for group in answer.answer:
            if group.rdtype == dns.rdatatype.TXT:
                return b"".join(group[0].strings).decode(errors="replace")
        return ""


def _absolute(name: object) -> dns.name.Name:
    try:
        return dns.name.from_text(str(name))
    except dns.exception.DNSException as error:
        raise Unsendable(f"{name} is no name of the DNS") from error
